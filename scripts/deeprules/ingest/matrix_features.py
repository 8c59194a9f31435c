"""Numbers of several matrices, transformed and brought to the same features."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from deeprules.errors import Problem
from deeprules.ingest.feature_checks import FeatureCheck
from deeprules.ingest.matrix_names import note_names
from deeprules.ingest.precision import Rounding
from deeprules.ingest.problems import Problems
from deeprules.ingest.row_counters import RowCounters
from deeprules.ingest.scales import Scales
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.ingest.sparse_checks import take_sparse
from deeprules.ingest.totals import Totals
from deeprules.ingest.transforms import (
    IN_WORDS,
    OVER_ALL_FEATURES,
    PER,
    TAKES_COUNTS,
    transformed,
)
from deeprules.names import ONE_LINE, near_equal, plain_name, quoted, with_line_breaks

CHECKS = (RowCounters, Totals, Scales)
"""What looks at the numbers of each matrix, in the order of its reports."""


class MatrixFeatures:
    """Takes the numbers of each chunk, then gives all matrices the same features.

    Parameters
    ----------
    data : the section `data` of the config
    """

    dtype = np.dtype(np.float32)
    facts: Mapping = {}

    def __init__(self, data: Mapping):
        self._transform = data["transform"]
        self._keeps_missing = data["missing"] == "impute"
        self._keeps_all = data["features"] == "all"
        self._features: dict[str, pd.Index] = {}
        self._checks: dict[str, dict[type[FeatureCheck], FeatureCheck]] = {}
        self._rounding: dict[str, Rounding] = {}
        self._kept = pd.Index([], dtype=object)
        self._gene_ids: dict[str, Mapping[str, str]] = {}
        self._unlike: list[str] = []

    def _begin(self, source: Source, chunk: Chunk) -> None:
        """Look at the names of a source's features, once."""
        names = chunk.feature_names
        broken = with_line_breaks(pd.Series(names, dtype=object))
        if broken.any():
            raise source.bad(
                f"names of features with a line break: {np.asarray(names)[broken][:5]}",
                ONE_LINE,
            )
        note_names(source, chunk.taken_names)
        self._features[source.name] = _plain(source, chunk.taken_names)
        self._checks[source.name] = {check: check(source, names) for check in CHECKS}
        self._rounding[source.name] = Rounding(source, names)
        self._gene_ids[source.name] = source.gene_ids

    def take(self, source: Source, chunk: Chunk) -> tuple[np.ndarray | sparse.csr_array, dict]:
        """The transformed numbers of a chunk (N, P of this source), and nothing beside them."""
        if self._transform not in OVER_ALL_FEATURES:
            chunk = chunk.only_chosen()
        if source.name not in self._features:
            self._begin(source, chunk)
        values = self._transformed(source, chunk)
        return values if chunk.chosen is None else values[:, chunk.chosen], {}

    def _transformed(self, source: Source, chunk: Chunk) -> np.ndarray | sparse.csr_array:
        """The numbers of all features of a chunk, checked and transformed."""
        names = chunk.feature_names
        if sparse.issparse(chunk.features):
            scales = self._checks[source.name][Scales]
            return take_sparse(source, chunk, self._transform, scales)
        values = np.asarray(chunk.features, dtype=np.float64)
        for check in self._checks[source.name].values():
            check.take(chunk, values)

        def report(cells: np.ndarray, remedy: str) -> None:
            source.problem_at(
                np.argwhere(cells),
                lambda cell: (
                    *chunk.place(cell[0], names[cell[1]]),
                    f"it is {values[tuple(cell)]}",
                ),
                remedy,
            )

        report(np.isinf(values), "Give a finite number")
        if not self._keeps_missing:
            report(np.isnan(values), "Fill it in, or set `missing: impute` in data")
        if self._transform in TAKES_COUNTS:
            report(values < 0, f"Set `transform: none` in data; {self._transform} takes counts")
            values = np.maximum(values, 0)
        if self._transform in PER:
            source.problem_at(
                np.flatnonzero(np.nansum(values, axis=1) == 0),
                lambda i: (*chunk.place(i), "all counts are 0"),
                "Leave the sample out: `data: exclude: {id: [its id, ...]}`",
            )
        values = transformed(self._transform, values)
        values = self._rounding[source.name].take(chunk, values)
        values += np.float32(0)  # -0 becomes 0: the same content has the same bytes,
        values[np.isnan(values)] = np.nan  # and so has every missing value.
        return values

    def fix(self, problems: Problems) -> None:
        """Decide on the features, once all chunks have been taken; note those that are none."""
        for name in self._features:
            for check in self._checks[name].values():
                check.report(self._transform)
            if self._transform == "none":  # The logarithm is what the others would be told to take.
                self._rounding[name].report()
        first, *others = self._features.values()
        shared = [first.isin(names) for names in others]
        self._kept = first[np.all([np.full(len(first), True), *shared], axis=0)]
        self._unlike = [name for name in self._kept if self._are_unlike(name)]
        self._kept = self._kept.drop(self._unlike)
        if self._kept.empty:
            sources = ", ".join(self._features)
            problem = f"no feature is in all of {sources}; they name them differently"
            problems.add(Problem("data.features in the config", "", "", problem, "Rename them"))
        if self._keeps_all:
            kept = dict.fromkeys(name for names in self._features.values() for name in names)
            self._kept = pd.Index(kept, dtype=object)
        self._positions = {
            source: names.get_indexer(self._kept) for source, names in self._features.items()
        }

    def _are_unlike(self, name: str) -> bool:
        """Whether a name that genes share is that of another gene in each source."""
        ids = {found[name].split(".")[0] for found in self._gene_ids.values() if name in found}
        return len(ids) > 1

    @property
    def names(self) -> list[str]:
        """Names of the features, once `fix` has been called."""
        return self._kept.tolist()

    @property
    def width(self) -> int:
        """Number of features, once `fix` has been called."""
        return len(self._kept)

    def block(
        self, values: np.ndarray | sparse.csr_array, _lengths: None, source: str
    ) -> np.ndarray | sparse.csr_array:
        """Values of a source's samples, one after another, as rows of the kept features (N, P).

        Rows that are sparse stay so.
        """
        if sparse.issparse(values):
            return self._chosen(values, source)
        rows = values.reshape(-1, len(self._features[source]))
        positions = self._positions[source]
        rows = rows[:, positions]
        rows[:, positions < 0] = 0
        return rows

    def _chosen(self, rows: sparse.csr_array, source: str) -> sparse.csr_array:
        """The kept features (N, P) of sparse rows; one that a source lacks is 0."""
        here = self._kept.get_indexer(self._features[source])
        rows = rows.tocoo()
        columns = here[rows.col]
        kept = columns >= 0
        cells = rows.data[kept], (rows.row[kept], columns[kept])
        return sparse.csr_array(cells, shape=(rows.shape[0], self.width))

    def reverse(self, rows: np.ndarray, _lengths: None) -> np.ndarray:
        """The rows themselves: numbers have no other strand."""
        return rows

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        notes = [note for rounding in self._rounding.values() for note in rounding.notes]
        everything = set().union(*self._features.values())
        partial = len(everything) - sum(
            all(name in names for names in self._features.values()) for name in everything
        )
        if partial:
            fate = "are 0 where they are missing" if self._keeps_all else "are left out"
            notes.append(
                f"{partial:,} of {len(everything):,} features are not in all matrices; they {fate}."
            )
            alike = near_equal(sorted(everything))
            if alike:
                notes.append(f"Features whose names are nearly the same: {quoted(alike, 3)}.")
        if self._unlike and not self._keeps_all:
            notes.append(
                f"Features left out, as their names stand more than once and are those of other "
                f"genes in each source ({len(self._unlike):,}): {listing(self._unlike, 5)}."
            )
        are_logarithms = {name: one[Scales].are_logarithms for name, one in self._checks.items()}
        if len(set(are_logarithms.values())) > 1:
            logarithms = [name for name, found in are_logarithms.items() if found]
            notes.append(
                f"Matrices of unlike scales: {listing(logarithms)} may hold logarithms, the others "
                "not. What tells the matrices apart is then no biology."
            )
        if self._transform in IN_WORDS:
            notes.append(IN_WORDS[self._transform])
        return notes


def _plain(source: Source, names: Sequence[str]) -> pd.Index:
    """Names of features in the form that they have in every matrix, each once."""
    index = pd.Index([plain_name(name) for name in names], dtype=object)
    source.refuse_repeats(
        index,
        "features whose names only blanks, or ways to write a number, tell apart",
        "Give every feature a name of its own",
    )
    return index
