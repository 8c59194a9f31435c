"""F1: the harmonic mean of precision and recall."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, ratio

LABEL = "F1"
TASKS = ("binary", "multiclass")
CAN_BE_OBJECTIVE = True
NEEDS_EVERY_CLASS = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """F1 of the positive class, or its mean over many classes (B,)."""
    return drawn.of_positive(ratio(2 * drawn.correct, drawn.actual + drawn.decided, undefined=0))
