"""How often the chosen models are refitted to show what they are worth.

As often as the configuration says, or less often where that would cost more than it allows beside
search and final fits. A refit is taken to need as long as the chosen trial of its model did, and
a job to start as slowly as those of search and final fits.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.statistics.metrics import LOWER_IS_BETTER

SHUFFLES, CURVE, BATCHES = "shuffles", "learning_curve", "left_out_batches"
"""Controls that are repeated: permutations, seeds of the curve, batches left out."""
REPEATED = {
    SHUFFLES: "permutations of the labels",
    CURVE: "seeds of the learning curve",
    BATCHES: "batches left out",
}
FITS_A_BATCH = 2
"""One without the batch, and one on the random split that it is set against."""
FIXED_TIME = 0.3
"""Share of a fit's time that is taken to stay however few examples it gets.

That of gradient boosting on 13,000 genes; where a fit's time grows with the examples, controls
cost less than expected.
"""
RESERVE = 0.2
"""Share of the budget that is kept: for checks and probes, and as trials only tell about how long
a refit takes while other jobs run.
"""
COLUMNS = ["model", "control", "configured", "repeats", "seconds"]
"""Of the plan: repeats asked for, repeats planned, seconds that one is expected to take."""


@dataclass(frozen=True)
class Wanted:
    """What the configuration asks of the controls, and what the data have for them.

    Attributes
    ----------
    controls, curve : `controls` and `learning_curve` of the configuration
    named : models that have a learning curve whatever it costs; None for the chosen ones
    batches : batches of the development data that can be left out; None if none are declared
    rungs : training examples of each rung of the leakage ladder, as a share of train
    """

    controls: Mapping
    curve: Mapping
    named: Sequence[str] | None
    batches: int | None
    rungs: Sequence[float]

    def repeats_of_chosen(self) -> dict[str, tuple[int, float]]:
        """Repeats of the controls of chosen models, and whole fits that one repeat takes.

        Where no batch can be left out, one repeat without a fit says so.
        """
        if self.batches is None:
            return {SHUFFLES: (self.controls["shuffles"], 1)}
        left_out = min(self.controls["left_out_batches"], max(self.batches, 1))
        return {
            SHUFFLES: (self.controls["shuffles"], 2),  # among all labels, and within each batch
            BATCHES: (left_out, FITS_A_BATCH if self.batches else 0),
        }

    def repeats_of_curve(self, final_fits: int) -> dict[str, tuple[int, float]]:
        """The same of a learning curve, whose first fits on all of train are the final ones."""
        seeds, shares = self.curve["seeds"], self.curve["shares"]
        beyond = max(0, seeds - final_fits) / seeds if 1 in shares else 0
        return {CURVE: (seeds, _whole_fits([one for one in shares if one < 1]) + beyond)}


def plan_controls(
    trials: pd.DataFrame, jobs: pd.DataFrame, frozen: Mapping, wanted: Wanted
) -> dict:
    """Lower the repeats of the controls as long as they are expected to cost more than allowed.

    One repeat at a time is taken from what costs most in all; one always stays. The ladder and the
    second fit under one seed are not repeated, and stay as they are.

    Parameters
    ----------
    trials : the trials of all models: model, score (missing where a trial failed), seconds
    jobs : those of search and final fits: wildcard (the model), s (seconds); of a job that was
        interrupted only the last part is known
    frozen : content of `frozen.json`

    Returns
    -------
    The content of `plan.json`: budget, seconds (of search and final fits), expected (seconds of
    the controls), controls (rows of `COLUMNS`) and sentence.
    """
    budget = wanted.controls["budget"]
    each = _seconds_of_a_fit(trials, frozen["objective"])
    spent, start = _spent(trials, jobs, frozen, each)
    chosen = [frozen["chosen"][kind] for kind in ("network", "baseline")]
    chosen = [name for name in chosen if name]
    table = pd.DataFrame(_repeated(chosen, frozen, each, wanted), columns=COLUMNS)
    once = _made_once(chosen or [frozen["chosen"]["nuisance"]], each, wanted)
    fixed = sum(once) + start * (len(once) + len(table))
    may_fall = table["seconds"] > 0
    if wanted.named is not None:
        may_fall &= table["control"] != CURVE

    def expected() -> float:
        return fixed + float((table["repeats"] * table["seconds"]).sum())

    allowed = math.inf if budget is None else (1 - RESERVE) * budget * spent
    while expected() > allowed:
        costs = (table["repeats"] * table["seconds"])[may_fall & (table["repeats"] > 1)]
        if costs.empty:
            break
        table.loc[costs.idxmax(), "repeats"] -= 1
    return {
        "budget": budget,
        "seconds": spent,
        "expected": expected(),
        "controls": table.to_dict("records"),
        "sentence": _sentence(table, budget),
    }


def _seconds_of_a_fit(trials: pd.DataFrame, objective: str) -> dict[str, float]:
    """Seconds of each model's best trial, the first of equals."""
    is_lower_better = objective in LOWER_IS_BETTER
    best = trials.sort_values("score", ascending=is_lower_better, kind="stable")
    return best.drop_duplicates("model").set_index("model")["seconds"].to_dict()


def _spent(
    trials: pd.DataFrame, jobs: pd.DataFrame, frozen: Mapping, each: Mapping
) -> tuple[float, float]:
    """Seconds of search and final fits, and how many of them a job takes to start."""
    final = {name: each[name] * len(model["seeds"]) for name, model in frozen["models"].items()}
    fits = trials.groupby("model")["seconds"].sum() + pd.Series(final)
    took = jobs.groupby("wildcard")["s"].sum().reindex(fits.index, fill_value=0.0)
    spent = float(np.maximum(fits, took).sum())
    return spent, (spent - float(fits.sum())) / max(len(jobs), 1)


def _repeated(chosen: Sequence[str], frozen: Mapping, each: Mapping, wanted: Wanted) -> list[list]:
    """A row of `COLUMNS` for every repeated control of every model that has it."""
    curved = chosen if wanted.named is None else wanted.named
    rows = []
    for model in dict.fromkeys([*chosen, *curved]):
        controls = wanted.repeats_of_chosen() if model in chosen else {}
        if model in curved:
            controls |= wanted.repeats_of_curve(len(frozen["models"][model]["seeds"]))
        rows += [
            [model, control, repeats, repeats, each[model] * fits]
            for control, (repeats, fits) in controls.items()
            if repeats
        ]
    return rows


def _made_once(models: Sequence[str], each: Mapping, wanted: Wanted) -> list[float]:
    """Seconds of each model's ladder, and of the second fit of the first one."""
    ladders = [each[model] * _whole_fits(wanted.rungs) for model in models if wanted.rungs]
    return ladders + [each[models[0]]] * wanted.controls["determinism"]


def _whole_fits(shares: Sequence[float]) -> float:
    """Fits on all of train that take as long as one fit on each of these shares of it."""
    return sum(FIXED_TIME + (1 - FIXED_TIME) * share for share in shares)


def _sentence(table: pd.DataFrame, budget: float | None) -> str:
    """What was planned, and what was lowered for it."""
    if budget is None:
        return "All controls were repeated as often as configured, whatever they cost."
    lowered = table[table["repeats"] < table["configured"]]
    if lowered.empty:
        return "All controls were repeated as often as configured."
    said = lowered.apply(
        lambda one: f"{one.repeats} of {one.configured} {REPEATED[one.control]}", axis="columns"
    )
    by_model = said.groupby(lowered["model"], sort=False).agg(", ".join)
    changes = "; ".join(f"`{model}`: {each}" for model, each in by_model.items())
    times = "" if budget == 1 else f"{budget:g} times as much as "
    return (
        "Controls were repeated less often than configured, as by the time of the trials they "
        f"would have cost more than {times}search and final fits (`controls: budget`). {changes}."
    )
