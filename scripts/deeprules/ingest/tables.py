"""Delimited text (plain or gzip) and Parquet, read in batches with Apache Arrow."""

from collections.abc import Iterator, Mapping
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from deeprules.gzip_files import open_binary
from deeprules.ingest.file_kinds import is_parquet
from deeprules.ingest.sources import Source, intact
from deeprules.ingest.table_layout import (
    ROW_NAMES,
    Layout,
    check_names,
    check_rows,
    no_header,
    read_layout,
)
from deeprules.ingest.text_lines import Block, join, read_blocks

MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null")
"""Text that stands for a missing value."""

COMMAS = r"\s*[-+]?\d(?=[^,]*,)[\d.,' ]*\d\s*"
"""Numbers with a decimal comma or separators of thousands: 1,5 or 1,234.5 or 1.234,5."""

POINT = "Write numbers with a decimal point and nothing between thousands"

_INDEX = "__index_level_0__"


def read_batches(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Batches of a table, all columns text (or as typed in Parquet), with their row numbers.

    The separator is a comma, semicolon or tab, one that splits header and first row alike. A
    header with one name fewer than there are columns, as R writes it, or with an empty first name
    makes the first column `id`. Row numbers are line numbers (Parquet: the first record is row 1).
    Columns of lists, structs or maps are left out, and noted in `source.nested`.

    Raises
    ------
    BadSource
        If the file is empty, damaged, not UTF-8 or not a table, does not name every column once,
        or has a cell with a line break in text.
    """
    if not source.path.stat().st_size:
        raise source.bad("the file is empty", "Check where it comes from")
    yield from _read_parquet(source) if is_parquet(source.path) else _read_text(source)


def pick(batch: pa.RecordBatch, columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of a batch as text, `{name here: name in the batch}`."""
    arrays = [batch.column(old).cast(pa.string()) for old in columns.values()]
    table = pa.table(arrays, names=list(columns)).to_pandas()
    return table if columns else pd.DataFrame(index=pd.RangeIndex(batch.num_rows))


def _read_text(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    with intact(source), open_binary(source.path) as file:
        blocks, start = read_blocks(source, file), Block(b"", 1)
        for block in blocks:
            start = join(start, block)
            if len(start.filled) > 1:
                break
        layout = read_layout(source, start)
        for block in chain([layout.rows], blocks):
            if len(block.filled):
                yield from _parse(source, layout, block)


def _parse(
    source: Source, layout: Layout, block: Block
) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """The records of a block with their line numbers; ragged rows are noted and left out."""
    ragged: dict[int, int] = {}

    def note_ragged(row):
        ragged[row.number - 1] = row.actual_columns
        return "skip"

    records = pa.csv.read_csv(
        pa.py_buffer(block.text),
        # One thread: else a ragged row does not know its number.
        pa.csv.ReadOptions(
            use_threads=False, block_size=len(block.text) + 1, column_names=layout.names
        ),
        pa.csv.ParseOptions(delimiter=layout.delimiter, invalid_row_handler=note_ragged),
        pa.csv.ConvertOptions(
            column_types=dict.fromkeys(layout.names, pa.string()),
            null_values=MISSING,
            strings_can_be_null=True,
        ),
    ).combine_chunks()
    check_rows(source, layout, block, records.num_rows + len(ragged))
    if block is layout.rows and len(ragged) > records.num_rows:
        at, width = next(iter(ragged.items()))
        raise no_header(source, layout, int(block.filled[at]), width)
    source.problem_at(
        list(ragged),
        lambda at: (
            block.filled[at],
            "",
            f"{ragged[at]} values where {len(layout.names)} are expected",
        ),
        "Give every row as many values as the header has",
    )
    rows = np.delete(block.filled, list(ragged))
    yield from ((batch, rows) for batch in records.to_batches())


def _read_parquet(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    try:
        with pa.parquet.ParquetFile(source.path, page_checksum_verification=True) as file:
            check_names(source, file.schema_arrow.names)
            order = _index_first(file.schema_arrow)
            if _INDEX in order and ROW_NAMES in order:
                order.remove(_INDEX)
                source.notes.append(
                    f"{source.name}: its index without a name was left out, as it has a column "
                    f"{ROW_NAMES}."
                )
            types = {name: _stored(file.schema_arrow.field(name).type) for name in order}
            nested = {name: str(types[name]) for name in order if pa.types.is_nested(types[name])}
            source.nested.update(nested)
            source.notes.extend(
                f"{source.name}: the column {name} was left out, its cells are no single values "
                f"({kind})."
                for name, kind in nested.items()
            )
            order = [name for name in order if name not in nested]
            names = [ROW_NAMES if name == _INDEX else name for name in order]
            row = 1
            for batch in file.iter_batches(source.rows_at_a_time(len(names)), columns=order):
                batch = batch.select(order).rename_columns(names)
                yield _readable(batch), np.arange(row, row + batch.num_rows)
                row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise source.bad(
            f"it cannot be read as Parquet ({error})",
            "Copy or download the file again, or give comma- or tab-separated text with a header",
        ) from error


def _stored(kind: pa.DataType) -> pa.DataType:
    """The type of the cells, which an extension, such as the intervals of pandas, hides."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _readable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with bytes as text, all of it UTF-8."""
    columns = [
        column.cast(pa.string()) if pa.types.is_binary(column.type) else column
        for column in batch.columns
    ]
    for column in columns:
        column.validate(full=True)
    return pa.record_batch(columns, names=batch.schema.names)


def _index_first(schema: pa.Schema) -> list[str]:
    """Column names in order; pandas writes a table's index last, and it names the rows."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    named = [name for name in index if isinstance(name, str) and name in schema.names]
    return named + [name for name in schema.names if name not in named]
