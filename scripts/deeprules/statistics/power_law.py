"""The power law of a learning curve: score = a - b (n / N)^-c, with N the size of all of train.

Figueroa et al. 2012 (doi:10.1186/1472-6947-12-8) predict the score at larger sizes with it;
Hestness et al. 2017 (arXiv:1712.00409) find it over orders of magnitude in deep learning.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import curve_fit

from deeprules.statistics.intervals import LEVEL, Interval

MIN_SIZES = 4
"""Sizes that a power law is fitted through, at least: it has three parameters."""

HIGHEST = 1.0
"""What no objective can exceed, and so no curve."""

EXPONENTS = (0.05, 3.0)
"""Smallest and largest exponent c."""

MIN_SPREAD = 1e-4
"""Standard deviation of a score below which it counts no more."""

FITS = 200
"""Bootstrap replicates, at most, that a power law is fitted to."""

MAX_STEPS = 5000
FURTHEST = 10
"""Multiple of all of train up to which curves are continued."""

STEPS = 600


@dataclass(frozen=True)
class PowerLaw:
    """The power law of one model and those of its bootstrap replicates.

    Attributes
    ----------
    full : size N of all of train
    parameters : a, b, c (3,)
    replicates : the same of each replicate (B, 3)
    """

    full: float
    parameters: np.ndarray
    replicates: np.ndarray

    def scores(self, sizes) -> tuple[np.ndarray, np.ndarray]:
        """Scores at the given sizes (K,): the curve's own (K,) and the replicates' (B, K)."""
        relative = np.asarray(sizes, dtype=float) / self.full
        rows = np.vstack([self.parameters, self.replicates])
        values = rows[:, :1] - rows[:, 1:2] * relative ** -rows[:, 2:]
        return values[0], values[1:]

    def doubling(self) -> Interval:
        """What twice all of train is expected to add to the score."""
        value, replicates = self.scores([self.full, 2 * self.full])
        return _interval(value[1] - value[0], replicates[:, 1] - replicates[:, 0])

    def parameter_intervals(self) -> dict[str, Interval]:
        """Intervals of a (the score with no end of data), b (the score that N leaves) and c."""
        columns = zip("abc", self.parameters, self.replicates.T, strict=True)
        return {name: _interval(value, values) for name, value, values in columns}


def fit_power_law(sizes: np.ndarray, means: np.ndarray, replicates: np.ndarray) -> PowerLaw | None:
    """Fit the power law by least squares, sizes weighted by the spread of their replicates.

    Parameters
    ----------
    sizes : training examples (S,), ascending; the last is all of train
    means : score at each size (S,)
    replicates : bootstrap replicates of the scores (B, S); the first `FITS` defined ones are used

    Returns
    -------
    None for fewer than `MIN_SIZES` sizes, or if scores are not defined.
    """
    sizes = np.asarray(sizes, dtype=float)
    replicates = replicates[np.isfinite(replicates).all(axis=1)][:FITS]
    if len(sizes) < MIN_SIZES or not np.isfinite(means).all() or len(replicates) < FITS // 2:
        return None
    relative = sizes / sizes[-1]
    spread = np.maximum(replicates.std(axis=0), MIN_SPREAD)
    start = [min(means[-1], HIGHEST - 1e-3), 0.1 * max(means[-1] - means[0], 0.01), 0.5]
    parameters = _fit(relative, means, spread, start)
    fits = [_fit(relative, row, spread, parameters) for row in replicates]
    return PowerLaw(sizes[-1], parameters, np.array(fits))


def overtaking(law: PowerLaw, other: PowerLaw, smallest: float) -> dict:
    """The size from which one curve stays above another, up to `FURTHEST` times all of train.

    Parameters
    ----------
    smallest : smallest size that was measured; a curve ahead from there on overtakes there

    Returns
    -------
    {"n", "lower", "upper"}; infinite for a curve that is not ahead within `FURTHEST` times.
    """
    sizes = np.geomspace(smallest, FURTHEST * law.full, STEPS)
    (mine, my_replicates), (its, its_replicates) = law.scores(sizes), other.scores(sizes)
    draws = min(len(my_replicates), len(its_replicates))
    found = _last_crossings(my_replicates[:draws] - its_replicates[:draws], sizes)
    lower, upper = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    n = _last_crossings((mine - its)[None], sizes)[0]
    return {"n": float(n), "lower": float(min(lower, n)), "upper": float(max(upper, n))}


def _last_crossings(differences: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """For each row, the first size after the last one without a lead; infinite if that is last."""
    ahead = differences > 0
    behind = ~ahead
    after = np.where(behind.any(axis=1), behind.shape[1] - behind[:, ::-1].argmax(axis=1), 0)
    return np.append(sizes, np.inf)[after]


def _fit(relative, values, spread, start) -> np.ndarray:
    """Parameters a, b, c."""
    lowest = [-np.inf, -np.inf, EXPONENTS[0]]
    highest = [HIGHEST, np.inf, EXPONENTS[1]]
    start = np.clip(start, np.array(lowest) + 1e-6, np.array(highest) - 1e-6)
    return curve_fit(
        lambda x, a, b, c: a - b * x**-c,
        relative,
        values,
        start,
        spread,
        bounds=(lowest, highest),
        max_nfev=MAX_STEPS,
    )[0]


def _interval(value: float, replicates: np.ndarray) -> Interval:
    """The plain percentile interval: on noisy sizes, the bias-corrected one covers too little."""
    lower, upper = np.quantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(value), float(lower), float(upper), len(replicates))
