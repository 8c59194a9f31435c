"""Numbers of 64 bits kept in 32, and what is lost by it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from deeprules.ingest.sources import Chunk, Source, listing

LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).tiny)
"""Smallest number above 0 with all its digits; those below lose digits, then become 0."""

WHOLE = 2**24
"""Up to here 32 bits hold every whole number."""

_COUNTABLE = 2**53
"""Up to here 64 bits do; beyond, every number is whole."""

_ERROR = 0.01
"""Rounding errors above this share of a feature's range blur what it says."""

_TINY = 0.01
"""Share of a feature's values that may be too close to 0."""


class Rounding:
    """Turns the features of a source into `float32`, and remembers what each feature lost.

    Parameters
    ----------
    source : where the values come from
    names : names of its features (P)
    """

    def __init__(self, source: Source, names: Sequence[str]):
        self._source = source
        self._names = pd.Index(names, dtype=object)
        size = len(names)
        self._low, self._high = np.full(size, np.inf), np.full(size, -np.inf)
        self._error = np.zeros(size)
        self._tiny, self._whole = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        self._n = 0

    def take(self, chunk: Chunk, values: np.ndarray) -> np.ndarray:
        """Values (N, P) as `float32`; those that are too large are reported, and become 0."""
        magnitudes = np.abs(values)
        beyond = np.isfinite(values) & (magnitudes > LARGEST)
        self._source.problem_at(
            np.argwhere(beyond),
            lambda cell: (
                *chunk.place(cell[0], self._names[cell[1]]),
                f"{values[tuple(cell)]:g} is beyond {LARGEST:.2g}, the largest 32-bit number",
            ),
            "Take the logarithm of the feature, or divide it",
        )
        finite = np.isfinite(values) & ~beyond
        kept = np.where(beyond, 0, values).astype(np.float32)
        values = np.where(finite, values, 0)
        errors = np.abs(values - np.where(finite, kept, 0))
        self._error = np.maximum(self._error, errors.max(axis=0, initial=0))
        self._low = np.minimum(
            self._low, np.where(finite, values, np.inf).min(axis=0, initial=np.inf)
        )
        self._high = np.maximum(
            self._high, np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf)
        )
        self._tiny += ((magnitudes < SMALLEST) & (errors > 0)).sum(axis=0)
        counts = (magnitudes > WHOLE) & (magnitudes < _COUNTABLE) & (values % 1 == 0)
        self._whole += (counts & (errors > 0)).sum(axis=0)
        self._n += len(values)
        return kept

    def report(self) -> None:
        """Note the features that 32 bits cannot hold, once all samples have been seen."""
        spread = self._high - self._low
        blurred = (spread > 0) & (self._error > _ERROR * spread)
        self._source.problem_at(
            np.flatnonzero(blurred),
            lambda index: (
                "",
                self._names[index],
                f"its values, {self._low[index]:.12g} to {self._high[index]:.12g}, are closer "
                "together than 32-bit numbers",
            ),
            "Take the logarithm of the feature, subtract an offset or rescale it",
        )
        vanishing = (self._tiny > _TINY * self._n) & ~blurred
        self._source.problem_at(
            np.flatnonzero(vanishing),
            lambda index: (
                "",
                self._names[index],
                f"{self._tiny[index]:,} of its values are closer to 0 than 32-bit numbers "
                f"({SMALLEST:.2g})",
            ),
            "Take the logarithm of the feature, or multiply it",
        )

    @property
    def notes(self) -> list[str]:
        """What was lost where it does not matter much."""
        kinds = {
            f"closer to 0 than {SMALLEST:.2g} and became 0 or lost digits": self._tiny,
            f"whole numbers beyond {WHOLE:,} and were rounded": self._whole,
        }
        return [
            f"Features are 32-bit numbers: {counts.sum():,} values of {self._source.name} are "
            f"{fate}, in {listing(self._names[counts > 0], 5)}. Take logarithms or subtract an "
            "offset if their digits matter."
            for fate, counts in kinds.items()
            if counts.any()
        ]
