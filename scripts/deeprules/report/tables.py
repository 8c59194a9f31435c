"""A table of text, ready to be set."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import format_bounds, format_cell, format_p, format_score

MAX_ROWS = 2000
"""Rows of a table on the page; the file has all of them."""


@dataclass(frozen=True)
class Table:
    """A table to be set: column titles, which columns are numbers, and rows of text.

    `file` has its rows, and `note` says how to read them.
    """

    caption: str
    file: str
    header: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    note: str = ""
    left_out: int = 0

    @property
    def n_rows(self) -> int:
        """Rows of the file."""
        return len(self.rows) + self.left_out


def table(
    caption: str,
    file: str,
    rows: pd.DataFrame | list[dict],
    columns: str = "",
    titles: Mapping[str, str] | None = None,
    note: str = "",
    scores: Iterable[str] = (),
    **formats: Callable,
) -> Table:
    """Set a table.

    Parameters
    ----------
    caption, file, note : of the table
    rows : the table, or a dictionary a row
    columns : names of the columns shown, in order, with spaces between; all if left out
    titles : titles of columns, where `shown` and `TITLES` do not do
    scores : columns that are written as scores
    formats : a function from value to text for a column, instead of `format_cell`; names of models
        and metrics, and p values have theirs
    """
    frame = pd.DataFrame(rows)
    titles = {**TITLES, **(titles or {})}
    names = [name for name in columns.split() or frame.columns if name in frame]
    formats = {**FORMATS, **dict.fromkeys(scores, format_score), **formats}
    columns = [
        map(formats.get(name, format_cell), frame[name].head(MAX_ROWS).to_numpy(dtype=object))
        for name in names
    ]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Table(
        caption,
        file,
        header=[titles.get(name) or shown(name) for name in names],
        numeric=[
            _is_numeric(frame[name]) or any("\n" in row[place] for row in rows)
            for place, name in enumerate(names)
        ],
        rows=rows,
        note=note,
        left_out=max(len(frame) - MAX_ROWS, 0),
    )


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def shown(name: str) -> str:
    """A name as it is written in a figure or a table."""
    return METRIC_LABELS.get(name, str(name).replace("_", " "))


def stacked(value: float | None, lower: float | None, upper: float | None) -> str:
    """A score above its interval, if it has one."""
    if lower is None or lower != lower:
        return format_score(value)
    return format_bounds(value, lower, upper).replace(" [", "\n[")


TITLES = {
    "n": "examples",
    "versus": "against",
    "versus_kind": "kind",
    "p_value": "p",
    "adjusted": "adjusted p",
    "bytes": "size",
    "sha256": "SHA-256",
}
"""Titles of columns that are not written as they are named."""
FORMATS = {
    **dict.fromkeys(("model", "network", "versus", "scratch", "metric", "objective"), shown),
    **dict.fromkeys(("p_value", "adjusted"), format_p),
}
"""How columns of these names are written, unless a table says otherwise."""
