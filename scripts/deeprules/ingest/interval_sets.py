"""Sets of genomic places, and what overlaps them."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from deeprules.ingest.bed_lines import bed_lines, is_header
from deeprules.ingest.sources import Source


class Contigs(Protocol):
    """A genome, as `deeprules.ingest.genomes.Genome`, which only its readers import."""

    sizes: Mapping[str, int]

    def find(self, chromosome: str) -> str | None:
        """The genome's own name of a chromosome, if it has it."""

    def fetch(self, chromosome: str, start: int, end: int) -> str:
        """Letters of a place."""


class IntervalSet:
    """Places on chromosomes: half open, added in any order, joined where they touch."""

    def __init__(self):
        self._added: dict[str, list[tuple[int, int]]] = {}
        self._joined: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def add(self, chromosome: str, start: int, end: int) -> None:
        """Add a place."""
        self._added.setdefault(chromosome, []).append((start, end))
        self._joined.pop(chromosome, None)

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        for chromosome, places in self._added.items():
            for start, end in places:
                yield chromosome, start, end

    def joined(self, chromosome: str) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends of what is covered on a chromosome, in order, without overlaps."""
        if chromosome not in self._joined:
            places = np.array(sorted(self._added.get(chromosome, ())), dtype=np.int64)
            self._joined[chromosome] = join_places(*places.reshape(-1, 2).T)
        return self._joined[chromosome]

    def overlaps(self, chromosome: str, start: int, end: int) -> bool:
        """Whether a place shares a base with the set."""
        return bool(self.overlap(chromosome, np.array([start]), np.array([end]))[0])

    def overlap(self, chromosome: str, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Which of the places (N) share a base with the set."""
        first, last = self.joined(chromosome)
        if not len(first):
            return np.zeros(len(starts), dtype=bool)
        before = np.searchsorted(first, ends)  # Those that start before a place ends.
        return (before > 0) & (last[before - 1] > starts)


def join_places(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of what places (N), sorted by their start, cover together."""
    if not len(starts):
        return starts, ends
    reach = np.maximum.accumulate(ends)
    is_first = np.append(True, starts[1:] > reach[:-1])
    return starts[is_first], reach[np.append(np.flatnonzero(is_first)[1:] - 1, len(ends) - 1)]


def free_stretches(
    starts: np.ndarray, ends: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of what joined places leave free of a chromosome of `size` bases."""
    first = np.append(0, np.clip(ends, 0, size))
    last = np.append(np.clip(starts, 0, size), size)
    return first[first < last], last[first < last]


def read_places(source: Source, genome: Contigs) -> Iterator[tuple[str, int, int]]:
    """Chromosome, start and end of each line of a BED source, under the genome's names.

    What lies on other chromosomes, or beyond the end of one, is left out: such a source says
    where not to look, or where one may.

    Raises
    ------
    BadSource
        If a line holds no interval.
    """
    for row, fields in bed_lines(source):
        if is_header(fields):
            continue
        if len(fields) < 3 or not (fields[1].isdecimal() and fields[2].isdecimal()):
            raise source.bad(
                f"line {row:,} is no interval: {' '.join(fields[:3])!r}",
                "Give chromosome, start and end, as BED has them",
            )
        chromosome, start, end = genome.find(fields[0]), int(fields[1]), int(fields[2])
        if chromosome is not None and start < min(end, genome.sizes[chromosome]):
            yield chromosome, start, min(end, genome.sizes[chromosome])
