"""Matthews correlation coefficient: the decided classes against the true ones."""

import numpy as np

from deeprules.statistics.drawn import DrawnClasses, ratio

LABEL = "MCC"
TASKS = ("binary", "multiclass")
CAN_BE_OBJECTIVE = True


def score(drawn: DrawnClasses) -> np.ndarray:
    """Correlation (B,) of all classes together; 0 if labels or decisions are constant.

    Source: Gorodkin 2004, Comput Biol Chem 28:367, as in scikit-learn.
    """
    actual, decided, total = drawn.actual, drawn.decided, drawn.total
    covariance = drawn.correct.sum(axis=1) * total - (actual * decided).sum(axis=1)
    spread = (total**2 - (actual**2).sum(axis=1)) * (total**2 - (decided**2).sum(axis=1))
    return ratio(covariance, np.sqrt(np.maximum(spread, 0)), undefined=0)
