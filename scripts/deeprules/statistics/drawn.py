"""Predictions under many weightings of the same examples at once, as metrics are given them.

A bootstrap replicate is a row of counts: how often it draws each example. Sorting happens once
for each model; every replicate is then cumulative sums along the sorted examples. What several
metrics need is computed once for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

CONSTANT = 1e-12
"""Values whose spread is below this share of their size count as constant."""

Loss = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""A function of labels (N,) and predictions (N, C) or (N,) to a value for each example (N,)."""


class _Sorted:
    """Examples in the order of their values (N,), equal values as one group."""

    def __init__(self, values: np.ndarray):
        _, self.group = np.unique(values, return_inverse=True)
        self.order = np.argsort(self.group, kind="stable")
        self.last = np.flatnonzero(np.diff(self.group[self.order], append=-1))

    def cumulate(self, weights: np.ndarray) -> np.ndarray:
        """Weight up to and including each group (B, G), for weights (B, N) in sorted order."""
        return np.cumsum(weights, axis=1)[:, self.last]


class Scored:
    """Labels and predictions of N examples, with what is the same for all weightings.

    Attributes
    ----------
    labels : class indices (N,) or values (N,)
    predictions : probabilities (N, C) whose rows add up to 1, or values (N,)
    """

    def __init__(self, labels: np.ndarray, predictions: np.ndarray):
        self.labels, self.predictions = labels, predictions
        self._losses = {}

    def loss(self, of: Loss) -> np.ndarray:
        """The value of a loss for each example (N,), computed once."""
        if of not in self._losses:
            self._losses[of] = of(self.labels, self.predictions)
        return self._losses[of]


class ScoredClasses(Scored):
    """Class indices (N,) and probabilities (N, C)."""

    def __init__(self, labels: np.ndarray, probabilities: np.ndarray):
        super().__init__(labels, probabilities / probabilities.sum(axis=1, keepdims=True))
        self.n_classes = probabilities.shape[1]
        one_hot = np.eye(self.n_classes)
        actual, decided = one_hot[labels], one_hot[probabilities.argmax(axis=1)]
        self.columns = np.column_stack([actual, decided, actual * decided])
        # As they were given: the division tells apart probabilities that are equal.
        self.rankings = [
            (order := _Sorted(-probabilities[:, index]), actual[order.order, index])
            for index in range(1 if self.n_classes == 2 else 0, self.n_classes)
        ]

    def drawn(self, weights: np.ndarray) -> "DrawnClasses":
        """The examples under weights (B, N)."""
        return DrawnClasses(self, np.asarray(weights, dtype=np.float64))


class ScoredValues(Scored):
    """Values (N,) and predictions of them (N,)."""

    def __init__(self, labels: np.ndarray, predictions: np.ndarray):
        super().__init__(labels, predictions)
        self.rankings = [_Sorted(labels), _Sorted(predictions)]

    def drawn(self, weights: np.ndarray) -> "DrawnValues":
        """The examples under weights (B, N)."""
        return DrawnValues(self, np.asarray(weights, dtype=np.float64))


@dataclass(frozen=True)
class Ranking:
    """One class against the rest, down the groups of equal probability.

    Attributes
    ----------
    steps : weight of positives in each group (B, G)
    true, drawn : weight of positives and of all up to and including each group (B, G)
    """

    steps: np.ndarray
    true: np.ndarray
    drawn: np.ndarray


@dataclass
class Drawn:
    """Examples under B weightings.

    Attributes
    ----------
    scored : the examples
    weights : (B, N)
    """

    scored: Scored
    weights: np.ndarray = field(repr=False)

    @cached_property
    def total(self) -> np.ndarray:
        """Weight of all examples (B,)."""
        return self.weights.sum(axis=1)

    def mean(self, loss: Loss) -> np.ndarray:
        """Weighted mean (B,) of a loss."""
        return ratio(self.weights @ self.scored.loss(loss), self.total)


class DrawnClasses(Drawn):
    """Classes under B weightings; `actual`, `decided` and `correct` are weights (B, C) by class."""

    @cached_property
    def _sums(self) -> list[np.ndarray]:
        return np.split(self.weights @ self.scored.columns, 3, axis=1)

    @property
    def actual(self) -> np.ndarray:
        """Weight (B, C) of the examples of each class."""
        return self._sums[0]

    @property
    def decided(self) -> np.ndarray:
        """Weight (B, C) of the examples for which each class is decided."""
        return self._sums[1]

    @property
    def correct(self) -> np.ndarray:
        """Weight (B, C) of the examples of each class that are decided right."""
        return self._sums[2]

    @cached_property
    def rankings(self) -> list[Ranking]:
        """The positive class of two, or each of many, against the rest."""
        found = []
        for order, is_positive in self.scored.rankings:
            weights = self.weights[:, order.order]
            drawn, true = order.cumulate(weights), order.cumulate(weights * is_positive)
            found.append(Ranking(np.diff(true, axis=1, prepend=0), true, drawn))
        return found

    def of_positive(self, values: np.ndarray) -> np.ndarray:
        """Of values (B, C): those of the positive class of two, the mean over many (B,)."""
        return values[:, 1] if self.scored.n_classes == 2 else values.mean(axis=1)


class DrawnValues(Drawn):
    """Values under B weightings."""

    @cached_property
    def ranks(self) -> list[np.ndarray]:
        """Ranks (B, N) of labels and of predictions among the drawn; ties share their average."""
        ranks = []
        for order in self.scored.rankings:
            upto = order.cumulate(self.weights[:, order.order])
            within = np.diff(upto, axis=1, prepend=0)
            ranks.append((upto - (within - 1) / 2)[:, order.group])
        return ranks

    def spread(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values (B or 1, N) less their mean (B, N), their sum of squares, if they are constant.

        NaN where no value was drawn.
        """
        sums = (values * self.weights).sum(axis=1, keepdims=True)
        drawn = self.weights.sum(axis=1, keepdims=True)
        centred = values - np.divide(sums, drawn, out=np.full(sums.shape, np.nan), where=drawn > 0)
        squares = np.einsum("bn,bn,bn->b", self.weights, centred, centred)
        size = (self.weights * values**2).sum(axis=1)
        return centred, squares, ~(squares > CONSTANT**2 * size)

    def correlation(self, labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
        """Pearson's correlation (B,); 0 for constant predictions, NaN for constant labels."""
        x, x_squares, x_flat = self.spread(labels)
        y, y_squares, y_flat = self.spread(predictions)
        product = np.einsum("bn,bn,bn->b", self.weights, x, y)
        size = np.where(x_flat | y_flat, 0, np.sqrt(x_squares * y_squares))
        return np.where(x_flat, np.nan, np.clip(ratio(product, size, undefined=0), -1, 1))


def ratio(numerator: np.ndarray, denominator: np.ndarray, undefined=np.nan) -> np.ndarray:
    """Elementwise ratio; `undefined` where the denominator is 0."""
    filled = np.full_like(numerator, undefined, dtype=np.float64)
    return np.divide(numerator, denominator, out=filled, where=denominator > 0)
