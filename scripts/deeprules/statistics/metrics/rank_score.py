"""Rank score: how well labels of both kinds are ordered, from 0 to 1, 0.5 by chance.

Of a label that is there or not it is the AUROC, of values half of 1 and Spearman's correlation.
"""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, DrawnValues
from deeprules.statistics.metrics import auroc, spearman

LABEL = "rank score"
TASKS = ("mixed",)
CAN_BE_OBJECTIVE = True
OF_EACH = {"binary": "auroc", "regression": "spearman"}
"""What a single label is scored by where no other is beside it."""


def score(drawn: DrawnClasses | DrawnValues) -> np.ndarray:
    """AUROC, or (1 + correlation) / 2 (B,)."""
    if isinstance(drawn, DrawnClasses):
        return auroc.score(drawn)
    return (1 + spearman.score(drawn)) / 2
