"""Balanced accuracy: the mean over classes of the share that is decided right."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, ratio

LABEL = "balanced accuracy"
TASKS = ("binary", "multiclass")
CAN_BE_OBJECTIVE = True
NEEDS_EVERY_CLASS = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """Mean recall (B,)."""
    return ratio(drawn.correct, drawn.actual).mean(axis=1)
