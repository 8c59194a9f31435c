"""Dinucleotide shuffles: what a sequence is made of, and nothing of its order."""

import numpy as np

from deeprules.encoding import PADDING
from deeprules.ingest.shuffling import dinucleotide_shuffle


def shuffled_references(codes: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` shuffles of each sequence that keep its dinucleotides: codes (N, L) -> (N, n, L).

    Padding stays where it is, and so do the first and the last base: `dinucleotide_shuffle`.
    """
    codes = np.asarray(codes)
    found = np.repeat(codes[:, None], n, axis=1)
    for row, sequence in enumerate(codes):
        places = np.flatnonzero(sequence != PADDING)
        if len(places):
            inner = slice(places[0], places[-1] + 1)
            found[row, :, inner] = [dinucleotide_shuffle(sequence[inner], rng) for _ in range(n)]
    return found
