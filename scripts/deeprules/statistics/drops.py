"""How much worse a model scores on one split than on another, with an interval."""

import numpy as np


def score_drop(
    base: np.ndarray, score: np.ndarray, is_error: np.ndarray | bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The drop from `base` to `score`, and the bounds of its 95% interval.

    The bounds follow from those of the two scores as if these were of separate examples; where
    the two share some, the interval is rather too wide. Source: Zou and Donner 2008, Statistics in
    Medicine 27:1693.

    Parameters
    ----------
    base, score : value, lower and upper bound of each score, (3, N) or (3,)
    is_error : whether a score is an error, which is higher where it is worse; (N,) or one for all

    Returns
    -------
    drop, lower, upper, each (N,) or a single number.
    """
    high, low = np.where(is_error, score, base), np.where(is_error, base, score)
    drop = high[0] - low[0]
    lower = drop - np.hypot(high[0] - high[1], low[2] - low[0])
    upper = drop + np.hypot(high[2] - high[0], low[0] - low[1])
    return drop, lower, upper
