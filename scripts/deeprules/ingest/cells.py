"""One column of a chunk, and where each of its cells stands: in the source or its sample table."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.ingest.number_marks import COMMAS, POINT
from deeprules.ingest.sample_tables import SampleTable
from deeprules.ingest.sources import Chunk, Source

_EXACT = 2**53
"""Up to here 64-bit numbers hold every whole number."""


@dataclass(frozen=True)
class Cells:
    """The cells of a column, as text.

    Attributes
    ----------
    values : text (N), null where a cell is empty
    source : the file that the column comes from
    place : row and column of a cell in that file, by its position in `values`
    """

    values: pd.Series
    source: Source
    place: Callable[[int], tuple[str, str]]

    @classmethod
    def of(
        cls,
        source: Source,
        chunk: Chunk,
        table: pd.DataFrame,
        name: str,
        samples: SampleTable | None = None,
    ) -> "Cells":
        """A column of a chunk's table, which its sample table may have given."""
        if samples is None or not samples.gives(name):
            return cls(table[name], source, lambda index: chunk.place(index, name))
        prefix = source.settings["id_prefix"]

        def place(index: int) -> tuple[str, str]:
            return samples.place(table["id"].iloc[index].removeprefix(prefix), name, source)

        return cls(table[name], samples.source, place)

    def report(self, wrong: np.ndarray, problem: str, remedy: str) -> None:
        """Note each cell for which `wrong` (N) is true; `problem` may show it, as `{!r}`."""
        self.source.problem_at(
            np.flatnonzero(wrong),
            lambda index: (*self.place(index), problem.format(self.values.iloc[index])),
            remedy,
        )

    def with_commas(self) -> np.ndarray:
        """Which cells (N) are numbers with a decimal comma or separators of thousands."""
        return self.values.str.fullmatch(COMMAS).fillna(False).to_numpy(dtype=bool)

    def numbers(self, remedy: str) -> pd.Series:
        """The cells as `float64`, with a problem for each that is no finite number, or another."""
        found = pd.to_numeric(self.values, errors="coerce").astype(np.float64)
        wrong = self.values.notna().to_numpy() & ~np.isfinite(found.to_numpy())
        commas = wrong & self.with_commas()
        self.report(commas, "{!r} is no number", POINT)
        self.report(wrong & ~commas, "{!r} is no finite number", remedy)
        self.report(
            self._differ(found),
            "{!r} has more digits, or is closer to 0, than 64-bit numbers",
            "Subtract an offset, rescale it or take the logarithm",
        )
        return found

    def _differ(self, found: pd.Series) -> np.ndarray:
        """Which cells are not 0 and became so, or are whole numbers that became others."""
        vanished = (found == 0) & self.values.str.match(r"[^eE]*[1-9]").fillna(False)
        large = (found.abs() >= _EXACT) & self.values.str.fullmatch(r"[+-]?\d+").fillna(False)
        rounded = [
            bool(is_large) and np.isfinite(number) and int(number) != int(text)
            for text, number, is_large in zip(self.values, found, large, strict=True)
        ]
        return vanished.to_numpy(dtype=bool) | np.array(rounded, dtype=bool)
