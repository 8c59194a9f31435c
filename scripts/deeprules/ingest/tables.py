"""Delimited text (plain or gzip) and Parquet, read in batches with Apache Arrow."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from deeprules.ingest.sources import Source, intact, listing, open_binary

MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null")
"""Text that stands for a missing value."""

BLOCK_BYTES = 4 * 2**20
"""Text to read at a time, unless a line is longer."""

_DELIMITERS = {".csv": (",", ";", "\t")}
_EXPECTED = "Give comma- or tab-separated UTF-8 text with a header, or Parquet"
_INDEX = "__index_level_0__"


def read_batches(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Batches of a table, all columns text (or as typed in Parquet), with their row numbers.

    The separator is a comma, semicolon or tab, whichever the header has. A header with one name
    fewer than there are columns, as R writes it, or with an empty first name makes the first
    column `id`. Row numbers count the header as row 1 (Parquet: the first record is row 1).

    Raises
    ------
    BadSource
        If the file is empty, damaged, not UTF-8 or not a table, or names a column twice.
    """
    with open(source.path, "rb") as file:
        start = file.read(4)
    if not start:
        raise source.bad("the file is empty", "Check where it comes from")
    yield from _read_parquet(source) if start == b"PAR1" else _read_text(source)


def pick(batch: pa.RecordBatch, columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of a batch as text, `{name here: name in the batch}`."""
    arrays = [batch.column(old).cast(pa.string()) for old in columns.values()]
    return pa.table(arrays, names=list(columns)).to_pandas()


def _read_text(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    ragged: list[int] = []

    def note_ragged(line):
        ragged.append(line.number)
        source.problem(
            line.number,
            "",
            f"{line.actual_columns} values where {line.expected_columns} are expected",
            "Give every row as many values as the header has",
        )
        return "skip"

    try:
        with intact(source), open_binary(source.path) as file:
            layout = _read_layout(source)
            row = 2
            for batch in _batches(file, layout, note_ragged) if layout.has_rows else ():
                rows = np.arange(row, row + batch.num_rows + len(ragged))
                rows = np.setdiff1d(rows, ragged)[: batch.num_rows]
                row = rows[-1] + 1 if len(rows) else row
                yield batch, rows
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise source.bad(f"it cannot be read as a table ({error})", _EXPECTED) from error


@dataclass(frozen=True)
class _Layout:
    names: list[str]
    delimiter: str
    has_rows: bool
    longest_line: int


def _batches(file: BinaryIO, layout: _Layout, note_ragged) -> pa.csv.CSVStreamingReader:
    return pa.csv.open_csv(
        file,
        pa.csv.ReadOptions(
            # One thread: else a ragged row does not know its number.
            use_threads=False,
            block_size=max(BLOCK_BYTES, 4 * layout.longest_line),
            column_names=layout.names,
            skip_rows=1,
        ),
        pa.csv.ParseOptions(delimiter=layout.delimiter, invalid_row_handler=note_ragged),
        pa.csv.ConvertOptions(
            column_types=dict.fromkeys(layout.names, pa.string()),
            null_values=MISSING,
            strings_can_be_null=True,
        ),
    )


def _read_layout(source: Source) -> _Layout:
    """What the header and the first row show of a table."""
    with open_binary(source.path) as file:
        first, second = file.readline(), file.readline()
        while second and not second.strip():
            second = file.readline()
    line = first.decode("utf-8-sig")
    suffix = Path(source.path.name.removesuffix(".gz")).suffix.lower()
    candidates = _DELIMITERS.get(suffix, ("\t", ",", ";"))
    delimiter = next((one for one in candidates if one in line), candidates[0])
    names = next(csv.reader([line], delimiter=delimiter), [])
    if second and _count_values(second, delimiter) == len(names) + 1:
        names = ["id", *names]
    if names and names[0] == "":
        names[0] = "id"
    _check_names(source, names)
    return _Layout(names, delimiter, bool(second), max(len(first), len(second)))


def _count_values(line: bytes, delimiter: str) -> int:
    options = pa.csv.ReadOptions(autogenerate_column_names=True, block_size=len(line) + 1)
    parsing = pa.csv.ParseOptions(delimiter=delimiter)
    return pa.csv.read_csv(io.BytesIO(line), options, parsing).num_columns


def _check_names(source: Source, names: Sequence[str]) -> None:
    index = pd.Index(names)
    if not index.is_unique:
        twice = index[index.duplicated()].unique()
        raise source.bad(
            f"column names that appear more than once ({len(twice):,}): {listing(twice, 10)}",
            "Give every column a name of its own",
        )


def _read_parquet(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    try:
        with pa.parquet.ParquetFile(source.path) as file:
            names = file.schema_arrow.names
            _check_names(source, names)
            order = _index_first(file.schema_arrow)
            row = 1
            for batch in file.iter_batches(source.rows_at_a_time(len(names))):
                batch = batch.select(order)
                names = ["id" if name == _INDEX else name for name in order]
                yield batch.rename_columns(names), np.arange(row, row + batch.num_rows)
                row += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise source.bad(f"it cannot be read as Parquet ({error})", _EXPECTED) from error


def _index_first(schema: pa.Schema) -> list[str]:
    """Column names in order; pandas writes a table's index last, and it names the rows."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    named = [name for name in index if isinstance(name, str)]
    return named + [name for name in schema.names if name not in named]
