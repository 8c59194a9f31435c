"""How often the chosen models are refitted to show what they are worth.

As often as the configuration says, or less often where that would cost more than it allows beside
search and final fits. A refit is taken to need as long as the chosen trial of its model did, or as
its final fits where those took longer, and the job of a model to start as slowly as those of search
and final fits.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pandas as pd

from deeprules.control import Terms
from deeprules.data import Development
from deeprules.statistics.metrics import LOWER_IS_BETTER

RESERVE = 0.2
"""Share of the budget that is kept: for checks, and as trials only tell about how long a refit
takes while other jobs run.
"""
JOB_SECONDS = 60.0
"""What a job should take: one more starts and traces its network anew, which takes some seconds."""
COLUMNS = ["model", "control", "repeated", "configured", "repeats", "seconds", "may_fall"]
"""Of the plan: what is repeated in words (empty for what is made once), repeats asked for, repeats
planned, seconds that one is expected to take, and whether it may be repeated less often.
"""


@dataclass(frozen=True)
class Wanted:
    """A control that the configuration asks for.

    Attributes
    ----------
    terms : those of its cost
    also : models that it is made for beside those that it takes by itself
    """

    module: ModuleType
    terms: Terms
    also: Sequence[str] = ()


def plan_controls(
    trials: pd.DataFrame,
    jobs: pd.DataFrame,
    frozen: Mapping,
    development: Development,
    controls: Mapping[str, Wanted],
    budget: float | None,
) -> dict:
    """Lower the repeats of the controls as long as they are expected to cost more than allowed.

    One repeat at a time is taken from what costs most in all; one always stays. What is made once
    stays as it is.

    Parameters
    ----------
    trials : the trials of all models: model, score (missing where a trial failed), seconds
    jobs : those of search and final fits: model, part (see `deeprules.costs.PARTS`), seconds
    frozen : content of `frozen.json`
    controls : what the configuration asks for, by name
    budget : what all controls may cost, as a multiple of search and final fits; None for any cost

    Returns
    -------
    The content of `plan.json`: budget, seconds (of search and final fits), expected (seconds of
    the controls), controls (rows of `COLUMNS`, with the number of the job that makes it, `job`),
    sentence, chosen (model of each kind).
    """
    each = _seconds_of_a_fit(trials, jobs, frozen)
    spent, start = _spent(trials, jobs, frozen, each)
    rows = [
        row
        for name, wanted in controls.items()
        for row in _rows(name, wanted, frozen["chosen"], development, each)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)

    def expected() -> float:
        n_jobs = len(table.assign(job=_jobs(table))[["model", "job"]].drop_duplicates())
        return start * n_jobs + float((table["repeats"] * table["seconds"]).sum())

    allowed = math.inf if budget is None else (1 - RESERVE) * budget * spent
    while expected() > allowed:
        falling = table[table["may_fall"] & (table["repeats"] > 1)]
        if falling.empty:
            break
        table.loc[(falling["repeats"] * falling["seconds"]).idxmax(), "repeats"] -= 1
    return {
        "budget": budget,
        "seconds": spent,
        "expected": expected(),
        "controls": table.assign(job=_jobs(table)).to_dict("records"),
        "sentence": _sentence(table, budget),
        "chosen": frozen["chosen"],
    }


def _rows(name, wanted: Wanted, chosen: Mapping, development: Development, each) -> list[list]:
    """A row of `COLUMNS` for every model that a control is made for."""
    module, cost = wanted.module, wanted.module.cost(development, wanted.terms)
    settings = wanted.terms.settings
    named = settings.get("models") if isinstance(settings, Mapping) else None
    models = named or list(dict.fromkeys([*_models(module, chosen), *wanted.also]))
    may_fall = bool(module.REPEATED and cost.fits and not named)
    return [
        [
            model,
            name,
            module.REPEATED,
            cost.repeats,
            cost.repeats,
            each[model] * cost.fits,
            may_fall,
        ]
        for model in models
    ]


def _jobs(table: pd.DataFrame) -> pd.Series:
    """The job of each control, from 1 on for each model; the longest is dealt first.

    A model has as many jobs as `JOB_SECONDS` go into its controls, so that free cores, or machines,
    share what takes long.
    """
    seconds, jobs = table["repeats"] * table["seconds"], pd.Series(1, table.index)
    for _, ours in seconds.groupby(table["model"]):
        loads = np.zeros(max(1, min(len(ours), int(ours.sum() / JOB_SECONDS))))
        for row, one in ours.sort_values(ascending=False, kind="stable").items():
            jobs[row] = loads.argmin() + 1
            loads[jobs[row] - 1] += one
    return jobs


def _models(module: ModuleType, chosen: Mapping) -> list[str]:
    """The models that a control is made for, unless the configuration names them.

    Without a network and a baseline the best nuisance model stands for them.
    """
    if "network" in module.NEEDS:
        return [chosen["network"]]
    models = [chosen[kind] for kind in ("network", "baseline") if chosen[kind]]
    return (models or [chosen["nuisance"]])[: getattr(module, "MODELS", None)]


def _seconds_of_a_fit(
    trials: pd.DataFrame, jobs: pd.DataFrame, frozen: Mapping
) -> dict[str, float]:
    """Seconds of each model's best trial, the first of equals, or of a final fit if that is longer.

    Only final fits calibrate the scores of an estimator. Of their jobs, what the shortest took is
    start; that of a network starts more slowly, and is not looked at.
    """
    is_lower_better = frozen["objective"] in LOWER_IS_BETTER
    best = trials.sort_values("score", ascending=is_lower_better, kind="stable")
    each = best.drop_duplicates("model").set_index("model")["seconds"].to_dict()
    final = jobs[jobs["part"] == "final fits"].groupby("model")["seconds"].sum()
    for name, seconds in final.items():
        if name in each and frozen["models"][name]["kind"] != "network":
            of_one = (seconds - final.min()) / len(frozen["models"][name]["seeds"])
            each[name] = max(each[name], of_one)
    return each


def _spent(
    trials: pd.DataFrame, jobs: pd.DataFrame, frozen: Mapping, each: Mapping
) -> tuple[float, float]:
    """Seconds of search and final fits, and how many of them a job takes to start."""
    final = {name: each[name] * len(model["seeds"]) for name, model in frozen["models"].items()}
    fits = trials.groupby("model")["seconds"].sum() + pd.Series(final)
    took = jobs.groupby("model")["seconds"].sum().reindex(fits.index, fill_value=0.0)
    spent = float(np.maximum(fits, took).sum())
    return spent, (spent - float(fits.sum())) / max(len(jobs), 1)


def _sentence(table: pd.DataFrame, budget: float | None) -> str:
    """What was planned, and what was lowered for it."""
    if budget is None:
        return "All controls were repeated as often as configured, whatever they cost."
    lowered = table[table["repeats"] < table["configured"]]
    if lowered.empty:
        return "All controls were repeated as often as configured."
    said = lowered.apply(
        lambda one: f"{one.repeats} of {one.configured} {one.repeated}", axis="columns"
    )
    by_model = said.groupby(lowered["model"], sort=False).agg(", ".join)
    changes = "; ".join(f"`{model}`: {each}" for model, each in by_model.items())
    times = "" if budget == 1 else f"{budget:g} times as much as "
    return (
        "Controls were repeated less often than configured, as by the time of the trials they "
        f"would have cost more than {times}search and final fits (`controls: budget`). {changes}."
    )
