"""Spearman's correlation: Pearson's of the ranks, where tied values share their average rank."""

import numpy as np

from deeprules.statistics.drawn import DrawnValues

LABEL = "Spearman correlation"
TASKS = ("regression",)
CAN_BE_OBJECTIVE = True


def score(drawn: DrawnValues) -> np.ndarray:
    """Correlation (B,)."""
    return drawn.correlation(*drawn.ranks)
