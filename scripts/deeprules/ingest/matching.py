"""Choosing, among many candidates, those that are like the examples in a few properties."""

import numpy as np
from scipy.spatial import KDTree

NEIGHBOURS = 8
"""Candidates that each example looks at in a round."""


def match_nearest(
    wanted: np.ndarray, candidates: np.ndarray, tolerance: float, rng: np.random.Generator
) -> np.ndarray:
    """The nearest free candidate of each example, no candidate twice.

    In rounds: each example without a partner looks at its nearest free candidates, and the pairs
    are taken from the nearest on. Ties are broken at random, so give properties that are counts a
    jitter (`jittered`), or they all ask for the same candidates.

    Parameters
    ----------
    wanted : properties of the examples (N, D)
    candidates : properties of the candidates (M, D)
    tolerance : largest difference in any property

    Returns
    -------
    Row of the candidate of each example (N), -1 where none is left within the tolerance.
    """
    chosen = np.full(len(wanted), -1, dtype=np.int64)
    free = np.arange(len(candidates))
    waiting = rng.permutation(len(wanted))
    while len(waiting) and len(free):
        tree = KDTree(candidates[free])
        count = min(NEIGHBOURS, len(free))
        distance, found = tree.query(
            wanted[waiting], k=np.arange(1, count + 1), p=np.inf, distance_upper_bound=tolerance
        )
        near = np.isfinite(distance)
        order = np.argsort(distance[near], kind="stable")
        asking = np.nonzero(near)[0][order]
        taken = np.zeros(len(free), dtype=bool)
        for row, candidate in zip(asking.tolist(), found[near][order].tolist(), strict=True):
            if chosen[waiting[row]] < 0 and not taken[candidate]:
                chosen[waiting[row]] = free[candidate]
                taken[candidate] = True
        waiting = waiting[near.any(axis=1)]  # Whoever sees none now will see none later.
        waiting = waiting[chosen[waiting] < 0]
        free = free[~taken]
    return chosen


def jittered(shares: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Shares that are counts out of `steps`, each moved by up to half a step either way."""
    return shares + (rng.random(shares.shape) - 0.5) / steps
