"""Sample tables: what is known of each example, in a file of its own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from deeprules.ingest.id_matching import Mismatch, alike_key
from deeprules.ingest.id_patterns import pattern_ids
from deeprules.ingest.sources import Source, listing
from deeprules.ingest.spreadsheet_marks import refuse_marks
from deeprules.ingest.tables import pick, read_batches
from deeprules.names import ONE_LINE, plain_name, plain_names, with_line_breaks


def check_values(source: Source, table: pd.DataFrame, given: Mapping[str, str]) -> None:
    """Refuse `values` (those given) that would hide what a column of the table says.

    Raises
    ------
    BadSource
        If a column of that name has another value.
    """
    for name, value in given.items():
        others = plain_names(table[name]).dropna() if name in table else pd.Series([], dtype=object)
        others = others[others != plain_name(value)]
        if len(others):
            raise source.bad(
                f"`values` says {value!r} where the file says {listing(others.unique(), 3)}",
                f"Leave {name} out of `values`, or give that column of the file another name: "
                f"`columns: {{{name}_of_file: {name}}}`",
                name,
            )


class SampleTable:
    """The columns of a table that a run needs, by sample.

    Parameters
    ----------
    source : the table; its `id_prefix` is put before its ids, and `values` are columns of it
    wants : whether to keep a column, by the name that `columns` of the source gives

    Attributes
    ----------
    columns : names of all its columns, kept or not

    Raises
    ------
    BadSource
        If the file is not a table or has no column `id`.
    """

    def __init__(self, source: Source, wants: Callable[[str], bool]):
        self.source = source
        values = {name: str(value) for name, value in source.settings["values"].items()}
        parts, rows = [], []
        for batch, numbers in read_batches(source):
            columns = source.columns_of(batch.schema.names)
            if "id" not in columns:
                raise source.bad(
                    "the sample table has no column 'id'",
                    f"Name it, `columns: {{id: its name}}`; the file has {listing(list(columns))}",
                )
            kept = {new: old for new, old in columns.items() if new == "id" or wants(new)}
            given = {name: value for name, value in values.items() if wants(name)}
            part = pick(batch, kept)
            check_values(source, part, given)
            parts.append(part.assign(**given))
            rows.append(numbers)
            self.columns = list(dict.fromkeys([*columns, *values]))
        if not parts:
            raise source.bad("the sample table has no rows", "Check where it comes from")
        self._table = self._by_id(pd.concat(parts, ignore_index=True), np.concatenate(rows))
        self._used = np.zeros(len(self._table), dtype=bool)
        self._taken: dict[tuple[str, int], str] = {}

    def _by_id(self, table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
        """The table with its ids as the index, each once."""
        self.source.problem_at(
            np.flatnonzero(with_line_breaks(table["id"])),
            lambda index: (rows[index], "id", f"{table['id'].iloc[index]!r} holds a line break"),
            ONE_LINE,
        )
        refuse_marks(self.source, table["id"], lambda index: (rows[index], "id"))
        plain = plain_names(table["id"])
        table = table.assign(id=pattern_ids(self.source, plain, lambda i: (str(rows[i]), "id")))
        missing = table["id"].isna().to_numpy()
        self._report(rows[missing], "rows without an id", "Fill in the id, or remove the row")
        twice = table["id"].duplicated().to_numpy() & ~missing
        self._report(
            [f"{row} ({name})" for row, name in zip(rows[twice], table["id"][twice], strict=True)],
            "rows with an id that was there before",
            "Keep one row for each sample",
        )
        known = ~(missing | twice)
        table = table[known]
        ids = self.source.settings["id_prefix"] + table["id"]
        self._rows = rows[known]
        return table.set_index(ids).drop(columns="id")

    def _report(self, rows: Sequence, problem: str, remedy: str) -> None:
        if len(rows):
            self.source.problem("", "id", f"{len(rows):,} {problem}: {listing(rows, 5)}", remedy)

    def knows(self, ids: pd.Series, source: Source) -> np.ndarray:
        """Which of the ids (N) of a source have a row."""
        positions = self._positions(ids, source)
        self._used[positions[positions >= 0]] = True
        return positions >= 0

    def _positions(self, ids: pd.Series, source: Source) -> np.ndarray:
        """The row (N) of each id, -1 where there is none."""
        if source.settings["id_match"] == "exact":
            return self._table.index.get_indexer(ids)
        if not self._alike.is_unique:
            names = self._table.index[self._alike.duplicated(keep=False)]
            raise self.source.bad(
                f"ids that `id_match: alike` cannot tell apart: {listing(names, 4)}",
                "Give them other names, or use `id_pattern`",
                "id",
            )
        positions = self._alike.get_indexer([alike_key(name) for name in ids])
        first = {}
        for position, name in zip(positions, ids, strict=True):
            other = self._taken.setdefault((source.name, position), name)
            if position >= 0 and first.setdefault(position, other) != name:
                raise source.bad(
                    f"{other} and {name} are alike: both would be {self._table.index[position]} of "
                    f"the sample table {self.source.shown}",
                    "Give them other names, or use `id_pattern`",
                    "id",
                )
        return positions

    @property
    def keys(self) -> frozenset[str]:
        """Its ids as `alike_key` gives them."""
        return frozenset(self._alike)

    @cached_property
    def _alike(self) -> pd.Index:
        return pd.Index([alike_key(name) for name in self._table.index])

    def report_unknown(self, source: Source, unknown: Sequence[str]) -> None:
        """Note, as one problem, the ids of a source that have no row, and a rule to match them."""
        ids = self._table.index
        found = Mismatch(
            dict.fromkeys(unknown), set(ids[self._used]), dict.fromkeys(ids[~self._used])
        )
        n = f"{len(unknown):,} of {len(unknown) + len(found.matched):,}"
        instead = f"`data: include: {{id: {{listed_in: {self.source.name}}}}}` keeps those it has"
        remedy = f"Add them there, or leave them out: {instead}"
        if found.rule is not None:
            setting, whose, matched = found.rule
            where = source.name if whose == "source" else self.source.name
            remedy = f"Set `{setting}` in the source {where}, which matches {matched:,} more; "
            remedy += f"or leave them out: {instead}"
        source.problem(
            "",
            "id",
            f"samples that are not in the sample table {self.source.shown}: {n} here, and "
            f"{len(found.unused):,} of its {len(ids):,} are not here: {found.partners}",
            remedy,
        )

    def has_rows(self, names: Collection[str]) -> bool:
        """Whether all of these names, of columns that it lacks, are ids of it."""
        return bool(names) and set(names) <= set(self._table.index)

    def gives(self, column: str) -> bool:
        """Whether a column of the examples comes from this table."""
        return column in self._table.columns

    def place(self, name: str, column: str, source: Source) -> tuple[str, str]:
        """Row and column of this file, for a message about one sample of a source."""
        position = self._positions(pd.Series([name]), source)[0]
        return f"{self._rows[position]} ({name})", column

    def join(self, table: pd.DataFrame, source: Source) -> pd.DataFrame:
        """A source's table with what is known of its samples, all of which have a row.

        Raises
        ------
        BadSource
            If a column is in both tables.
        """
        both = [name for name in self._table.columns if name in table.columns]
        if both:
            raise source.bad(
                f"{listing(both)}: in source {source.name!r} and in its sample table",
                "Rename one of them with `columns`",
            )
        found = self._table.iloc[self._positions(table["id"], source)]
        return pd.concat([table, found.set_axis(table.index)], axis=1)

    @property
    def unused(self) -> int:
        """Rows that no example has asked for."""
        return int((~self._used).sum())
