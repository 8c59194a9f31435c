"""Numbers of rows that stand among the features of a matrix."""

import re
from collections.abc import Sequence

import numpy as np

from deeprules.ingest.feature_checks import FeatureCheck
from deeprules.ingest.sources import Chunk, Source

_COUNTER_NAME = re.compile(
    r"x(\.\d+)?|v1|#|rn|nr|no|id|ind?e?x|level_0|number|obs(ervation)?|record|case"
    r"|row[ ._]?(s|id|idx|index|n|nr|no|num|number|name|names)?",
    re.IGNORECASE,
)
MIN_ROWS = 10
"""Fewer numbers in a row may follow each other by chance."""


class RowCounters(FeatureCheck):
    """Finds features that number the samples of a source, and samples that number its features.

    Such a feature has one step from each sample to the next (0, 1, 2 ...), or a name that is
    usual for row numbers (`X`, `index` ...) and a different whole number in each sample.
    """

    def __init__(self, source: Source, names: Sequence[str]):
        super().__init__(source, names)
        self._suspects = np.arange(len(names))
        self._steps: np.ndarray | None = None
        self._last: np.ndarray | None = None
        self._n = 0
        named = [bool(_COUNTER_NAME.fullmatch(name)) for name in names]
        self._named = {index: [] for index in np.flatnonzero(named)}

    def take(self, chunk: Chunk, values: np.ndarray) -> None:
        """Look at the values (N, P) of the next samples."""
        if not len(values):
            return
        self._follow(values)
        for index, seen in self._named.items():
            seen.append(values[:, index])
        self._n += len(values)
        if len(self._names) >= MIN_ROWS:
            steps = values[:, 1] - values[:, 0]
            rows = np.flatnonzero(steps != 0)  # Most samples leave after two more features.
            for at in range(1, len(self._names) - 1):
                rows = rows[values[rows, at + 1] - values[rows, at] == steps[rows]]
                if not len(rows):
                    return
            self._source.problem_at(
                rows,
                lambda row: (*chunk.place(row), "its values number the features"),
                "Remove it: it is no sample",
            )

    def _follow(self, values: np.ndarray) -> None:
        """Keep the features that have had one step so far."""
        if not len(self._suspects):
            return
        values = values[:, self._suspects]
        if self._last is not None:
            values = np.vstack([self._last, values])
        if len(values) > 1:
            steps = np.diff(values, axis=0)
            first = steps[0] if self._steps is None else self._steps
            same = (steps == first).all(axis=0) & (first != 0)
            self._suspects, self._steps, values = self._suspects[same], first[same], values[:, same]
        self._last = values[-1]

    def report(self, transform: str) -> None:
        """Note the features that number the samples, once all samples have been seen."""
        if self._n < MIN_ROWS:
            return
        named = [
            index for index, seen in self._named.items() if _are_distinct(np.concatenate(seen))
        ]
        self._source.problem_at(
            np.union1d(self._suspects, named).astype(int),
            lambda index: ("", self._names[index], "its values number the samples"),
            "List it in `metadata`: the number of a row is no feature. If it is one, give it "
            "another name with `columns`, or the samples another order",
        )


def _are_distinct(values: np.ndarray) -> bool:
    whole = np.isfinite(values).all() and (values % 1 == 0).all()
    return bool(whole) and len(np.unique(values)) == len(values)
