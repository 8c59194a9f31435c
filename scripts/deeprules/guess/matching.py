"""Which table describes the samples of which matrix: the one whose ids are those of the matrix."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deeprules.guess.seen import Seen
from deeprules.ingest.matrix_columns import sample_names

ENOUGH = 0.5
"""Share of the ids of a matrix that a sample table must hold."""


@dataclass(frozen=True)
class Match:
    """A sample table, its column of ids, and the matrices that it describes.

    `is_loose` says that ids match only when case, marks and endings of files are left out.
    """

    sheet: Seen
    column: str
    matrices: tuple[Seen, ...]
    in_columns: bool
    is_loose: bool


def match_ids(tables: Sequence[Seen], tenx: Sequence[Seen]) -> Match | None:
    """The table that holds most ids of the other files, if one holds enough."""
    best, found = ENOUGH, None
    for sheet in sorted(tables, key=lambda one: one.table.shape[1]):  # A matrix is wider.
        for column in sheet.table.columns:
            values = set(sheet.table[column].dropna().astype(str).str.strip())
            for loose in (False, True):
                for in_columns in (True, False):
                    others = tenx or [table for table in tables if table is not sheet]
                    shares = [_share(values, _ids(one, in_columns), loose) for one in others]
                    share = min(shares, default=0.0) - 0.01 * loose
                    if share > best:
                        best = share
                        found = Match(sheet, str(column), tuple(others), in_columns, loose)
    return found


def _ids(seen: Seen, in_columns: bool) -> list[str]:
    if "names" in seen.facts:
        return list(seen.facts["names"])
    if in_columns:
        return sample_names(list(map(str, seen.table.columns[1:])))
    return list(seen.table.iloc[:, 0].dropna().astype(str))


def _share(values: set[str], ids: Sequence[str], loose: bool) -> float:
    """Share of the ids that are among the values."""
    if loose:
        values, ids = set(map(_plain, values)), list(map(_plain, ids))
    return sum(name in values for name in ids) / len(ids) if ids else 0.0


def _plain(name: str) -> str:
    """An id without case, marks, path and the endings of files."""
    name = re.sub(r".*/|(\.(bam|sam|fastq|fq|gz|sorted|counts|txt))+$", "", name.strip().lower())
    return re.sub(r"[^a-z0-9]", "", name)
