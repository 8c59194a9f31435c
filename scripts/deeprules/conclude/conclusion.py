"""The verdict of a run: that of the test set, weighed by the controls, with cost and conditions.

The test set says which side predicts better. The controls can only take away from that: a model
that is no better than on shuffled labels is not recommended, whatever it scored.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deeprules.cautions import Caution, as_records
from deeprules.costs import control_ratio, model_cost
from deeprules.files import finite_or_none
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import format_number, format_size, listed

CAUSAL_DESIGNS = ("randomised", "interventional")
HOPELESS = 100
"""Times the size of the test set beyond which a larger one is no advice."""
SLIGHTLY = 1.1
"""Times the size of the test set below which two digits would not show that it is larger."""


def conclude(
    verdict: Mapping,
    split: Mapping,
    study: Mapping,
    controls: Mapping | None,
    curves: Mapping | None,
    costs: pd.DataFrame,
    cautions: Sequence[Caution] = (),
) -> dict:
    """The verdict of the test set, weighed by everything else that the run found.

    Parameters
    ----------
    verdict : content of `evaluation/verdict.json`
    split, study : content of `split.json`, and of the study's description
    controls, curves : summaries of the shuffled labels and of the learning curves; None where a
        run is without
    costs : rows of `deeprules.costs.cost_table`
    cautions : what the stages of the run found, those that withhold the verdict first

    Returns
    -------
    `verdict` with `verdict`, `sentence` and `reasons` brought up to date, and with `on_test` (the
    verdict of the test set alone), `cautions`, `would_change` (sentences), `cost_ratio` (energy of
    the chosen network by that of the chosen baseline) and `control_ratio`; None for what is not
    defined.
    """
    failed = _failed_controls(verdict, controls)
    against = [*failed, *(caution.sentence for caution in cautions if caution.withholds)]
    concluded = {**verdict, "on_test": verdict["verdict"], "cautions": as_records(cautions)}
    if against:
        sentence = f"No verdict: {' '.join(against)} On test alone: {verdict['sentence']}"
        concluded |= {"verdict": "withheld", "sentence": sentence}
    concluded["reasons"] = [
        *verdict["reasons"],
        *_shuffled_reasons(verdict, controls, failed),
        f"The split: {split['strategy']}. {_claim(study)}",
        *_cost_reasons(verdict, costs),
    ]
    concluded["would_change"] = [*_conditions(verdict, failed), *_with_more_data(verdict, curves)]
    concluded["cost_ratio"] = finite_or_none(_energy_ratio(verdict, costs))
    concluded["control_ratio"] = finite_or_none(control_ratio(costs))
    return concluded


def recommended(verdict: Mapping) -> list[str]:
    """Models that the verdict of the test set speaks for."""
    sides = {"network": ["network"], "baseline": ["baseline"], "withheld": []}
    names = [verdict[side] for side in sides.get(verdict["verdict"], ["network", "baseline"])]
    return [name for name in names if name]


def _failed_controls(verdict, controls) -> list[str]:
    """What the shuffled labels say against every model that the verdict speaks for."""
    entries = [] if controls is None else controls["entries"]
    failed = {one["model"]: one["sentence"] for one in entries if not one["is_better"]}
    models = recommended(verdict)
    if not models or not all(name in failed for name in models):
        return []
    return [failed[name] for name in models]


def _shuffled_reasons(verdict, controls, failed) -> list[str]:
    """What the chosen models reach on shuffled labels, unless the verdict's sentence says it."""
    if controls is None:
        return ["No fit on shuffled labels was made."]
    return [one["sentence"] for one in controls["entries"] if one["sentence"] not in failed]


def _claim(study: Mapping) -> str:
    """What kind of statement the design of the study allows."""
    if study["design"] in CAUSAL_DESIGNS:
        return (
            f"The study declares its design as {study['design']}: what was assigned may be spoken "
            "of as a cause; what a model picks up besides is association."
        )
    return "Everything here is association: how well models predict, not what causes what."


def _cost_reasons(verdict: Mapping, costs: pd.DataFrame) -> list[str]:
    """Time and energy of search and final fits, of both sides."""
    names = [verdict[side] for side in ("network", "baseline") if verdict[side]]
    spent = {name: model_cost(costs, name) for name in names}
    if not any(cost["hours"] > 0 for cost in spent.values()):
        return []
    each = [
        f"`{name}` {_hours(cost['hours'])} ({_hours(cost['core_hours'])} of core time, about "
        f"{cost['watt_hours']:.2g} Wh)"
        for name, cost in spent.items()
    ]
    ratio = _energy_ratio(verdict, costs)
    ending = f", {ratio:.2g} times the energy" if np.isfinite(ratio) else ""
    return [f"Search and final fits cost {' and '.join(each)}{ending}."]


def _energy_ratio(verdict: Mapping, costs: pd.DataFrame) -> float:
    """Energy of the network's search and final fits by that of the baseline's."""
    if not (verdict["network"] and verdict["baseline"]):
        return math.nan
    network, baseline = (
        model_cost(costs, verdict[side])["watt_hours"] for side in ("network", "baseline")
    )
    return network / baseline if baseline > 0 else math.nan


def _conditions(verdict: Mapping, failed: list[str]) -> list[str]:
    """What would have made the test set say something else."""
    lower, upper = verdict["lower"], verdict["upper"]
    label = METRIC_LABELS[verdict["metric"]]
    if failed:
        return ["Scores above those of every fit on shuffled labels."]
    if verdict["verdict"] == "withheld":
        nuisance = verdict["nuisance"]
        if verdict["too_small"]:
            return ["A larger test set."]
        if not verdict["baseline"] or not nuisance:
            return ["A baseline to compare with."]
        return [
            f"A gain over the nuisance baseline `{nuisance}` whose 95% interval lies above 0; "
            "batch and composition spread evenly over the classes make that easier to show."
        ]
    if lower is None:
        return []
    if verdict["verdict"] == "network":
        return [_worth_less(verdict, label)]
    if verdict["verdict"] == "baseline" and upper <= 0:
        return ["A network that gains on new data: this one is worse whatever gain is asked of it."]
    if verdict["verdict"] == "baseline":
        return [
            f"A smallest gain worth it of {format_number(upper)} in {label} or less would leave it "
            "open; a network would have to gain more than that on new data."
        ]
    if verdict["nuisance"] and (verdict["nuisance_lower"] or 0) <= 0:
        return [f"A network that is shown to beat the nuisance baseline `{verdict['nuisance']}`."]
    if verdict["rivals"] and upper < verdict["minimum_gain"]:
        names = listed(verdict["rivals"])
        return [f"Another choice on tune: {names} might then stand where the network stands now."]
    return [*_other_rivals(verdict), *_larger_test(verdict)]


def _worth_less(verdict: Mapping, label: str) -> str:
    """What would end a verdict for the network: a larger bar, or a better baseline."""
    closest = min(verdict["baselines"], key=lambda one: one["lower"])
    least = min(verdict["baselines"], key=lambda one: one["difference"])
    over = "" if least["model"] == verdict["baseline"] else f" over `{least['model']}`"
    return (
        f"A smallest gain worth it above {format_number(least['difference'])} in {label}{over}, or "
        f"a baseline that is better by {format_number(closest['lower'])} than "
        f"`{closest['model']}`, the one that the network beats by least."
    )


def _other_rivals(verdict: Mapping) -> list[str]:
    """That baselines which were not chosen have to be beaten as well."""
    others = [
        one["model"]
        for one in verdict["baselines"]
        if not one["beaten"] and one["model"] != verdict["baseline"]
    ]
    if not others:
        return []
    return [f"A gain over {listed(others)} as well, whichever baseline tune chooses."]


def _larger_test(verdict: Mapping) -> list[str]:
    """Size of a test set that would settle a gain of the size that was found.

    The width of an interval falls with the square root of the number of units; on the side of the
    doubt it has to be narrower than the way from the gain to 0, or from the gain to the smallest
    gain worth it. For the network it counts over the baseline that it beats by least.
    """
    least = verdict["minimum_gain"]
    closest = min(verdict["baselines"], key=lambda one: one["difference"])
    is_network = closest["difference"] >= least
    one = closest if is_network else verdict
    if not is_network and verdict["difference"] >= least:
        return []
    gain = one["difference"]
    side, way, width = (
        ("network", gain, gain - one["lower"])
        if is_network
        else ("baseline", least - gain, one["upper"] - gain)
    )
    times = (width / way) ** 2 if way > 0 else math.inf
    if times > HOPELESS:
        return ["No test set of a size that can be had would settle a gain as small as this one."]
    units = "groups" if verdict["resampling"] == "groups" else "examples"
    size = f"of about {format_size(times * verdict['n_units'])} {units} instead of"
    if times < SLIGHTLY:
        size = f"with a few more {units} than"
    return [
        f"A test set {size} {verdict['n_units']:,}: if the gain stays at {format_number(gain)}, "
        f"its interval would then speak for the {side}."
    ]


def _with_more_data(verdict: Mapping, curves: Mapping | None) -> list[str]:
    """What learning curves expect of more training data."""
    if curves is None:
        return []
    names = (verdict["network"], verdict["baseline"])
    found = [one["sentence"] for one in curves["models"] if one["model"] in names]
    return found + ([curves["overtaking"]["sentence"]] if curves["overtaking"] else [])


def _hours(hours: float) -> str:
    """A time span in hours, or in minutes or seconds where it is short."""
    if hours >= 1:
        return f"{hours:.1f} h"
    return f"{60 * hours:.1f} min" if hours >= 1 / 60 else f"{3600 * hours:.0f} s"
