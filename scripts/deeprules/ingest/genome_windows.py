"""Windows of a genome that negatives may be drawn from, and what they are made of."""

import numpy as np
import pandas as pd

from deeprules.encoding import BASE_INDEX, INVALID, codes_of
from deeprules.ingest.interval_sets import Contigs, IntervalSet, free_stretches, join_places

BLOCK_BASES = 2**22
"""Bases of a chromosome that are held at a time."""
GAP = 10
"""Ambiguous letters in a row that make a gap, where no window lies; shorter runs may be in one."""

_CODES = codes_of(np.arange(256))
_BASES = np.where(_CODES == INVALID, 4, BASE_INDEX[_CODES % 16]).astype(np.uint8)
"""Letter -> 0..3 for A, C, G, T in either case, and 4 for everything else."""


def free_windows(
    genome: Contigs,
    chromosome: str,
    width: int,
    taken: IntervalSet,
    most: int,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Windows side by side in what is free of a chromosome; none overlaps another.

    The chromosome is read in blocks, twice: for its gaps, and for what the windows are made of.

    Parameters
    ----------
    taken : places where no window may lie; gaps are found on the way
    most : windows that are kept, drawn at random where there are more

    Returns
    -------
    As `described_windows`.
    """
    closed = zip(_gaps(genome, chromosome), taken.joined(chromosome), strict=True)
    first, last = (np.concatenate(ends) for ends in closed)
    order = np.argsort(first, kind="stable")
    joined = join_places(first[order], last[order])
    starts = _side_by_side(*free_stretches(*joined, genome.sizes[chromosome]), width, random)
    if len(starts) > most:
        starts = np.sort(random.choice(starts, most, replace=False))
    return described_windows(genome, chromosome, starts, width)


def described_windows(
    genome: Contigs, chromosome: str, starts: np.ndarray, width: int
) -> pd.DataFrame:
    """Windows at sorted starts (N), one a row: contig (its number in the genome), start, gc (share
    of G and C among the known bases) and repeats (share of letters in lower case, which mask them).
    """
    gc, repeats = _window_shares(genome, chromosome, starts, width)
    contig = np.full(len(starts), list(genome.sizes).index(chromosome), dtype=np.int32)
    return pd.DataFrame({"contig": contig, "start": starts, "gc": gc, "repeats": repeats})


def _window_shares(
    genome: Contigs, chromosome: str, starts: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of GC and of lower case in windows (N), sorted by their start."""
    gc, repeats = np.zeros(len(starts), np.float32), np.zeros(len(starts), np.float32)
    low = 0
    while low < len(starts):
        high = max(low + 1, int(np.searchsorted(starts, starts[low] + BLOCK_BASES - width)))
        begin, end = int(starts[low]), int(starts[high - 1]) + width
        letters = _letters(genome, chromosome, begin, end)
        bases = _BASES[letters]
        at = starts[low:high] - begin
        strong, known, lower = (
            _in_windows(what, at, width)
            for what in ((bases == 1) | (bases == 2), bases < 4, letters >= ord("a"))
        )
        gc[low:high] = strong / np.maximum(known, 1)
        repeats[low:high] = lower / width
        low = high
    return gc, repeats


def _in_windows(what: np.ndarray, at: np.ndarray, width: int) -> np.ndarray:
    """How many of the letters that `what` marks lie in each window."""
    total = np.concatenate([[0], np.cumsum(what, dtype=np.int32)])
    return total[at + width] - total[at]


def _letters(genome: Contigs, chromosome: str, start: int, end: int) -> np.ndarray:
    return np.frombuffer(genome.fetch(chromosome, start, end).encode("latin-1"), dtype=np.uint8)


def _gaps(genome: Contigs, chromosome: str) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of the gaps of a chromosome."""
    size, starts, ends = genome.sizes[chromosome], [], []
    for start in range(0, size, BLOCK_BASES):
        letters = _letters(genome, chromosome, start, min(start + BLOCK_BASES, size))
        unknown = np.concatenate([[False], _BASES[letters] > 3, [False]])
        turns = np.flatnonzero(unknown[1:] != unknown[:-1]) + start
        starts.append(turns[::2])
        ends.append(turns[1::2])
    # A run that goes on in the next block is one.
    starts, ends = join_places(np.concatenate(starts), np.concatenate(ends))
    return starts[ends - starts >= GAP], ends[ends - starts >= GAP]


def _side_by_side(
    first: np.ndarray, last: np.ndarray, width: int, rng: np.random.Generator
) -> np.ndarray:
    """Starts of as many windows as fit into each stretch, the first at a random distance."""
    count = (last - first) // width
    spare = last - first - count * width
    begin = first + rng.integers(0, spare + 1)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(begin, count) + number * width
