"""Accuracy: the share of examples that is decided right."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, ratio

LABEL = "accuracy"
TASKS = ("binary", "multiclass")


def score(drawn: DrawnClasses) -> np.ndarray:
    """Accuracy (B,)."""
    return ratio(drawn.correct.sum(axis=1), drawn.total)
