"""How many known motifs are as like a motif because of what they are made of.

The columns of a motif are not independent, as the p values of Tomtom have it: runs of one base and
repeats are like whatever is rich in them. Known motifs whose columns are shuffled, or stand the
other way around, are as rich and repetitive, and mean nothing.
"""

from collections.abc import Sequence

import numpy as np

from deeprules.interpret.tomtom import tomtom

SHUFFLES = 10
"""Times that all known motifs are shuffled."""
NEARLY = 10
"""Reversed, a repeat has the p value of itself but for the bases beside it: so many times more."""


def false_discovery_by_chance(
    motif: np.ndarray, known: Sequence[np.ndarray], p_values: np.ndarray, seed: int = 0
) -> np.ndarray:
    """False discovery rate (K,) if each known motif, and all that are as like, were called alike.

    It is the number of motifs without meaning that are as like, for each set of them that is as
    large as that of known ones, over the number of known ones (Elias and Gygi 2007, Nature Methods
    4:207); the higher one of shuffled columns and of reversed ones, of which `NEARLY` counts too.

    Parameters
    ----------
    motif : base probabilities (W, 4); `known` those of K motifs, `p_values` (K,) those of Tomtom
    """
    rng = np.random.default_rng(seed)
    rates = np.zeros(len(known))
    as_like = np.searchsorted(np.sort(p_values), p_values, side="right")
    shuffled = [one[rng.permutation(len(one))] for _ in range(SHUFFLES) for one in known]
    reversed_ones = [one[::-1] for one in known]
    for copies, factor, without_order in ((SHUFFLES, 1, shuffled), (1, NEARLY, reversed_ones)):
        by_chance = np.sort(tomtom(motif, without_order).p_values)
        n = np.searchsorted(by_chance, factor * p_values, side="right") / copies
        rates = np.maximum(rates, n / as_like)
    return np.minimum(rates, 1)
