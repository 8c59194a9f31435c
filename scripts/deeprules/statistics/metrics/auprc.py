"""Area under the precision-recall curve, as average precision."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, ratio

LABEL = "AUPRC"
TASKS = ("binary", "multiclass")
CAN_BE_OBJECTIVE = True
ORDER_ONLY = True
NEEDS_EVERY_CLASS = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """Mean over classes (B,) of the precision at each positive."""
    return np.mean(
        [
            ratio(np.einsum("bg,bg->b", one.steps, ratio(one.true, one.drawn, 0)), one.true[:, -1])
            for one in drawn.rankings
        ],
        axis=0,
    )
