"""What a sequence is known by although it was edited: a sketch that survives small changes.

It is known by the 16 smallest hashes of its 16-mers (bottom-k MinHash, Broder 1997; Ondov
et al. 2016), each 16-mer being the smallest of its four orientations, so that neither strand nor
direction matters, nor a shift, a crop or padding.

Sketches are hashes, but whoever has the same data, or a genome, can compute them too: they hide
examples from readers, not from those who guess them.
"""

import numpy as np

from deeprules.encoding import BASE_INDEX

K = 16
SIZE = 16
ABSENT = np.uint32(2**32 - 1)
"""Stands where a sequence has fewer k-mers than a sketch has places."""

MIN_SHARE = 0.25
CHUNK_BASES = 2**22
LARGEST_PERIOD = 6


def sequence_sketches(codes: np.ndarray) -> np.ndarray:
    """Sketches (N, 16) `uint32` of byte codes (N, L): hashes of k-mers, the smallest first.

    K-mers with an ambiguous base or padding, and those that repeat a unit of up to 6 bases, are
    left out: unrelated sequences share them.
    """
    n, length = codes.shape
    if length < K:
        return np.full((n, SIZE), ABSENT)
    step = max(1, CHUNK_BASES // length)
    chunks = [_sketch(np.asarray(codes[start : start + step])) for start in range(0, n, step)]
    return np.concatenate([np.empty((0, SIZE), dtype=np.uint32), *chunks])


def similar_sequences(current: np.ndarray, earlier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which sequences (M) of a test set are like some of an earlier set, and which (N) of that.

    A sequence is like others if a quarter of its hashes is among theirs.
    """
    return _is_among(current, earlier), _is_among(earlier, current)


def _is_among(sketches: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which sketches (M) have a quarter of their hashes among those of the others."""
    present = sketches != ABSENT
    shared = (np.isin(sketches, others) & present).sum(axis=1)
    return (shared > 0) & (shared >= MIN_SHARE * present.sum(axis=1))


def _sketch(codes: np.ndarray) -> np.ndarray:
    """Sketches of a few sequences."""
    bases = BASE_INDEX[codes].astype(np.uint64)
    n_kmers = bases.shape[1] - K + 1
    forward = np.zeros((len(bases), n_kmers), dtype=np.uint64)
    backward = np.zeros_like(forward)
    for place in range(K):
        forward = 4 * forward + bases[:, place : place + n_kmers]
        backward = 4 * backward + bases[:, K - 1 - place : K - 1 - place + n_kmers]
    largest = np.uint64(4**K - 1)
    kmers = np.minimum(np.minimum(forward, backward), largest - np.maximum(forward, backward))
    hashes = (mixed(kmers) >> np.uint64(32)).astype(np.uint32)
    hashes[~_informative(bases, n_kmers)] = ABSENT
    sort_distinct(hashes)
    sketch = np.full((len(bases), SIZE), ABSENT)
    sketch[:, : min(SIZE, n_kmers)] = hashes[:, :SIZE]
    return sketch


def sort_distinct(hashes: np.ndarray) -> None:
    """Sort the hashes of each row (N, K) in place, each once, the rest `ABSENT` at the end."""
    hashes.sort(axis=1)
    hashes[:, 1:][hashes[:, 1:] == hashes[:, :-1]] = ABSENT
    hashes.sort(axis=1)


def _informative(bases: np.ndarray, n_kmers: int) -> np.ndarray:
    """Which k-mers (N, L - K + 1) have known bases only and are no short tandem repeat."""
    keep = _in_a_row(bases < 4, K, n_kmers)
    for period in range(1, LARGEST_PERIOD + 1):
        keep &= ~_in_a_row(bases[:, period:] == bases[:, :-period], K - period, n_kmers)
    return keep


def _in_a_row(true: np.ndarray, width: int, n: int) -> np.ndarray:
    """Whether the next `width` of each of the first `n` columns are all true."""
    sums = np.pad(np.cumsum(true, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    return sums[:, width : width + n] - sums[:, :n] == width


def mixed(numbers: np.ndarray) -> np.ndarray:
    """SplitMix64 (Steele et al. 2014): each number hashed to 64 bits."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
