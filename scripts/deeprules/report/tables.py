"""A table of text, ready to be set, and how numbers are written in it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.report.style import shown

EMPTY = "-"
MAX_ROWS = 2000
"""Rows of a table on the page; the file has all of them."""


@dataclass(frozen=True)
class Table:
    """A table to be set: column titles, which columns are numbers, and rows of text."""

    header: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    left_out: int = 0


def number(value) -> str:
    """A number with thousands separated and about three digits; a dash for none."""
    if value is None or value != value:
        return EMPTY
    if isinstance(value, int | np.integer) or float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 10 or abs(value) < 1e-3 else f"{value:.3f}"


def text(value) -> str:
    """Text as it is, numbers as `number` writes them, a dash for what is missing."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value)) or EMPTY
    if value is None or isinstance(value, int | float | np.number):
        return number(value)
    return str(value) or EMPTY


def setting(value) -> str:
    """A hyperparameter's value, with no more digits than it needs."""
    return f"{value:.3g}" if isinstance(value, float) else text(value)


def size(n_bytes: float) -> str:
    """Bytes in the unit that suits them."""
    for unit in ("bytes", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.3g} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.3g} GB"


def moment(stamp: str) -> str:
    """An ISO 8601 time to the minute."""
    return str(stamp)[:16].replace("T", " ")


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def table(
    rows: pd.DataFrame | list[dict], columns: dict[str, str] | None = None, **formats: Callable
) -> Table:
    """Set a table.

    Parameters
    ----------
    rows : the table, or a dictionary a row
    columns : `{column: title}` of what is shown, in order; all columns if left out
    formats : a function from value to text for a column, instead of `text`
    """
    frame = pd.DataFrame(rows)
    columns = columns or {name: shown(name) for name in frame}
    columns = {name: title for name, title in columns.items() if name in frame}
    is_number = [
        pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name])
        for name in columns
    ]
    return Table(
        header=list(columns.values()),
        numeric=is_number,
        rows=[
            [formats.get(name, text)(value) for name, value in zip(columns, row, strict=True)]
            for row in frame[list(columns)].head(MAX_ROWS).itertuples(index=False)
        ],
        left_out=max(len(frame) - MAX_ROWS, 0),
    )
