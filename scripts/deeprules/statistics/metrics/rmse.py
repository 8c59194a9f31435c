"""Root mean squared error."""

import numpy as np

from deeprules.statistics.drawn import DrawnValues

LABEL = "root mean squared error"
TASKS = ("regression",)
LOWER_IS_BETTER = True


def score(drawn: DrawnValues) -> np.ndarray:
    """Error (B,), in the unit of the labels."""
    return np.sqrt(drawn.mean(_squares))


def _squares(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    return (predictions - labels) ** 2
