"""How often the chosen models are refitted to show what they are worth.

As often as the configuration says, or less often where that would cost more than it allows beside
search and final fits. A refit is taken to need as long as the chosen trial of its model did.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from deeprules.metrics import LOWER_IS_BETTER

SHUFFLES, CURVE, BATCHES = "shuffles", "learning_curve", "left_out_batches"
"""Controls that are repeated: permutations, seeds of the curve, batches left out."""
REPEATED = {
    SHUFFLES: "fits on shuffled labels",
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
RESERVE = 0.1
"""Share of the budget that is kept for what refits no model: checks, probes, the start of jobs."""
COLUMNS = ["model", "control", "configured", "repeats", "seconds"]


@dataclass(frozen=True)
class Wanted:
    """What the configuration asks of the controls, and what the data have for them.

    Attributes
    ----------
    controls : `controls` of the configuration
    shares, seeds : of the learning curve; shares of train in 0..1
    named : models that have a learning curve whatever it costs; None for the chosen ones
    batches : batches of the development data; 0 if none are declared
    rungs : training examples of each rung of the leakage ladder, as a share of train
    """

    controls: Mapping
    shares: Sequence[float]
    seeds: int
    named: Sequence[str] | None
    batches: int
    rungs: Sequence[float]

    @property
    def repeated(self) -> dict[str, tuple[int, float]]:
        """Repeats of each control, and whole fits of a model that one repeat takes."""
        ways = 2 if self.batches else 1  # labels permuted among all, and within each batch
        left_out = min(self.controls["left_out_batches"], self.batches)
        return {
            SHUFFLES: (self.controls["shuffles"], ways),
            CURVE: (self.seeds if self.named is None else 0, _whole_fits(self.unfitted)),
            BATCHES: (left_out, FITS_A_BATCH),
        }

    @property
    def unfitted(self) -> list[float]:
        """Shares of a learning curve but the last: the fit on all of train is there already."""
        return [share for share in self.shares if share < 1]


def plan_controls(trials: pd.DataFrame, frozen: Mapping, wanted: Wanted) -> dict:
    """Lower the repeats of the controls as long as they are expected to cost more than allowed.

    One repeat at a time is taken from what costs most in all; one always stays. The ladder and the
    second fit under one seed are not repeated, and stay as they are.

    Parameters
    ----------
    trials : the trials of all models: model, score (missing where a trial failed), seconds
    frozen : content of `frozen.json`

    Returns
    -------
    The content of `plan.json`: budget, seconds (of search and final fits), expected (seconds of
    the controls), controls (rows of `COLUMNS`: repeats asked for, repeats planned, seconds of one)
    and sentence.
    """
    budget = wanted.controls["budget"]
    each = _seconds_of_a_fit(trials, frozen["objective"])
    spent = float(trials["seconds"].sum())
    spent += sum(each[name] * len(model["seeds"]) for name, model in frozen["models"].items())
    chosen = [frozen["chosen"][kind] for kind in ("network", "baseline")]
    chosen = [name for name in chosen if name]
    fixed = _fixed_seconds(chosen or [frozen["chosen"]["nuisance"]], each, wanted)
    table = pd.DataFrame(_repeated(chosen, each, wanted), columns=COLUMNS)

    def expected() -> float:
        return fixed + float((table["repeats"] * table["seconds"]).sum())

    allowed = math.inf if budget is None else (1 - RESERVE) * budget * spent
    while expected() > allowed and (table["repeats"] > 1).any():
        costs = (table["repeats"] * table["seconds"]).where(table["repeats"] > 1)
        table.loc[costs.idxmax(), "repeats"] -= 1
    return {
        "budget": budget,
        "seconds": spent,
        "expected": expected(),
        "controls": table.to_dict("records"),
        "sentence": _sentence(table, budget, expected() / spent),
    }


def _seconds_of_a_fit(trials: pd.DataFrame, objective: str) -> dict[str, float]:
    """Seconds of each model's best trial, the first of equals."""
    is_lower_better = objective in LOWER_IS_BETTER
    best = trials.sort_values("score", ascending=is_lower_better, kind="stable")
    return best.drop_duplicates("model").set_index("model")["seconds"].to_dict()


def _repeated(chosen: Sequence[str], each: Mapping, wanted: Wanted) -> list[list]:
    """A row of `COLUMNS` for every repeated control of every chosen model."""
    return [
        [model, control, repeats, repeats, each[model] * fits]
        for model in chosen
        for control, (repeats, fits) in wanted.repeated.items()
        if repeats
    ]


def _fixed_seconds(models: Sequence[str], each: Mapping, wanted: Wanted) -> float:
    """Seconds of the ladder, of the second fit of the first model, and of curves asked for."""
    ladder = sum(each[model] for model in models) * _whole_fits(wanted.rungs)
    again = each[models[0]] * wanted.controls["determinism"]
    curves = sum(each[model] for model in wanted.named or ()) * wanted.seeds
    return ladder + again + curves * _whole_fits(wanted.unfitted)


def _whole_fits(shares: Sequence[float]) -> float:
    """Fits on all of train that take as long as one fit on each of these shares of it."""
    return sum(FIXED_TIME + (1 - FIXED_TIME) * share for share in shares)


def _sentence(table: pd.DataFrame, budget: float | None, ratio: float) -> str:
    """What was planned, and what was lowered for it."""
    if budget is None:
        return "All controls were repeated as often as configured, whatever they cost."
    lowered = table[table["repeats"] < table["configured"]]
    expected = f"They were expected to take {ratio:.2g} times as long as search and final fits"
    if lowered.empty:
        return f"All controls were repeated as often as configured. {expected}."
    said = lowered.apply(
        lambda one: f"{one.repeats} of {one.configured} {REPEATED[one.control]}", axis="columns"
    )
    by_model = said.groupby(lowered["model"], sort=False).agg(", ".join)
    changes = "; ".join(f"`{model}`: {each}" for model, each in by_model.items())
    most = "" if budget == 1 else f"{budget:g} times as much as "
    return (
        f"Controls were repeated less often than configured, so that they cost no more than {most}"
        f"search and final fits (`controls: budget`). {changes}. {expected}."
    )
