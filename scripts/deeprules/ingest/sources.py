"""What a reader of a data format is given, and what it gives back.

A format is one module of `deeprules.datasets`, named as in `format:` of the config, with

- `MODALITY`: `"sequence"` or `"tabular"`;
- `read(source: Source) -> Iterator[Chunk]`: the file, a chunk at a time, so that no file has to
  fit into memory.

A reader does not look at labels, groups or sample tables: it gives every column it finds, as
text, under the name that `Source.columns_of` says. Rows that cannot be used go to
`Source.problem`, and reading goes on; a file that cannot be used raises `Source.bad`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from deeprules.errors import InputError, Problem
from deeprules.ingest.interval_windows import Windows
from deeprules.ingest.left_out import LeftOut
from deeprules.ingest.problems import Problems

if TYPE_CHECKING:  # It reads sources itself.
    from deeprules.ingest.place_filter import PlaceFilter


class BadSource(InputError):
    """A whole file that cannot be used; the other sources are still read for their problems."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """One source of the config, and what a reader needs beside it.

    Attributes
    ----------
    name : its name in `data.sources`
    path : the downloaded file
    settings : its entry in the config, complete with defaults
    problems : where problems are collected
    scratch : a folder for temporary files
    genome : the FASTA file of the source that `genome` names, if any
    chunk_rows, chunk_values : how many rows, and letters or numbers, to hold at a time
    notes : what a reader did that the user should know
    annotations : columns after the first of a matrix that the file says describe the features
    described : rows of a matrix that the file says describe the samples, as `metadata` does
    nested : type of each column of lists, structs or maps: it is left out, as no cell is one value
    windows : how intervals are cut, if not as they are
    chromosomes : names in it and how often each occurs, from a first pass over intervals
    places : which intervals are left out for where they lie; none are where it is None
    regions : the source of intervals that `regions` names, if any
    tracks : the sources of all tracks that are read with it, if it is the first of several
    given : path of the file on this machine that `path` is a copy of, if it is one
    names : files with the `genes` and the `barcodes` of a matrix that does not hold them
    files : the file of each sample, if each has one of its own
    left_out : counts of the examples that are left out, by reason, of all sources
    respelt : ids that held what no eye can see
    written_as : known formats that the file shows to be, such as GCT, with samples in columns
    sample_keys : ids of the sample table as `alike_key` gives them
    described_by : columns that are asked for, and that describe samples
    known_features : features that are asked for, if they are known
    gene_ids : id of each feature whose name in the file is that of others too
    """

    name: str
    path: Path
    settings: Mapping
    problems: Problems
    scratch: Path
    genome: Path | None = None
    chunk_rows: int = 20_000
    chunk_values: int = 5_000_000
    notes: list[str] = field(default_factory=list)
    annotations: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    nested: dict[str, str] = field(default_factory=dict)
    windows: Windows | None = None
    chromosomes: Mapping[str, int] = field(default_factory=dict)
    places: "PlaceFilter | None" = None
    regions: "Source | None" = None
    tracks: "tuple[Source, ...]" = ()
    given: str | None = None
    names: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    left_out: LeftOut = field(default_factory=LeftOut)
    respelt: list[str] = field(default_factory=list)
    written_as: list[str] = field(default_factory=list)
    sample_keys: Set[str] = frozenset()
    described_by: Set[str] = frozenset()
    known_features: Set[str] = frozenset()
    gene_ids: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The file as a message names it: the one that a person would edit."""
        return self.given or str(self.path)

    def rows_at_a_time(self, width: int) -> int:
        """Rows to hold at a time when each has `width` letters or numbers; at least 1."""
        return max(1, min(self.chunk_rows, self.chunk_values // max(1, width)))

    def problem(self, row, column: str, problem: str, remedy: str) -> None:
        """Note what is wrong in a row (its number or name; empty for none) of this file."""
        self.problems.add(Problem(self.shown, str(row), column, problem, remedy))

    def problem_at(self, items: Sequence, describe: Callable[..., tuple], remedy: str) -> None:
        """Note a problem for each item, all with one remedy.

        `describe(item)` gives row, column and problem; it is called for the first few only.
        """
        self.problems.add_all(
            items, lambda item: Problem(self.shown, *map(str, describe(item)), remedy)
        )

    def note(self, text: str) -> None:
        """Say once what was done with this file that the user should know."""
        note = f"{self.name}: {text}."
        if note not in self.notes:
            self.notes.append(note)

    def bad(self, problem: str, remedy: str, column: str = "") -> BadSource:
        """The error to raise when nothing of this file can be used."""
        return BadSource(Problem(self.shown, "", column, problem, remedy))

    def refuse_repeats(self, names: pd.Index, what: str, remedy: str) -> None:
        """Raise `BadSource` if a name stands more than once; `what` is what such names are."""
        if not names.is_unique:
            twice = names[names.duplicated()].unique()
            raise self.bad(f"{what} ({len(twice):,}): {listing(twice, 10)}", remedy)

    def check_nested(self, wanted: Iterable[str]) -> None:
        """Raise `BadSource` if a column that is asked for holds lists, structs or maps."""
        asked = [f"{name} ({self.nested[name]})" for name in wanted if name in self.nested]
        if asked:
            raise self.bad(
                f"columns whose cells are no single values: {listing(asked, 5)}",
                "Give text or numbers, one value a cell",
            )

    def columns_of(self, names: Sequence[str]) -> dict[str, str]:
        """`{name here: name in the file}` for all columns of the file, as `columns` renames them.

        A column that `columns` names loses its own name; one whose name is taken gives way.

        Raises
        ------
        BadSource
            If `columns` names a column that the file lacks.
        """
        chosen = self.settings["columns"]
        present = set(names)
        absent = [old for old in chosen.values() if old not in present]
        self.check_nested(absent)
        if absent:
            raise self.bad(
                f"source {self.name!r} has no column {', '.join(map(repr, absent))}",
                f"Correct `columns`; the file has {listing(names)}",
            )
        renamed = set(chosen.values())
        kept = {name: name for name in names if name not in renamed and name not in chosen}
        return {**{new: old for new, old in chosen.items()}, **kept}


@dataclass(frozen=True)
class Chunk:
    """Some examples of a source.

    Attributes
    ----------
    table : columns of text, one row an example, missing values null; an `id` column if known
    features : sequences (N strings), or numbers (N, P) `float64` in which NaN is a missing value,
        or sparse rows (N, P) of numbers
    rows : (N,) number of each example in its file, for messages and for ids where there are none
    feature_names : (P) names of the features; the same for all chunks of a source
    chosen : places of the features that are taken, if not all P are; the others count where a
        sample's numbers are transformed together
    samples_in_columns : whether the file has a column, not a row, for each example
    given_width : (N,) bases of each interval as it stands in the file, if it is one
    """

    table: pd.DataFrame
    features: Sequence[str] | np.ndarray | sparse.csr_array
    rows: np.ndarray
    feature_names: Sequence[str] = ()
    samples_in_columns: bool = False
    given_width: np.ndarray | None = None
    chosen: np.ndarray | None = None

    @property
    def taken_names(self) -> Sequence[str]:
        """Names of the features that are taken."""
        return self.feature_names if self.chosen is None else self.feature_names[self.chosen]

    def only_chosen(self) -> "Chunk":
        """The chunk without the features that are not taken."""
        if self.chosen is None:
            return self
        features = self.features[:, self.chosen]
        return replace(self, features=features, feature_names=self.taken_names, chosen=None)

    def keep(self, which: np.ndarray) -> "Chunk":
        """The chunk without the examples for which `which` (N) is false."""
        if which.all():
            return self
        if isinstance(self.features, np.ndarray) or sparse.issparse(self.features):
            features = self.features[which]
        else:
            features = list(compress(self.features, which))
        table = self.table[which].reset_index(drop=True)
        width = None if self.given_width is None else self.given_width[which]
        rows = self.rows[which]
        return replace(self, table=table, features=features, rows=rows, given_width=width)

    def place(self, index: int, column: str = "") -> tuple[str, str]:
        """Row and column of the file, for a message about one example."""
        name = str(self.table["id"].iloc[index]) if "id" in self.table else ""
        if self.samples_in_columns:
            return column, name
        row = str(self.rows[index])
        return (f"{row} ({name})" if name else row), column


def listing(names: Sequence, shown: int = 20) -> str:
    """The first few names, and how many more there are."""
    text = ", ".join(map(str, list(names)[:shown]))
    return f"{text} and {len(names) - shown:,} more" if len(names) > shown else text
