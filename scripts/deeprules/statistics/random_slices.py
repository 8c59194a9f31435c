"""Random slices: what score a slice would have if it were drawn by chance.

A random slice has as many examples of each stratum (a class, say), drawn without replacement. Those
that score as far out are counted; where next to none does, the tail is that of a Pearson type III
curve with their mean, variance and skewness (Mielke and Berry, Permutation Methods, Springer 2007),
so that small p values need no more random slices. Where examples are grouped, the variance is
widened by the design effect of whole groups (Rao and Scott 1992, Biometrics 48:577), and Student's
t, with one degree of freedom less than there are groups in the slice or in the rest (whichever has
fewer), stands for the normal.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from deeprules.statistics.bootstrap import CHUNK_ELEMENTS

RANDOM_SLICES = 1000
CONSTANT = 1e-12
"""Spread below which all random slices have one score."""
COUNTED = 3
"""Random slices as far out as the slice, below which the curve stands for the count."""


def shuffles(strata: np.ndarray, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Each example's place (b, N) in a random order of its stratum, in chunks of bounded memory."""
    step = max(1, CHUNK_ELEMENTS // len(strata))
    for start in range(0, RANDOM_SLICES, step):
        size = min(step, RANDOM_SLICES - start)
        ranks = np.empty((size, len(strata)), dtype=np.int32)
        for stratum in np.unique(strata):
            rows = np.flatnonzero(strata == stratum)
            order = np.tile(np.arange(len(rows), dtype=np.int32), (size, 1))
            ranks[:, rows] = generator.permuted(order, axis=1)
        yield ranks


def design_effect(
    member: np.ndarray, values: np.ndarray, strata: np.ndarray, groups: np.ndarray
) -> float:
    """How much wider than by example a slice's mean varies by group, as a ratio of variances.

    Parameters
    ----------
    member : bool (N,)
    values : (N,), of which the mean is taken
    strata, groups : numbers (N,) of each example's stratum and group

    Returns
    -------
    At least 1. Source: Rao and Scott 1992, Biometrics 48:577.
    """
    both = pd.DataFrame({"member": member.astype(float), "value": values})
    centred = both - both.groupby(strata).transform("mean")
    product = centred["member"].to_numpy() * centred["value"].to_numpy()
    by_example = (product**2).sum()
    by_group = (np.bincount(groups, product) ** 2).sum()
    return max(1.0, float(by_group / by_example)) if by_example > 0 else 1.0


def p_value(
    score: float, random: np.ndarray, widening: float = 1.0, n_groups: int | None = None
) -> float:
    """Two-sided p value that a slice is a random one.

    Parameters
    ----------
    score : that of the slice
    random : scores (B,) of random slices
    widening : design effect of the groups
    n_groups : groups in the slice or in the rest, whichever are fewer; None without groups
    """
    if random.std() < CONSTANT:
        return 1.0
    centre, spread = random.mean(), random.std() * np.sqrt(widening)
    widened = centre + (random - centre) * np.sqrt(widening)
    counts = (widened <= score + CONSTANT).sum(), (widened >= score - CONSTANT).sum()
    found = 2 * (min(counts) + 1) / (len(random) + 1)
    if min(counts) < COUNTED:
        curve, distance = stats.pearson3(stats.skew(random)), (score - centre) / spread
        found = min(found, 2 * min(curve.cdf(distance), curve.sf(distance)))
    found = min(found, 1.0)
    if n_groups is None:
        return float(found)
    return float(2 * stats.t.sf(stats.norm.isf(found / 2), n_groups - 1))
