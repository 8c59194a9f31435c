"""Columns that examples must have, and cells that must not be empty or out of order."""

from collections.abc import Mapping, Set

import pandas as pd

from deeprules.ingest.cells import Cells
from deeprules.ingest.sample_tables import SampleTable
from deeprules.ingest.sources import Chunk, Source, listing

PARTITIONS = ("train", "tune", "test")


def check_columns(
    used: Set[str],
    source: Source,
    chunk: Chunk,
    table: pd.DataFrame,
    samples: SampleTable | None,
) -> None:
    """Refuse a chunk whose table lacks a column that is used, or has it among the features.

    Raises
    ------
    BadSource
        If there is such a column.
    """
    features = sorted(used.intersection(chunk.taken_names))
    if features:
        raise source.bad(
            f"{listing(features)}: among the features of source {source.name!r}",
            "List it in `metadata`: what describes a sample must not be a feature",
        )
    absent = sorted(used.difference(table.columns))
    source.check_nested(absent)
    if samples is not None:
        samples.source.check_nested(absent)
    if absent:
        also = there = ""
        if samples is not None and samples.has_rows(absent):
            raise samples.source.bad(
                f"its rows are {listing(absent, 3)}: it has its samples in columns",
                "Turn it, so that each sample is a row (Excel: paste, transpose)",
            )
        if samples is not None:
            also = f", nor has its sample table {samples.source.shown}"
            there = f"; those of the sample table are {listing(samples.columns)}"
        own = [name for name in table if samples is None or not samples.gives(name)]
        raise source.bad(
            f"source {source.name!r} has no column {', '.join(map(repr, absent))}{also}",
            "Correct the config, or add it with `columns`, `values` or a sample table; "
            f"the columns are {listing(own)}{there}",
        )


def filled(cells: Cells, leave_out: str | None = None) -> pd.Series:
    """A column that must not be empty in any row; `leave_out` is how such rows are left out."""
    empty = cells.values.isna().to_numpy()
    name = cells.values.name
    leave_out = leave_out or f"data: exclude: {{{name}: [null]}}"
    remedy = "leave the example out" + (f" (`{leave_out}`)" if name != "id" else "")
    cells.report(empty, f"there is no {name}", f"Fill it in, or {remedy}")
    return cells.values


def check_order(columns: Mapping, cells: Mapping[str, Cells]) -> None:
    """Report intervals that end before they start, as those of hits on the other strand may."""
    if "end" in cells:
        wrong = (columns["end"] < columns["start"]).fillna(False).to_numpy(dtype=bool)
        remedy = "Give the smaller place as `start`; the direction belongs into `strand`"
        cells["end"].report(wrong, "{!r} is before the start", remedy)


def partitions(cells: Cells) -> pd.Series:
    """The partitions that a column gives, in lower case."""
    found = cells.values.str.lower()
    wrong = (found.notna() & ~found.isin(PARTITIONS)).to_numpy()
    cells.report(wrong, "{!r} is no partition", f"Write {', '.join(PARTITIONS)}")
    return found
