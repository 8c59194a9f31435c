"""Delimited text (plain or compressed), Excel and Parquet, in batches of Apache Arrow."""

from collections.abc import Iterator, Mapping
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from deeprules.ingest.file_kinds import is_parquet, is_workbook
from deeprules.ingest.geo_series import read_samples
from deeprules.ingest.number_marks import NumberMarks
from deeprules.ingest.sources import Source
from deeprules.ingest.surroundings import read_start
from deeprules.ingest.table_layout import (
    ROW_NAMES,
    Layout,
    check_names,
    check_rows,
    name_of,
    no_header,
    other_delimiter,
    read_layout,
    single_blanks,
    without_empty_rows,
)
from deeprules.ingest.text_lines import Block, open_text, read_blocks
from deeprules.ingest.workbooks import read_sheet

MISSING = ("", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null")
"""Text that stands for a missing value."""

_INDEX = "__index_level_0__"
_EXACT = 2.0**53
"""Below it 64-bit numbers hold every whole number."""


def read_batches(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Batches of a table, all columns text (or as typed in Parquet), with their row numbers.

    Text and sheets are as `delimiter`, `comment`, `skip_rows`, `decimal`, `thousands` and `sheet`
    say, or as is found. A header with one name fewer than there are columns, as R writes it, or
    with an empty first name makes the first column `id`. Row numbers are line numbers (Parquet:
    the first record is row 1). Columns of lists, structs or maps are left out, and noted in
    `source.nested`.

    Raises
    ------
    BadSource
        If the file is empty, damaged, not UTF-8 or not a table, does not name every column once,
        or has a cell with a line break in text.
    """
    if not source.path.stat().st_size:
        raise source.bad("the file is empty", "Check where it comes from")
    if is_parquet(source.path):
        yield from _read_parquet(source)
    elif is_workbook(source.path):
        yield from read_sheet(source, MISSING)
    else:
        yield from _read_text(source)


def pick(batch: pa.RecordBatch, columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of a batch as text, `{name here: name in the batch}`."""
    arrays = [_as_text(batch.column(old)) for old in columns.values()]
    table = pa.table(arrays, names=list(columns)).to_pandas()
    return table if columns else pd.DataFrame(index=pd.RangeIndex(batch.num_rows))


def _as_text(column: pa.Array) -> pa.Array:
    """A column as text: whole numbers are written in digits, also large ones that are `double`."""
    text = column.cast(pa.string())
    if not pa.types.is_floating(column.type):
        return text
    numbers = column.cast(pa.float64())
    is_whole = pc.and_(pc.equal(pc.trunc(numbers), numbers), pc.less(pc.abs(numbers), _EXACT))
    digits = pc.if_else(is_whole, numbers, None).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(digits, text)


def _read_text(source: Source) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    with open_text(source) as file:
        blocks = read_blocks(source, file)
        start, around = read_start(source, blocks)
        if around.is_series and source.settings["format"] == "table":
            yield read_samples(source)
            return
        if around.is_series and len(start.filled) < 2:
            raise source.bad(
                "it is a series matrix of GEO without numbers, as those of sequencing are",
                "Take the counts from the supplementary files of the series, and this file as the "
                "sample table, of format `table`",
            )
        layout = read_layout(source, start, around)
        if around.is_series or around.gct:
            source.written_as.append("GEO" if around.is_series else "GCT")
        n_columns, n_rows = around.gct or (0, 0)
        source.annotations.extend(layout.names[1 : 1 + n_columns])
        n_records = 0
        marks = NumberMarks(source, may_have_commas=layout.delimiter != ",")
        later = map(around.clean, blocks)
        for block in without_empty_rows(source, chain([layout.rows], later), layout.delimiter):
            if len(block.filled):
                for batch, rows in _parse(source, layout, block):
                    n_records += batch.num_rows
                    source.described.extend(batch.column(0)[:n_rows].to_pylist())
                    n_rows = max(0, n_rows - batch.num_rows)
                    yield marks.to_points(batch, rows), rows
        around.check_shape(source, n_records, len(layout.names))
        around.note(source)


def _parse(
    source: Source, layout: Layout, block: Block
) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """The records of a block with their line numbers; ragged rows are noted and left out."""
    if layout.delimiter == " " and block.first != layout.rows.first:
        block = single_blanks(block)
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
    _report_ragged(source, layout, block, ragged, records.num_rows)
    rows = np.delete(block.filled, list(ragged))
    yield from ((batch, rows) for batch in records.to_batches())


def _report_ragged(
    source: Source, layout: Layout, block: Block, ragged: dict[int, int], n_records: int
) -> None:
    """Tell of rows with too few or too many values, by position in the block."""
    if not ragged:
        return
    at, width = next(iter(ragged.items()))
    lines = [line for line in block.text.split(b"\n") if line]
    other = other_delimiter(layout, lines[at])
    if other is not None:
        raise source.bad(
            f"line {block.filled[at]:,} is separated by {other}, the header by "
            f"{name_of(layout.delimiter)}: {lines[at][:60].decode('utf-8', 'replace')!r}",
            "Separate all values alike, or set `delimiter`",
        )
    if block.first == layout.rows.first and len(ragged) > n_records:
        raise no_header(source, layout, int(block.filled[at]), width)
    hint = ", or set `comment: '#'`" if lines[at].startswith(b"#") else ""
    source.problem_at(
        list(ragged),
        lambda at: (
            block.filled[at],
            "",
            f"{ragged[at]} values where {len(layout.names)} are expected",
        ),
        f"Give every row as many values as the header has{hint}",
    )


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
