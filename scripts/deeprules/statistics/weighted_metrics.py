"""The metrics of `deeprules.statistics.metrics` for many weightings of the same examples at once.

A bootstrap replicate is a row of counts: how often it draws each example. Sorting happens once
for each model; every replicate is then cumulative sums along the sorted examples. Values equal
those of scikit-learn and SciPy on the repeated examples; NaN has the same meaning as there.
"""

from collections.abc import Callable

import numpy as np

from deeprules.statistics.metrics import CONSTANT, EVERY_CLASS, checked, normalised

Scorer = Callable[[np.ndarray], dict[str, np.ndarray]]


def weighted_scores(task: str, labels: np.ndarray, predictions: np.ndarray) -> Scorer:
    """A function from weights (B, N) to {metric: values (B,)}.

    Parameters
    ----------
    task : `binary`, `multiclass` or `regression`
    labels : class indices (N,) or values (N,)
    predictions : probabilities (N, C) or values (N,)

    Raises
    ------
    InputError as `deeprules.statistics.metrics.checked`.
    """
    labels, predictions = checked(task, labels, predictions)
    if task == "regression":
        return _ValueScores(labels, predictions)
    return _ClassScores(labels, predictions)


class _Sorted:
    """Examples in the order of their values (N,), equal values as one group."""

    def __init__(self, values: np.ndarray):
        _, self.group = np.unique(values, return_inverse=True)
        self.order = np.argsort(self.group, kind="stable")
        self.last = np.flatnonzero(np.diff(self.group[self.order], append=-1))

    def cumulate(self, weights: np.ndarray) -> np.ndarray:
        """Weight up to and including each group (B, G), for weights (B, N) in sorted order."""
        return np.cumsum(weights, axis=1)[:, self.last]


class _Ranking:
    """AUROC and average precision of one class against the rest."""

    def __init__(self, is_positive: np.ndarray, probability: np.ndarray):
        self.sorted = _Sorted(-probability)
        self.is_positive = is_positive[self.sorted.order].astype(np.float64)

    def __call__(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """AUROC (B,) by trapezia and average precision (B,), for weights (B, N)."""
        weights = weights[:, self.sorted.order]
        drawn = self.sorted.cumulate(weights)
        true = self.sorted.cumulate(weights * self.is_positive)
        positives, negatives = true[:, -1], drawn[:, -1] - true[:, -1]
        steps = np.diff(true, axis=1, prepend=0)
        # Above a true positive lie the negatives drawn before it and half of those tied with it.
        false = drawn - true
        before = false - np.diff(false, axis=1, prepend=0) / 2
        precision = np.divide(true, drawn, out=np.zeros_like(true), where=drawn > 0)
        auroc = 1 - _ratio(np.einsum("bg,bg->b", steps, before), positives * negatives)
        return auroc, _ratio(np.einsum("bg,bg->b", steps, precision), positives)


class _ClassScores:
    """Metrics of class labels."""

    def __init__(self, labels: np.ndarray, predictions: np.ndarray):
        one_hot = np.eye(predictions.shape[1])
        decided = one_hot[predictions.argmax(axis=1)]
        actual = one_hot[labels]
        self.n_classes = len(one_hot)
        ranked = range(1 if self.n_classes == 2 else 0, self.n_classes)
        self.rankings = [_Ranking(actual[:, index], predictions[:, index]) for index in ranked]
        shares = normalised(predictions)
        squares = ((shares - actual) ** 2).sum(axis=1) / (2 if self.n_classes == 2 else 1)
        tiny = np.finfo(np.float64).eps
        surprise = -np.log(np.clip((shares * actual).sum(axis=1), tiny, 1 - tiny))
        self.columns = np.column_stack([actual, decided, actual * decided, squares, surprise])

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        sums = np.asarray(weights, dtype=np.float64) @ self.columns
        actual, decided, correct = np.split(sums[:, :-2], 3, axis=1)
        total = actual.sum(axis=1)
        ranked = np.array([ranking(weights) for ranking in self.rankings])
        f1 = _ratio(2 * correct, actual + decided, undefined=0)
        values = {
            "auprc": ranked[:, 1].mean(axis=0),
            "auroc": ranked[:, 0].mean(axis=0),
            "mcc": _mcc(actual, decided, correct.sum(axis=1), total),
            "balanced_accuracy": _ratio(correct, actual).mean(axis=1),
            "f1": f1[:, 1] if self.n_classes == 2 else f1.mean(axis=1),
            "brier": _ratio(sums[:, -2], total),
            "log_loss": _ratio(sums[:, -1], total),
            "accuracy": _ratio(correct.sum(axis=1), total),
        }
        complete = (actual > 0).all(axis=1)
        return {
            name: np.where(complete, value, np.nan) if name in EVERY_CLASS else value
            for name, value in values.items()
        }


class _ValueScores:
    """Metrics of real values."""

    def __init__(self, labels: np.ndarray, predictions: np.ndarray):
        self.labels, self.predictions = labels, predictions
        self.sorted = [_Sorted(labels), _Sorted(predictions)]
        errors = predictions - labels
        self.columns = np.column_stack([np.abs(errors), errors**2])

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        weights = np.asarray(weights, dtype=np.float64)
        total = weights.sum(axis=1)
        absolute, squared = (weights @ self.columns).T
        ranks = [_average_ranks(values, weights) for values in self.sorted]
        spread, is_flat = _spread(_centred(self.labels[None], weights), self.labels, weights)
        return {
            "r2": np.where(is_flat, np.nan, 1 - _ratio(squared, spread)),
            "pearson": _correlation(self.labels[None], self.predictions[None], weights),
            "spearman": _correlation(*ranks, weights),
            "mae": _ratio(absolute, total),
            "rmse": np.sqrt(_ratio(squared, total)),
        }


def _ratio(numerator: np.ndarray, denominator: np.ndarray, undefined=np.nan) -> np.ndarray:
    """Elementwise ratio; `undefined` where the denominator is 0."""
    filled = np.full_like(numerator, undefined, dtype=np.float64)
    return np.divide(numerator, denominator, out=filled, where=denominator > 0)


def _mcc(actual, decided, correct, total) -> np.ndarray:
    """Matthews correlation (B,) of C classes from sums (B, C) and (B,); 0 if one is constant.

    Gorodkin, Comput Biol Chem 28:367 (2004), as in scikit-learn.
    """
    covariance = correct * total - (actual * decided).sum(axis=1)
    spread = (total**2 - (actual**2).sum(axis=1)) * (total**2 - (decided**2).sum(axis=1))
    return _ratio(covariance, np.sqrt(np.maximum(spread, 0)), undefined=0)


def _average_ranks(values: _Sorted, weights: np.ndarray) -> np.ndarray:
    """Rank (B, N) of each example among the drawn ones; tied ones share their average rank."""
    upto = values.cumulate(weights[:, values.order])
    within = np.diff(upto, axis=1, prepend=0)
    return (upto - (within - 1) / 2)[:, values.group]


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values (B or 1, N) less their weighted mean (B, N)."""
    return values - np.average(
        np.broadcast_to(values, weights.shape), axis=1, weights=weights, keepdims=True
    )


def _spread(centred, values, weights) -> tuple[np.ndarray, np.ndarray]:
    """Weighted sum of squares (B,) of centred values and whether they are constant (B,)."""
    squares = np.einsum("bn,bn,bn->b", weights, centred, centred)
    size = (weights * values**2).sum(axis=1)
    return squares, squares <= CONSTANT**2 * size


def _correlation(labels, predictions, weights) -> np.ndarray:
    """Weighted Pearson correlation (B,); 0 for constant predictions, NaN for constant labels."""
    x, y = _centred(labels, weights), _centred(predictions, weights)
    (x_squares, x_flat), (y_squares, y_flat) = (
        _spread(x, labels, weights),
        _spread(y, predictions, weights),
    )
    product = np.einsum("bn,bn,bn->b", weights, x, y)
    flat = x_flat | y_flat
    value = _ratio(product, np.where(flat, 0, np.sqrt(x_squares * y_squares)), undefined=0)
    return np.where(x_flat, np.nan, np.clip(value, -1, 1))
