"""Scores of predictions: a file in this folder is a metric.

It has `LABEL` (how a sentence writes it), `TASKS`, and a function `score(drawn)` from a
`deeprules.statistics.drawn.DrawnClasses` or `DrawnValues` to values (B,): weighted or not, a score
has one implementation. Further, where they hold: `LOWER_IS_BETTER = True`, `CAN_BE_OBJECTIVE =
True` (1 is its best value, and a search may maximise it), `NEEDS_EVERY_CLASS = True`, and
`ORDER_ONLY = True` (of two classes, only the order of the predictions counts).

Classes are decided by the highest probability (0.5 for a binary task; a tie goes to the first
class). Of many classes, AUROC, AUPRC, balanced accuracy and F1 are the plain mean over classes
(one against the rest), MCC, accuracy, Brier score and log loss are those of all classes together;
of two classes, AUROC, AUPRC and F1 are those of the positive one.

Of several labels (`multilabel`, `multiregression`, or some of both), every metric is the plain mean
over labels of that of one, each over the examples of which that label is known. A label without two
classes or values among those drawn is left out of that mean, for every model alike.

Otherwise what is not defined is NaN, never an average over what is left: a metric that needs every
class when a class has no example; R2 and both correlations when all labels are equal. Constant
predictions have correlation 0, as they have MCC 0; labels of a single class have MCC 0 too.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from deeprules.folders import modules_in
from deeprules.statistics.drawn import ScoredClasses, ScoredValues, ratio
from deeprules.statistics.predictions import checked, of_label
from deeprules.tasks import is_several, task_of, task_of_each

Scorer = Callable[[np.ndarray], dict[str, np.ndarray]]


def _has(name: str, fact: str) -> bool:
    return getattr(METRICS[name], fact, False)


METRICS = modules_in(__name__)
METRIC_LABELS = {name: module.LABEL for name, module in METRICS.items()}
"""Every metric and how it is written in a sentence."""
LOWER_IS_BETTER = frozenset(name for name in METRICS if _has(name, "LOWER_IS_BETTER"))
ORDER_ONLY = frozenset(name for name in METRICS if _has(name, "ORDER_ONLY"))


def metrics_of(task: str) -> tuple[str, ...]:
    """Names of the metrics of a task (`binary`, `multiclass`, `multilabel` or `regression`).

    Those that can be the objective of a search stand first.
    """
    names = [name for name, module in METRICS.items() if task_of_each(task) in module.TASKS]
    return tuple(sorted(names, key=lambda name: not _has(name, "CAN_BE_OBJECTIVE")))


def metric_of_one(task: str, objective: str) -> str:
    """The objective of a study, or where that is only one of labels of both kinds, its part."""
    return objective if objective in metrics_of(task) else METRICS["rank_score"].OF_EACH[task]


def smallest_gain(minimum: float | Mapping[str, float], score: float) -> float:
    """Smallest gain over a score that counts.

    Parameters
    ----------
    minimum : a gain, or `{"share_of_error": ...}`: a share of what the score lacks to 1, the
        highest value of every metric that can be an objective
    score : the score that is to be beaten
    """
    if isinstance(minimum, Mapping):
        return float(minimum["share_of_error"]) * (1 - score)
    return float(minimum)


def weighted_scores(
    task: str, labels: np.ndarray, predictions: np.ndarray, names: Sequence[str] = ()
) -> Scorer:
    """A function from weights (B, N) to {metric: values (B,)}.

    Parameters
    ----------
    task : `binary`, `multiclass`, `multilabel` or `regression`
    labels : class indices (N,), values (N,), or 0, 1 and NaN (N, T) for several labels
    predictions : probabilities (N, C), values (N,), or probabilities (N, T) of several labels
    names : metrics, if not those of the task

    Raises
    ------
    InputError if labels or predictions are not what the task asks for (see `checked`).
    """
    if is_several(task):
        return _macro_scores(task, *checked(task, labels, predictions))
    names = names or metrics_of(task)
    kind = ScoredValues if task == "regression" else ScoredClasses
    scored = kind(*checked(task, labels, predictions))

    def score(weights: np.ndarray) -> dict[str, np.ndarray]:
        drawn = scored.drawn(weights)
        values = {name: METRICS[name].score(drawn) for name in names}
        for name in values:
            if _has(name, "NEEDS_EVERY_CLASS"):
                values[name] = np.where((drawn.actual > 0).all(axis=1), values[name], np.nan)
        return values

    return score


def _macro_scores(task: str, labels: np.ndarray, predictions: np.ndarray) -> Scorer:
    """`weighted_scores` of labels (N, T): the mean over those that are defined."""
    # Of one class or value alone, scores that need no second one would be defined.
    each, needs_two = [], {"binary": "auroc", "regression": "r2"}
    for label in range(labels.shape[1]):
        known, *one = of_label(task, labels, predictions, label)
        if len(known):
            second = needs_two[task_of(task, label)]
            names = dict.fromkeys((*metrics_of(task), second))
            scorer = weighted_scores(task_of(task, label), *one, tuple(names))
            each.append((known, second, scorer))

    def score(weights: np.ndarray) -> dict[str, np.ndarray]:
        weights = np.asarray(weights, dtype=np.float64)
        found = [one(weights[:, known]) for known, _, one in each]
        is_told = [np.isfinite(one[two]) for one, (_, two, _) in zip(found, each, strict=True)]
        is_told = np.stack(is_told)
        return {
            name: ratio(
                np.where(is_told, [values[name] for values in found], 0).sum(axis=0),
                is_told.sum(axis=0),
            )
            for name in metrics_of(task)
        }

    return score


def scores(
    task: str, labels: np.ndarray, predictions: np.ndarray, names: Sequence[str] = ()
) -> dict[str, float]:
    """All metrics of one set of predictions, each example counted once; see `weighted_scores`."""
    found = weighted_scores(task, labels, predictions, names)(np.ones((1, len(labels))))
    return {name: float(value[0]) for name, value in found.items()}


def metric_score(name: str, task: str, labels: np.ndarray, predictions: np.ndarray) -> float:
    """One metric alone of one set of predictions; see `scores`."""
    if is_several(task):
        return scores(task, labels, predictions)[name]
    kind = ScoredValues if task == "regression" else ScoredClasses
    drawn = kind(*checked(task, labels, predictions)).drawn(np.ones((1, len(labels))))
    return float(METRICS[name].score(drawn)[0])
