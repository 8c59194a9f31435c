"""R2: the share of the variance of the labels that predictions explain."""

import numpy as np

from deeprules.statistics.drawn import DrawnValues, ratio

LABEL = "R2"
TASKS = ("regression",)
CAN_BE_OBJECTIVE = True


def score(drawn: DrawnValues) -> np.ndarray:
    """Coefficient of determination (B,); NaN for constant labels."""
    _, spread, is_flat = drawn.spread(drawn.scored.labels[None])
    errors = drawn.weights @ drawn.scored.loss(_squares)
    return np.where(is_flat, np.nan, 1 - ratio(errors, spread))


def _squares(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    return (predictions - labels) ** 2
