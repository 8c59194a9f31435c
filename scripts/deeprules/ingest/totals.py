"""Sums of all features that stand among the features of a matrix."""

from collections.abc import Sequence

import numpy as np

from deeprules.ingest.feature_checks import FeatureCheck
from deeprules.ingest.row_counters import MIN_ROWS
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.ingest.transforms import PER

_ROUNDED = 1e-9
"""Share of a sum that may be lost where it was rounded."""


class Totals(FeatureCheck):
    """Finds features that are, in every sample, the sum of all others, as a row `Total` is."""

    def __init__(self, source: Source, names: Sequence[str]):
        super().__init__(source, names)
        self._suspects = np.arange(len(names)) if len(names) > 2 else np.arange(0)
        self._n = 0

    def take(self, chunk: Chunk, values: np.ndarray) -> None:
        """Look at the values (N, P) of the next samples."""
        sums = np.nansum(np.where(np.isinf(values), np.nan, values), axis=1)
        values, sums = values[sums != 0], sums[sums != 0, None]
        for start in range(0, len(values), 100):  # Most features leave after a few samples.
            part = slice(start, start + 100)
            if not len(self._suspects):
                return
            off = np.abs(2 * values[part][:, self._suspects] - sums[part])
            self._suspects = self._suspects[(off <= _ROUNDED * np.abs(sums[part])).all(axis=0)]
        self._n += len(values)

    def report(self, transform: str) -> None:
        """Refuse such features if counts are divided by their sum (`PER`), else note them.

        A feature can be the sum of few samples by chance.
        """
        if self._n < MIN_ROWS or not len(self._suspects):
            return
        if transform in PER:
            self._source.problem_at(
                self._suspects,
                lambda index: ("", self._names[index], "it is the sum of all other features"),
                "List it in `metadata`: it would count every read twice",
            )
        else:
            self._source.notes.append(
                f"{self._source.name}: features that are the sum of all others: "
                f"{listing(self._names[self._suspects], 5)}. List them in `metadata` if they are "
                "no features."
            )
