"""Pearson's correlation of predictions with labels."""

import numpy as np

from deeprules.statistics.drawn import DrawnValues

LABEL = "Pearson correlation"
TASKS = ("regression",)
CAN_BE_OBJECTIVE = True


def score(drawn: DrawnValues) -> np.ndarray:
    """Correlation (B,)."""
    return drawn.correlation(drawn.scored.labels[None], drawn.scored.predictions[None])
