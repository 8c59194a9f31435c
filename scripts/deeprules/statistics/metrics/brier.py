"""Brier score: the mean squared error of probabilities."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses

LABEL = "Brier score"
TASKS = ("binary", "multiclass")
LOWER_IS_BETTER = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """Brier score (B,); of two classes that of the positive one, so between 0 and 1."""
    return drawn.mean(_squares)


def _squares(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    n_classes = probabilities.shape[1]
    squares = ((probabilities - np.eye(n_classes)[labels]) ** 2).sum(axis=1)
    return squares / 2 if n_classes == 2 else squares
