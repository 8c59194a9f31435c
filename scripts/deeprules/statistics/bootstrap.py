"""Bootstrap replicates of scores and of differences between models.

Every model is scored on the same replicates, so comparisons are paired. Each replicate also
draws one of a model's fits, so the interval of a single fit holds both the variation of the
test examples and that of the training seed. `deeprules.statistics.intervals` makes intervals of
them.

Replicates in which a metric is not defined (a class was not drawn, say) are left out; a metric
that is undefined in more than half of them has no interval (NaN).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from deeprules.statistics.intervals import (
    LARGE,
    TINY,
    Estimate,
    Interval,
    gain_interval,
    score_interval,
)
from deeprules.statistics.metrics import LOWER_IS_BETTER, scores, weighted_scores
from deeprules.tasks import is_several, predicts_values, task_of

CHUNK_ELEMENTS = 2**18
MIN_UNITS = 30
"""Units, or examples of a class, below which intervals are rough (resources/calibration)."""


@dataclass(frozen=True)
class Resampling:
    """What is drawn with replacement.

    Attributes
    ----------
    unit : `examples within classes`, `examples` (values, several labels) or `groups`
    n_units : number of units in the test set
    unit_of : index (N,) of each example's unit
    strata : unit indices of each stratum; each keeps its size in every replicate
    fewest : units that hold the scarcest class, of several labels that of any; all for values
    note : sentences on what the intervals do not cover; empty if there is nothing to say
    """

    unit: str
    n_units: int
    unit_of: np.ndarray
    strata: tuple[np.ndarray, ...]
    fewest: int
    note: str = ""


@dataclass(frozen=True)
class BootstrappedScores:
    """Scores of all models and their replicates.

    Attributes
    ----------
    points : {model: [{metric: value} for each fit]}
    ensembles : {model: {metric: value}} of the mean of the fits' predictions
    replicates : {(model, "mean" or "ensemble"): {metric: values (B,)}}
    drawn : {model: index (B,) of the fit that each replicate has drawn}
    n_units, fewest : units that were drawn, and those of them that hold the scarcest class
    """

    points: dict[str, list[dict[str, float]]]
    ensembles: dict[str, dict[str, float]]
    replicates: dict[tuple[str, str], dict[str, np.ndarray]]
    drawn: dict[str, np.ndarray]
    n_units: int = LARGE
    fewest: int = LARGE

    def value(self, model: str, metric: str) -> float:
        """Mean of the score over a model's fits."""
        return float(np.mean([point[metric] for point in self.points[model]]))

    def interval(self, model: str, metric: str, kind: str = "mean") -> Interval:
        """Score of a single fit (`mean` over the fits) or of the `ensemble`."""
        if kind == "mean":
            score = self._estimate(model, metric)
        else:
            value, replicates = self.ensembles[model][metric], self.replicates[model, kind][metric]
            score = Estimate(value, replicates, np.full(len(replicates), value))
        return score_interval(score, metric, self.n_units, self.fewest)

    def gain(self, model: str, versus: str, metric: str) -> Interval:
        """How much better `model` is than `versus`, fit by fit; positive is better."""
        sign = -1 if metric in LOWER_IS_BETTER else 1
        scores = (self._estimate(name, metric) for name in (model, versus))
        return gain_interval(*scores, metric, self.n_units, self.fewest, sign)

    def p_value(self, model: str, versus: str, metric: str) -> float:
        """Two-sided p value that both score the same, from the t statistic of the replicates."""
        found = self._estimate(model, metric) - self._estimate(versus, metric)
        drawn = found.replicates[np.isfinite(found.replicates)]
        if np.isnan(found.value) or 2 * len(drawn) < len(found.replicates):
            return np.nan
        error = drawn.std(ddof=1)
        if error <= TINY:
            return 1.0 if abs(found.value) <= TINY else 0.0
        return float(2 * stats.t.sf(abs(found.value) / error, max(1, self.fewest - 1)))

    def _estimate(self, model: str, metric: str) -> Estimate:
        replicates = self.replicates[model, "mean"][metric]
        return Estimate(self.value(model, metric), replicates, self._drawn_points(model, metric))

    def _drawn_points(self, model: str, metric: str) -> np.ndarray:
        """Score on the test set (B,) of the fit that each replicate has drawn."""
        return np.array([point[metric] for point in self.points[model]])[self.drawn[model]]


def choose_resampling(
    task: str, labels: np.ndarray, groups: np.ndarray | None = None
) -> Resampling:
    """Units that are independent of each other: whole groups where examples are grouped.

    Parameters
    ----------
    task : `binary`, `multiclass`, `multilabel` or `regression`
    labels : class indices (N,), values (N,), or 0, 1 and NaN (N, T)
    groups : group of each example (N,), or None

    Returns
    -------
    A `Resampling`: groups if any group has several examples, else examples (within classes if
    there are classes). A single group can't be resampled; its examples are, and the note says so.
    """
    notes = []
    if groups is not None:
        _, unit_of = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        n_groups = int(unit_of.max()) + 1
        if 1 < n_groups < len(labels):
            notes += _small_test(task, labels, n_groups, "groups")
            strata = (np.arange(n_groups),)
            fewest = _fewest(task, labels, unit_of)
            return Resampling("groups", n_groups, unit_of, strata, fewest, " ".join(notes))
        if n_groups == 1 and len(labels) > 1:
            notes.append("The test set is one group: its intervals say nothing about other groups.")
    units = np.arange(len(labels))
    note = " ".join(notes + _small_test(task, labels, len(labels), "examples"))
    if task == "regression" or is_several(task):
        fewest = _fewest(task, labels, units)
        return Resampling("examples", len(labels), units, (units,), fewest, note)
    strata = tuple(np.flatnonzero(labels == label) for label in np.unique(labels))
    fewest = _fewest(task, labels, units)
    return Resampling("examples within classes", len(labels), units, strata, fewest, note)


def _fewest(task: str, labels: np.ndarray, unit_of: np.ndarray) -> int:
    """Units that hold the scarcest class, or all of them for values."""
    if task == "regression":
        return len(np.unique(unit_of))
    if is_several(task):
        each = []
        for number, one in enumerate(labels.T):
            is_class = task_of(task, number) == "binary"
            kinds = [one == 0, one == 1] if is_class else [np.isfinite(one)]
            each.append(min(len(np.unique(unit_of[kind])) for kind in kinds))
        # A score leaves out what has one class alone, and is undefined where nothing is left.
        return min((fewest for fewest in each if fewest), default=1)
    return min(len(np.unique(unit_of[labels == label])) for label in np.unique(labels))


def _small_test(task: str, labels: np.ndarray, n_units: int, unit: str) -> list[str]:
    """A sentence on a test set that is so small that its intervals are rough."""
    is_regression = predicts_values(task)
    counts = []
    if n_units < MIN_UNITS and (is_regression or unit == "groups"):
        counts.append(f"{n_units} {unit}")
    if not is_regression:
        smallest = _fewest(task, labels, np.arange(len(labels)))
        if smallest < MIN_UNITS:
            counts.append(f"{smallest} example{'s' * (smallest > 1)} of its smallest class")
    if not counts:
        return []
    return [f"The test set has only {' and '.join(counts)}: its intervals are rough."]


def replicate_weights(
    resampling: Resampling, replicates: int, generator: np.random.Generator
) -> Iterator[tuple[slice, np.ndarray]]:
    """How often each replicate draws each example, in chunks of bounded memory.

    Yields
    ------
    The chunk's place among the replicates and its weights (b, N).
    """
    step = max(1, CHUNK_ELEMENTS // len(resampling.unit_of))
    for start in range(0, replicates, step):
        rows = slice(start, min(start + step, replicates))
        size = rows.stop - rows.start
        counts = np.zeros((size, resampling.n_units))
        for stratum in resampling.strata:
            drawn = generator.integers(len(stratum), size=(size, len(stratum)))
            drawn += np.arange(size)[:, None] * len(stratum)
            flat = np.bincount(drawn.ravel(), minlength=size * len(stratum))
            counts[:, stratum] = flat.reshape(size, len(stratum))
        yield rows, counts[:, resampling.unit_of]


def bootstrap_scores(
    task: str,
    labels: np.ndarray,
    predictions: Mapping[str, Sequence[np.ndarray]],
    resampling: Resampling,
    replicates: int,
    seed: int,
    names: Sequence[str] = (),
) -> BootstrappedScores:
    """Score every model, its ensemble, and both on the same bootstrap replicates.

    Parameters
    ----------
    task : `binary`, `multiclass`, `multilabel` or `regression`
    labels : class indices (N,), values (N,), or 0, 1 and NaN (N, T)
    predictions : {model: one array (N, C), (N,) or (N, T) for each of its fits}
    resampling : what is drawn
    replicates : number of replicates B
    seed : seed of the draws
    names : metrics, if not those of the task
    """
    ensembles = {name: np.mean(fits, axis=0) for name, fits in predictions.items()}
    for_weights, for_fits = np.random.SeedSequence(seed).spawn(2)
    draw = np.random.default_rng(for_fits)
    collected, drawn = {}, {}
    for name, fits in predictions.items():
        # The same seed gives every model the same weights, and no model's tables stay in memory.
        weights = replicate_weights(resampling, replicates, np.random.default_rng(for_weights))
        drawn[name] = draw.integers(len(fits), size=replicates)
        scorers = [weighted_scores(task, labels, one, names) for one in fits]
        ensemble = weighted_scores(task, labels, ensembles[name], names)
        chunks = [
            (_score_drawn(scorers, drawn[name][rows], part), ensemble(part))
            for rows, part in weights
        ]
        for kind, parts in zip(("mean", "ensemble"), zip(*chunks, strict=True), strict=True):
            collected[name, kind] = {
                metric: np.concatenate([part[metric] for part in parts]) for metric in parts[0]
            }
    return BootstrappedScores(
        {
            name: [scores(task, labels, one, names) for one in fits]
            for name, fits in predictions.items()
        },
        {name: scores(task, labels, ensemble, names) for name, ensemble in ensembles.items()},
        collected,
        drawn,
        resampling.n_units,
        resampling.fewest,
    )


def _score_drawn(scorers: list, drawn: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Scores (b,) of the fit that each replicate has drawn."""
    values = {}
    for index, scorer in enumerate(scorers):
        chosen = drawn == index
        if chosen.any():
            for metric, part in scorer(weights[chosen]).items():
                values.setdefault(metric, np.empty(len(drawn)))[chosen] = part
    return values
