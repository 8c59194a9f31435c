"""Whether the numbers of a matrix look like logarithms, or like codes for missing values."""

from collections.abc import Sequence

import numpy as np

from deeprules.ingest.feature_checks import FeatureCheck
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.ingest.transforms import TAKES_COUNTS

LARGEST_LOGARITHM = 30.0
"""Counts of 2^30 reads of one gene do not occur; their logarithms do not exceed this."""

CODES = (-9.0, -99.0, -999.0, -9999.0)
"""Numbers that stand for a missing value in many tables."""


class Scales(FeatureCheck):
    """Remembers of the features of a source what their scale shows."""

    def __init__(self, source: Source, names: Sequence[str]):
        super().__init__(source, names)
        self._largest, self._is_whole = -np.inf, True
        self._coded = np.zeros(len(names), dtype=np.int64)
        self._least = np.full(len(names), np.inf)

    def take(self, chunk: Chunk, values: np.ndarray) -> None:
        """Look at the values (N, P) of the next samples, as they stand in the file."""
        finite = np.isfinite(values)
        self.see(values[finite])
        is_code = np.isin(values, CODES)
        self._coded += is_code.sum(axis=0)
        others = np.min(values, axis=0, initial=np.inf, where=finite & ~is_code)
        self._least = np.minimum(self._least, others)

    def see(self, numbers: np.ndarray) -> None:
        """Look at finite numbers alone, whatever features they are of."""
        self._largest = max(self._largest, np.max(numbers, initial=-np.inf))
        self._is_whole = self._is_whole and bool((numbers % 1 == 0).all())

    @property
    def are_logarithms(self) -> bool:
        """Whether there are decimals, and no number that a logarithm of a count does not reach."""
        return not self._is_whole and self._largest <= LARGEST_LOGARITHM

    def report(self, transform: str) -> None:
        """Note codes for missing values, and logarithms of which the logarithm is taken."""
        coded = self._names[(self._coded > 0) & (self._least >= 0)]
        if len(coded):
            self._source.notes.append(
                f"{self._source.name}: -9, -99, -999 or -9999 stand in features that have no other "
                f"negative number ({listing(coded, 5)}). If they mean a missing value, write NA."
            )
        if transform in TAKES_COUNTS and self.are_logarithms:
            self._source.notes.append(
                f"{self._source.name}: its numbers are decimals of {self._largest:.3g} at most, as "
                f"logarithms are. {transform} takes counts: if they are logarithms, set "
                "`transform: none` in data."
            )
