"""Log loss: the mean surprise at the true class, in nats."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses

LABEL = "log loss"
TASKS = ("binary", "multiclass")
LOWER_IS_BETTER = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """Log loss (B,); probabilities are kept from 0 and 1 as in scikit-learn."""
    return drawn.mean(_surprise)


def _surprise(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    tiny = np.finfo(np.float64).eps
    return -np.log(np.clip(probabilities[np.arange(len(labels)), labels], tiny, 1 - tiny))
