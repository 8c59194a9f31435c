"""The dinucleotide shuffle: exact counts, and every order of the same counts equally likely."""

from collections import Counter
from itertools import permutations

import numpy as np

from deeprules.ingest.shuffling import dinucleotide_shuffle


def pairs(codes):
    return Counter(zip(codes[:-1].tolist(), codes[1:].tolist(), strict=True))


def test_counts_of_pairs_and_both_ends_stay():
    rng = np.random.default_rng(1)
    for length in (1, 2, 3, 4, 5, 20, 500):
        for alphabet in ([1, 2, 4, 8], [1, 15], [1]):
            codes = rng.choice(np.array(alphabet, dtype=np.uint8), length)
            shuffled = dinucleotide_shuffle(codes, rng)
            assert shuffled.dtype == codes.dtype and pairs(shuffled) == pairs(codes)
            assert (shuffled[0], shuffled[-1]) == (codes[0], codes[-1])


def test_long_runs_of_one_letter():
    rng = np.random.default_rng(1)
    codes = np.array([1] * 300 + [15] * 300 + [8] * 300 + [2], dtype=np.uint8)
    assert pairs(dinucleotide_shuffle(codes, rng)) == pairs(codes)


def test_all_orders_are_equally_likely():
    rng = np.random.default_rng(1)
    codes = np.array([1, 2, 1, 1, 4, 2, 2, 1], dtype=np.uint8)
    possible = {
        order
        for middle in permutations(codes[1:-1].tolist())
        if pairs(np.array(order := (1, *middle, 1))) == pairs(codes)
    }
    n = 400 * len(possible)
    found = Counter(tuple(dinucleotide_shuffle(codes, rng).tolist()) for _ in range(n))
    assert set(found) == possible and len(possible) > 5
    chi_squared = sum((found[order] - 400) ** 2 / 400 for order in possible)
    assert chi_squared < len(possible) + 4 * np.sqrt(2 * len(possible))
