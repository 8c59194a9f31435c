"""Area under the receiver operating characteristic, by trapezia."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, Ranking, ratio

LABEL = "AUROC"
TASKS = ("binary", "multiclass")
CAN_BE_OBJECTIVE = True
ORDER_ONLY = True
NEEDS_EVERY_CLASS = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """Mean over classes (B,) of the share of pairs that are ranked right; a tie counts half."""
    return np.mean([_area(one) for one in drawn.rankings], axis=0)


def _area(one: Ranking) -> np.ndarray:
    false = one.drawn - one.true
    # Above a true positive lie the negatives drawn before it and half of those tied with it.
    before = false - np.diff(false, axis=1, prepend=0) / 2
    pairs = one.true[:, -1] * false[:, -1]
    return 1 - ratio(np.einsum("bg,bg->b", one.steps, before), pairs)
