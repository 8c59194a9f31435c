"""Mean absolute error."""

import numpy as np

from deeprules.statistics.drawn import DrawnValues

LABEL = "mean absolute error"
TASKS = ("regression",)
LOWER_IS_BETTER = True


def score(drawn: DrawnValues) -> np.ndarray:
    """Error (B,), in the unit of the labels."""
    return drawn.mean(_absolute)


def _absolute(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    return np.abs(predictions - labels)
