"""Scores of a model in slices of a partition, and whether a slice is worse than chance allows.

A slice is held against random slices (`random_slices`): as many examples, with the same number of
each class (or of each quarter of the values). So a slice with fewer positives is not worse for that
alone; the score outside the slice is weighted to the slice's classes too.

Over all slices and models of a partition p values are adjusted by Holm's method: slices overlap,
and a slice that is named should be a real one. Slices by confidence are made from the predictions,
so that a difference is what they are meant to show: they are not tested. Nor are those by measured
value, within which values differ less than over all, so that R2 and correlations are lower.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from deeprules.evaluate.slices import Slice
from deeprules.statistics.bootstrap import choose_resampling, replicate_weights
from deeprules.statistics.intervals import percentile_interval
from deeprules.statistics.metrics import LOWER_IS_BETTER, weighted_scores
from deeprules.statistics.random_slices import design_effect, p_value, shuffles
from deeprules.statistics.significance import holm_adjusted

MIN_EXAMPLES = 20
MIN_OF_A_CLASS = 5
MIN_GROUPS = 5
"""Examples, examples of a class and groups, in a slice or outside it, that are too few to test."""
UNTESTED = ("confidence", "value")
OF_LABELS = ("class", "value")
"""Kinds of slices that are made by what random slices would keep."""

COLUMNS = ["partition", "model", "kind", "by", "column", "slice", "n", "n_units", "metric"]
COLUMNS += ["score", "lower", "upper", "rest", "difference", "p_value", "adjusted", "too_small"]


@dataclass(frozen=True)
class Scored:
    """Examples with the predictions of some models.

    Attributes
    ----------
    task : `binary`, `multiclass` or `regression`
    labels : class indices (N,) or values (N,)
    groups : number (N,) of each example's group, or None
    predictions : {model: probabilities (N, C) or values (N,)}
    objective : metric of the slices in which it is defined
    """

    task: str
    labels: np.ndarray
    groups: np.ndarray | None
    predictions: Mapping[str, np.ndarray]
    objective: str
    scorers: dict = field(init=False, default_factory=dict)

    def __post_init__(self):
        for name, predictions in self.predictions.items():
            self.scorers[name] = weighted_scores(self.task, self.labels, predictions)

    @cached_property
    def strata(self) -> np.ndarray:
        """Stratum (N,) of each example: its class, or the quarter of its value."""
        if self.task != "regression":
            return self.labels
        return np.searchsorted(np.quantile(self.labels, [0.25, 0.5, 0.75]), self.labels)

    def errors(self, model: str) -> np.ndarray:
        """How far (N,) each prediction is from its label."""
        predictions = self.predictions[model]
        if self.task == "regression":
            return np.abs(predictions - self.labels)
        return 1 - predictions[np.arange(len(self.labels)), self.labels]


def slice_table(
    partition: str,
    data: Scored,
    kinds: Mapping[str, str],
    slices: Mapping[str, list[Slice]],
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """Score of each model in each slice, with its interval, and the test against random slices.

    Parameters
    ----------
    partition : its name
    data : N examples and the predictions of the models
    kinds : {model: kind}
    slices : {model: its slices}
    replicates : bootstrap replicates of the intervals
    seed : seed of the replicates and of the random slices

    Returns
    -------
    A row a model and slice, with the columns `COLUMNS`: by (the kind of slice), metric (the
    objective; where a class is absent `accuracy`, `recall` for a class, `mae` where values do not
    differ), rest (score outside the slice at its class shares), difference (positive: better than
    the rest), p_value and adjusted (NaN where nothing was tested).
    """
    for_random, for_replicates = np.random.SeedSequence(seed).spawn(2)
    rows = [_Row(data, model, one) for model, found in slices.items() for one in found]
    _draw_random_slices(rows, np.random.default_rng(for_random))
    generator = np.random.default_rng(for_replicates)
    table = pd.DataFrame(
        [
            {"partition": partition, "kind": kinds[row.model]}
            | row.facts
            | row.interval(replicates, generator)
            for row in rows
        ],
        columns=COLUMNS,
    )
    return table.assign(adjusted=holm_adjusted(table["p_value"]))


@dataclass
class _Row:
    """One model in one slice."""

    data: Scored
    model: str
    slice: Slice
    random: list = field(default_factory=list)

    @cached_property
    def counts(self) -> np.ndarray:
        """Examples (2, S) of each stratum in the slice and outside it."""
        strata, size = self.strata, self.strata.max() + 1
        member = self.slice.member
        return np.array([np.bincount(strata[part], minlength=size) for part in (member, ~member)])

    @cached_property
    def strata(self) -> np.ndarray:
        """What random slices keep: classes or quarters of values; nothing for slices by these."""
        strata = self.data.strata
        return np.zeros_like(strata) if self.slice.kind in OF_LABELS else strata

    @cached_property
    def metric(self) -> str:
        """The metric that is defined in the slice and outside it."""
        data, member = self.data, self.slice.member
        if self.slice.kind == "class":
            return "recall"
        if data.task != "regression":
            n_classes = data.predictions[self.model].shape[1]
            complete = self.counts.shape[1] == n_classes and self.counts.min() > 0
            return data.objective if complete else "accuracy"
        spread = [len(np.unique(data.labels[part])) for part in (member, ~member)]
        return (self.slice.metric or data.objective) if min(spread) > 1 else "mae"

    def score(self, weights: np.ndarray) -> np.ndarray:
        """Score (B,) of weighted examples (B, N)."""
        metric = "accuracy" if self.metric == "recall" else self.metric
        return self.data.scorers[self.model](weights)[metric]

    @cached_property
    def sides(self) -> np.ndarray:
        """Score of the slice, and of the rest with as large a share of each stratum."""
        member = self.slice.member.astype(float)
        inside, outside = self.counts
        if ((inside > 0) & (outside == 0)).any():
            return np.array([self.score(member[None])[0], np.nan])
        ratio = np.divide(inside, outside, out=np.zeros(len(inside)), where=outside > 0)
        return self.score(np.array([member, (1 - member) * ratio[self.strata]]))

    @property
    def n_units(self) -> tuple[int, int]:
        """Groups (examples without groups) in the slice and outside it."""
        groups, member = self.data.groups, self.slice.member
        if groups is None:
            return int(member.sum()), int((~member).sum())
        return len(np.unique(groups[member])), len(np.unique(groups[~member]))

    @property
    def too_small(self) -> bool:
        """Whether the slice, or the rest, has too few examples for a test."""
        few_groups = self.data.groups is not None and min(self.n_units) < MIN_GROUPS
        few_of_a_class = self.metric == self.data.objective and self.data.task != "regression"
        return bool(
            few_groups
            or self.counts.sum(axis=1).min() < MIN_EXAMPLES
            or (few_of_a_class and self.counts.min() < MIN_OF_A_CLASS)
        )

    @property
    def is_tested(self) -> bool:
        """Whether the slice is held against random ones."""
        known = np.isfinite(self.sides).all()
        return bool(known and self.slice.kind not in UNTESTED and not self.too_small)

    @property
    def facts(self) -> dict:
        """What stands in the table besides the interval."""
        score, rest = self.sides
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        return {
            "model": self.model,
            "by": self.slice.kind,
            "column": self.slice.column,
            "slice": self.slice.name,
            "n": int(self.slice.member.sum()),
            "n_units": self.n_units[0],
            "metric": self.metric,
            "score": score,
            "rest": rest,
            "difference": sign * (score - rest),
            "p_value": self.p_value() if self.is_tested else np.nan,
            "too_small": self.too_small,
        }

    def p_value(self) -> float:
        """Two-sided p value that the slice is a random one."""
        random, groups = np.concatenate(self.random), self.data.groups
        if groups is None:
            return p_value(self.sides[0], random)
        errors = self.data.errors(self.model)
        widening = design_effect(self.slice.member, errors, self.strata, groups)
        return p_value(self.sides[0], random, widening, min(self.n_units))

    def interval(self, replicates: int, generator: np.random.Generator) -> dict[str, float]:
        """The bootstrap interval of the slice's score."""
        data, member = self.data, self.slice.member
        groups = None if data.groups is None else data.groups[member]
        metric = "accuracy" if self.metric == "recall" else self.metric
        part = data.labels[member], data.predictions[self.model][member]
        resampling = choose_resampling(data.task, part[0], groups)
        scorer = weighted_scores(data.task, *part)
        drawn = [
            scorer(weights)[metric]
            for _, weights in replicate_weights(resampling, replicates, generator)
        ]
        found = percentile_interval(self.sides[0], np.concatenate(drawn), self.sides[0])
        return {"lower": found.lower, "upper": found.upper}


def _draw_random_slices(rows: list[_Row], generator: np.random.Generator) -> None:
    """Give each tested row the scores of its random slices; all are cut from the same shuffles."""
    tested = [row for row in rows if row.is_tested]
    for kept in (True, False):
        chosen = [row for row in tested if (row.slice.kind == "class") is not kept]
        if not chosen:
            continue
        for ranks in shuffles(chosen[0].strata, generator):
            for row in chosen:
                member = ranks < row.counts[0][row.strata]
                row.random.append(row.score(member.astype(float)))
