"""Whether test is like tune, on which everything was chosen: scores, calls, chances, similarity.

Each comparison allows for the uncertainty of both partitions, with whole groups where examples
are grouped, and warns beyond what `SURE` leaves to accident. Without a shift, each kind warned of
at most 1 in 1,000 simulated pairs of partitions of 40 or 150 examples; tests/unit/test_shift.py
plants shifts, and tries partitions without one, grouped ones too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from deeprules.cautions import Caution
from deeprules.data import Partition
from deeprules.evaluate.confidence import Calibration
from deeprules.statistics.bootstrap import choose_resampling, replicate_weights
from deeprules.statistics.metrics import METRIC_LABELS, weighted_scores
from deeprules.wording import format_number

SURE = stats.norm.sf(3.3)
"""Share of a normal distribution beyond which a difference is no accident of two samples."""
MAX_REPLICATES = 500
LARGE_SHARE = 0.1
"""Share of the test examples that are called otherwise than on tune, worth a warning."""
LARGE_GAP = 0.1
"""Difference between calibrated probability and share of right calls that is worth a warning."""
LESS_SIMILAR = 0.75
"""Share of pairs of a test and a tune example in which the former is less similar to train."""


@dataclass(frozen=True)
class Sample:
    """What one model predicts for one partition.

    Attributes
    ----------
    task : `binary`, `multiclass` or `regression`
    labels : class indices (N,) or values (N,)
    predictions : probabilities (N, C) or values (N,)
    groups : group of each example (N,), or None
    classes : names of the classes
    """

    task: str
    labels: np.ndarray
    predictions: np.ndarray
    groups: np.ndarray | None = None
    classes: Sequence[str] = ()

    @property
    def units(self) -> np.ndarray:
        """Number (N,) of each example's group, or of the example itself."""
        if self.groups is None:
            return np.arange(len(self.labels))
        return np.unique(self.groups, return_inverse=True)[1]


def sample_of(part: Partition, predictions: np.ndarray) -> Sample:
    """A partition with what a model predicts for it."""
    groups = part.examples["group"].to_numpy(dtype=str) if part.dataset.has_group else None
    return Sample(part.dataset.task, part.labels, predictions, groups, part.dataset.classes)


def shift_cautions(
    parts: Mapping[str, tuple[Partition, Mapping[str, np.ndarray]]],
    nearest: Mapping[str, tuple[np.ndarray, np.ndarray]],
    objective: str,
    replicates: int,
    seed: int,
) -> list[Caution]:
    """What is said of models and partitions that differ between tune and test.

    Parameters
    ----------
    parts : {`tune` and `test`: the partition, and {model: predictions}}
    nearest : {`tune` and `test`: similarity (N,) to train, and number (N,) of each group}
    objective : metric of the verdict
    replicates, seed : of the bootstrap
    """
    found = list(less_similar(*nearest["tune"], *nearest["test"]))
    for model in parts["tune"][1]:
        tune, test = (sample_of(part, predicted[model]) for part, predicted in parts.values())
        found += fall(model, tune, test, objective, min(replicates, MAX_REPLICATES), seed)
        if test.task != "regression":
            found += [*other_calls(model, tune, test), *other_chances(model, tune, test)]
    return found


def fall(
    model: str, tune: Sample, test: Sample, metric: str, replicates: int, seed: int
) -> Iterator[Caution]:
    """A score that falls from tune to test by more than the uncertainty of both explains.

    The classes of tune are weighed as those of test, so that another prevalence is no fall.
    """
    weights = _class_weights(tune, test)
    before, error_before, n_before = _score(tune, metric, weights, replicates, seed)
    after, error_after, n_after = _score(test, metric, np.ones(len(test.labels)), replicates, seed)
    expected = _reach(min(n_before, n_after)) * np.hypot(error_before, error_after)
    if not before - after > expected:
        return
    yield Caution(
        f"`{model}` falls from tune to test",
        f"{METRIC_LABELS[metric]} of `{model}` is {format_number(before)} on tune and "
        f"{format_number(after)} on test; the uncertainty of both explains a fall of "
        f"{format_number(expected)} at most. It was tuned to tune, or test is of another kind: "
        "that it was chosen says little.",
        7,
    )


def other_calls(model: str, tune: Sample, test: Sample) -> Iterator[Caution]:
    """Calls on test that the rates of calls on tune do not lead to, class by class."""
    n_classes, n = test.predictions.shape[1], len(test.labels)
    called, called_on_test = (
        np.eye(n_classes)[one.predictions.argmax(axis=1)] for one in (tune, test)
    )
    expected, binomial = np.zeros(n_classes), np.zeros(n_classes)
    rest, rest_on_test = np.zeros_like(called), np.zeros_like(called_on_test)
    for label in np.unique(test.labels):
        rows, held_out = tune.labels == label, test.labels == label
        n_rows, n_held_out = max(1, rows.sum()), held_out.sum()
        share = (called[rows].sum(axis=0) + 1 / n_classes) / (rows.sum() + 1)
        expected += n_held_out * share
        binomial += share * (1 - share) * (n_held_out**2 / n_rows + n_held_out)
        rest[rows] = (called[rows] - share) * n_held_out / n_rows
        rest_on_test[held_out] = called_on_test[held_out] - called_on_test[held_out].mean(axis=0)
    of_units = _unit_squares(rest, tune) + _unit_squares(rest_on_test, test)
    errors = np.sqrt(np.maximum(of_units, binomial))
    found = called_on_test.sum(axis=0)
    worst = 1 if n_classes == 2 else int(np.argmax(np.abs(found - expected)))
    gap = abs(found[worst] - expected[worst])
    if gap <= max(_reach(_fewer_units(tune, test)) * errors[worst], LARGE_SHARE * n):
        return
    yield Caution(
        "Scores at a threshold mean little here",
        f"`{model}` calls {found[worst]:.0f} of {n} test examples {test.classes[worst]}; "
        f"{np.sum(test.labels == worst)} are, and its rates on tune would call "
        f"{expected[worst]:.0f}. MCC, F1 and accuracies say nothing of what it could reach with "
        "a threshold of its own; scores by rank (AUPRC, AUROC) do not depend on one. Set a "
        "threshold on data like those of test before using it.",
        7,
    )


def other_chances(model: str, tune: Sample, test: Sample) -> Iterator[Caution]:
    """Probabilities that were calibrated on tune and are not kept on test."""
    calibration = Calibration.fit(tune.labels, tune.predictions)
    gaps, variances = [], []
    for one in (tune, test):
        chances = calibration.apply(one.predictions)
        rest = chances.max(axis=1) - (chances.argmax(axis=1) == one.labels)
        gaps.append(rest.mean())
        variances.append(_unit_squares(rest[:, None] - rest.mean(), one)[0] / len(rest) ** 2)
    sure = _reach(_fewer_units(tune, test)) * np.sqrt(sum(variances))
    if abs(gaps[1]) <= max(sure, LARGE_GAP):
        return
    chances = calibration.apply(test.predictions)
    right = np.mean(chances.argmax(axis=1) == test.labels)
    yield Caution(
        "Probabilities do not hold on test",
        f"Calibrated on tune, `{model}` is right with a probability of "
        f"{format_number(chances.max(axis=1).mean(), 2)} on test, and is right in "
        f"{format_number(right, 2)} of the examples: calibrate it on data like those of test.",
        7,
    )


def less_similar(
    tune: np.ndarray, tune_units: np.ndarray, test: np.ndarray, test_units: np.ndarray
) -> Iterator[Caution]:
    """Test examples that are less similar to train (N,) than those of tune."""
    n, m = (len(np.unique(units)) for units in (tune_units, test_units))
    if not (len(tune) and len(test)):
        return
    share = stats.mannwhitneyu(tune, test).statistic / (len(tune) * len(test))
    chance = 0.5 + _reach(min(n, m)) * np.sqrt((n + m + 1) / (12 * n * m))
    if share <= max(LESS_SIMILAR, chance):
        return
    medians = format_number(np.median(test)), format_number(np.median(tune))
    yield Caution(
        "Test is unlike tune",
        f"Test examples are less similar to train than those of tune: median {medians[0]} against "
        f"{medians[1]}, the less similar one in {share:.0%} of pairs. What was chosen on tune, "
        "hyperparameters and models, may not hold on data like those of test.",
        7,
    )


def _score(one: Sample, metric: str, weights: np.ndarray, replicates: int, seed: int):
    """A score, its standard error and the units that hold the scarcest class."""
    resampling = choose_resampling(one.task, one.labels, one.groups)
    scorer = weighted_scores(one.task, one.labels, one.predictions)
    draws = replicate_weights(resampling, replicates, np.random.default_rng(seed))
    drawn = np.concatenate([scorer(part * weights)[metric] for _, part in draws])
    drawn = drawn[np.isfinite(drawn)]
    error = drawn.std(ddof=1) if len(drawn) > replicates / 2 else np.inf
    return float(scorer(weights[None])[metric][0]), error, resampling.fewest


def _class_weights(tune: Sample, test: Sample) -> np.ndarray:
    """Weight (N,) of each example of tune that gives its classes the shares of test."""
    if tune.task == "regression":
        return np.ones(len(tune.labels))
    n_classes = tune.predictions.shape[1]
    counts = [np.bincount(one.labels, minlength=n_classes) for one in (tune, test)]
    shares = [count / count.sum() for count in counts]
    return (shares[1] / np.maximum(shares[0], 1 / len(tune.labels)))[tune.labels]


def _unit_squares(rest: np.ndarray, one: Sample) -> np.ndarray:
    """Sum (C,) over units of the squared sum of their examples' (N, C) deviations."""
    sums = np.zeros((one.units.max() + 1, rest.shape[1]))
    np.add.at(sums, one.units, rest)
    return (sums**2).sum(axis=0)


def _fewer_units(tune: Sample, test: Sample) -> int:
    """Units of the partition that has fewer."""
    return min(len(np.unique(one.units)) for one in (tune, test))


def _reach(n_units: int) -> float:
    """Standard errors within which a difference may be an accident of so few units."""
    return float(stats.t.isf(SURE, max(1, n_units - 1)))
