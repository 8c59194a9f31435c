"""Whether models were searched and trained as far as a verdict about them needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from deeprules.cautions import Caution
from deeprules.files import read_table
from deeprules.yaml_files import read_yaml

MIN_TRIALS = 10
"""Trials of a model below which another choice of hyperparameters may turn the verdict."""


def read_effort(inputs: Mapping, tuning: Mapping) -> list[Caution]:
    """`effort_cautions` of the files `trials`, `settings` and `histories` (lists) of a run."""
    return effort_cautions(
        read_table(inputs["trials"]),
        tuning,
        [read_yaml(path) for path in inputs["settings"]],
        [read_table(path) for path in inputs["histories"]],
    )


def effort_cautions(
    trials: pd.DataFrame,
    tuning: Mapping,
    settings: Sequence[Mapping],
    histories: Sequence[pd.DataFrame],
) -> list[Caution]:
    """What searches and fits leave open.

    Parameters
    ----------
    trials : rows of `tune/trials.tsv`
    tuning : `tuning` of the configuration: `strategy` and `trials`
    settings, histories : settings and losses by epoch of every final fit, in one order
    """
    wanted = None if tuning["strategy"] == "hyperband" else tuning["trials"]
    return [*few_trials(trials, wanted), *still_training(settings, histories)]


def few_trials(trials: pd.DataFrame, wanted: int | None) -> list[Caution]:
    """Networks and baselines with few trials, unless there is less to try."""
    budget = trial_budget(trials, wanted)
    counts = trials[trials["kind"] != "nuisance"].groupby("model", sort=False).size()
    exhausted = counts.index.isin(set(budget.short) - set(budget.cut))
    few = counts[(counts < MIN_TRIALS) & ~exhausted]
    if few.empty:
        return []
    each = ", ".join(f"`{model}` ({n})" for model, n in few.items())
    sentence = (
        f"Fewer than {MIN_TRIALS} trials: {each}. Other hyperparameters may turn the verdict; "
        "give `tuning: trials` more."
    )
    return [Caution("Few trials", sentence, 6)]


def still_training(settings: Sequence[Mapping], histories: Sequence[pd.DataFrame]) -> list[Caution]:
    """Networks whose training was ended by the limit of epochs, not by the loss on tune."""
    fits = [
        (one["model"], history["epoch"].max() >= one["settings"]["max_epochs"])
        for one, history in zip(settings, histories, strict=True)
        if len(history) and not one["settings"].get("privacy")  # that takes all epochs
    ]
    table = pd.DataFrame(fits, columns=["model", "cut"]).groupby("model", sort=False)["cut"]
    each = [
        f"`{model}` was still training in {int(cut.sum())} of {len(cut)} fits when `max_epochs` "
        "ended"
        for model, cut in table
        if cut.any()
    ]
    if not each:
        return []
    sentence = f"{'; '.join(each)}. Its scores are those of an unfinished model; raise the limit."
    return [Caution("Training was cut short", sentence, 3)]


@dataclass(frozen=True)
class TrialBudget:
    """Trials that each model was to have.

    Attributes
    ----------
    wanted : their number
    short : models with fewer
    cut : those of them that had more to try
    """

    wanted: int
    short: list[str]
    cut: list[str]


def trial_budget(trials: pd.DataFrame, wanted: int | None) -> TrialBudget:
    """The budget of a table of trials, and who had less.

    A space smaller than the budget ends a search early and is no cut. Hyperband has no budget of
    trials (`wanted` is None); its largest search stands for it.
    """
    counts = trials.groupby("model", sort=False).size()
    wanted = int(counts.max()) if wanted is None else wanted
    short = [model for model, n in counts.items() if n < wanted]
    cut = [model for model in short if _space_seen(trials, model) > wanted]
    return TrialBudget(wanted, short, cut)


def _space_seen(trials: pd.DataFrame, model: str) -> int:
    """Combinations of the hyperparameter values that a model's trials have used."""
    values: dict[str, set] = {}
    for row in trials.loc[trials["model"] == model, "hyperparameters"]:
        for name, value in json.loads(row).items():
            if not name.startswith("tuner/"):
                values.setdefault(name, set()).add(value)
    size = 1
    for seen in values.values():
        size *= len(seen)
    return size
