"""Scores, calibration and errors by subgroup of the people (or sites) that examples are of.

Each subgroup is held against random ones with as many examples of each class, as slices are; a
calibration gap, which a class share would hide, against random ones of the same size. All tests of
a model are adjusted together by Holm's method, so that a gap that is named should be a real one.
Subgroups that are too small are named and not scored: a number of so few says little of the model,
and may say much of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from deeprules.data import Partition
from deeprules.evaluate.slice_scores import MIN_EXAMPLES, MIN_GROUPS, Scored, slice_table
from deeprules.evaluate.slices import Slice, levels
from deeprules.statistics.bootstrap import choose_resampling, replicate_weights
from deeprules.statistics.intervals import percentile_interval
from deeprules.statistics.random_slices import design_effect, p_value, shuffles
from deeprules.statistics.significance import holm_adjusted

COLUMNS = ["model", "kind", "column", "subgroup", "measure", "n", "n_units", "value", "lower"]
COLUMNS += ["upper", "rest", "difference", "p_value", "adjusted", "too_small"]
"""`difference`: value less that outside the subgroup; `too_small`: why it is not scored, if so."""


@dataclass(frozen=True)
class Measure:
    """The mean of a value over some examples: a rate of errors, or a gap in calibration.

    Attributes
    ----------
    name : `error_rate`, `false_positive_rate`, `false_negative_rate`, `calibration_gap` (mean
        prediction less what is observed) or `absolute_error`
    values : (N,)
    counted : bool (N,), the examples that it is about
    strata : (N,), what random subgroups keep
    """

    name: str
    values: np.ndarray
    counted: np.ndarray
    strata: np.ndarray


def measures(
    task: str, labels: np.ndarray, predicted: np.ndarray, calibrated: np.ndarray
) -> list[Measure]:
    """What is asked of each subgroup beside the score.

    Parameters
    ----------
    labels : class indices (N,) or values (N,)
    predicted : probabilities (N, C) or values (N,) by which decisions are made
    calibrated : the same after calibration on tune
    """
    everybody, none = np.ones(len(labels), dtype=bool), np.zeros(len(labels), dtype=int)
    if task == "regression":
        errors = predicted - labels
        strata = np.searchsorted(np.quantile(labels, [0.25, 0.5, 0.75]), labels)
        return [
            Measure("absolute_error", np.abs(errors), everybody, strata),
            Measure("calibration_gap", errors, everybody, none),
        ]
    is_wrong = (predicted.argmax(axis=1) != labels).astype(float)
    if task == "binary":
        gap = calibrated[:, 1] - labels
        rates = [
            Measure("false_positive_rate", is_wrong, labels == 0, none),
            Measure("false_negative_rate", is_wrong, labels == 1, none),
        ]
    else:
        gap = calibrated.max(axis=1) - (calibrated.argmax(axis=1) == labels)
        rates = [Measure("error_rate", is_wrong, everybody, labels)]
    return [*rates, Measure("calibration_gap", gap, everybody, none)]


def subgroup_slices(part: Partition, others: Iterable[Partition] = ()) -> list[Slice]:
    """The subgroups of a partition: names as they are, numbers in quarters.

    What `others` hold and the partition does not is a subgroup without members, so that those whom
    nobody was tested on are named as well.
    """
    found = []
    for column, place in part.dataset.subgroups.items():
        values = pd.concat([one.examples[place] for one in (part, *others)])
        found += [
            Slice("subgroup", column, name, member[: len(part.examples)])
            for name, member in levels(values)
        ]
    return found


def subgroup_table(
    data: Scored,
    calibrated: Mapping[str, np.ndarray],
    kinds: Mapping[str, str],
    subgroups: list[Slice],
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """Score, calibration and errors of each model in each subgroup, with intervals and tests.

    Parameters
    ----------
    data : N examples and the predictions of the models
    calibrated : {model: predictions after calibration on tune}
    kinds : {model: kind}
    subgroups : of `subgroup_slices`
    replicates : bootstrap replicates of the intervals
    seed : seed of replicates and random subgroups

    Returns
    -------
    A row a model, subgroup and measure, with the columns `COLUMNS`; one row, without a measure,
    for a subgroup that is too small.
    """
    generator = np.random.default_rng(seed)
    small = {id(one): why for one in subgroups if (why := _too_small(data, one))}
    large = [one for one in subgroups if id(one) not in small]
    rows = []
    for model, kind in kinds.items():
        facts = {"model": model, "kind": kind}
        own = [facts | one for one in _scores(data, model, kind, large, replicates, seed)]
        asked = measures(data.task, data.labels, data.predictions[model], calibrated[model])
        own += [
            facts | _facts(one) | found
            for one in large
            for measure in asked
            for found in _measured(data, measure, one, replicates, generator)
        ]
        order = [(one.column, one.name) for one in large]
        own.sort(key=lambda row: order.index((row["column"], row["subgroup"])))
        rows += own
        rows += [
            facts | {"column": one.column, "subgroup": one.name, "too_small": small[id(one)]}
            for one in subgroups
            if id(one) in small
        ]
    return adjusted_by_model(pd.DataFrame(rows, columns=COLUMNS))


def adjusted_by_model(table: pd.DataFrame) -> pd.DataFrame:
    """A table of `COLUMNS` whose p values are adjusted, those of each model together."""
    p_values = table["p_value"].astype(float)
    return table.assign(adjusted=p_values.groupby(table["model"]).transform(holm_adjusted))


def _facts(one: Slice) -> dict:
    return {"column": one.column, "subgroup": one.name}


def _too_small(data: Scored, one: Slice) -> str:
    """Why a subgroup cannot be judged; empty if it can."""
    n = int(one.member.sum())
    if n < MIN_EXAMPLES:
        return f"fewer than {MIN_EXAMPLES} examples"
    if data.groups is not None and len(np.unique(data.groups[one.member])) < MIN_GROUPS:
        return f"fewer than {MIN_GROUPS} groups"
    return ""


def _scores(data, model, kind, subgroups, replicates, seed) -> Iterator[dict]:
    """The score that models were chosen by, in each subgroup, held against random ones."""
    one = Scored(
        data.task, data.labels, data.groups, {model: data.predictions[model]}, data.objective
    )
    table = slice_table("test", one, {model: kind}, {model: subgroups}, replicates, seed)
    for row in table.to_dict("records"):
        yield {
            "column": row["column"],
            "subgroup": row["slice"],
            "measure": row["metric"],
            "n": row["n"],
            "n_units": row["n_units"],
            "value": row["score"],
            "lower": row["lower"],
            "upper": row["upper"],
            "rest": row["rest"],
            "difference": row["score"] - row["rest"],
            "p_value": row["p_value"],
        }


def _measured(data, measure, subgroup, replicates, generator) -> Iterator[dict]:
    """A measure in a subgroup; nothing where the subgroup has none of the examples it is about."""
    counted = measure.counted
    member, values = subgroup.member[counted], measure.values[counted]
    groups = None if data.groups is None else data.groups[counted]
    if not member.any():
        return
    value = values[member].mean()
    rest = values[~member].mean() if (~member).any() else np.nan
    units = [len(one) if groups is None else len(np.unique(groups[side]))
             for side, one in ((member, values[member]), (~member, values[~member]))]  # fmt: skip
    enough = min(member.sum(), (~member).sum()) >= MIN_EXAMPLES
    enough &= groups is None or min(units) >= MIN_GROUPS
    tested = np.nan
    if enough:
        tested = _p_value(values, member, measure.strata[counted], groups, min(units), generator)
    lower, upper = _interval(values[member], groups, member, replicates, generator)
    yield {
        "measure": measure.name,
        "n": int(member.sum()),
        "n_units": units[0],
        "value": value,
        "lower": lower,
        "upper": upper,
        "rest": rest,
        "difference": value - rest,
        "p_value": tested,
    }


def _p_value(values, member, strata, groups, n_groups, generator) -> float:
    """Two-sided p value that a subgroup is a random one with as many of each stratum."""
    counts = np.bincount(strata[member], minlength=strata.max() + 1)
    random = [
        np.where(ranks < counts[strata], values, 0).sum(axis=1) / member.sum()
        for ranks in shuffles(strata, generator)
    ]
    value = values[member].mean()
    if groups is None:
        return p_value(value, np.concatenate(random))
    numbers = np.unique(groups, return_inverse=True)[1]
    widening = design_effect(member, values, strata, numbers)
    return p_value(value, np.concatenate(random), widening, n_groups)


def _interval(values, groups, member, replicates, generator) -> tuple[float, float]:
    """The bootstrap interval of a mean; of a rate of 0 or 1 the exact one (Clopper, Pearson)."""
    own = None if groups is None else groups[member]
    n_units = len(values) if own is None else len(np.unique(own))
    if set(np.unique(values)) in ({0.0}, {1.0}):
        found = stats.binomtest(round(values[0] * n_units), n_units).proportion_ci(method="exact")
        return float(found.low), float(found.high)
    resampling = choose_resampling("regression", values, own)
    drawn = [
        weights @ values / weights.sum(axis=1)
        for _, weights in replicate_weights(resampling, replicates, generator)
    ]
    interval = percentile_interval(values.mean(), np.concatenate(drawn), values.mean())
    return interval.lower, interval.upper
