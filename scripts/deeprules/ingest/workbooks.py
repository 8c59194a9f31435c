"""Sheets of Excel workbooks (xlsx), read in batches of text as delimited files are."""

import datetime
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from xml.etree.ElementTree import ParseError

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.utils import get_column_letter

from deeprules.ingest.number_marks import NumberMarks
from deeprules.ingest.sheet_marks import open_workbook, refuse_formulas, scan_sheet
from deeprules.ingest.sources import Source, listing
from deeprules.ingest.table_layout import check_names, with_row_names

_ERRORS = ("#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#GETTING_DATA")
_DATES = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)

_LOOKED_AT = 20
"""Rows that show whether names stand before them, for which the header has none."""

Row = tuple[int, tuple]
"""A row of a sheet: its number and its cells."""


def read_sheet(
    source: Source, missing: tuple[str, ...]
) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Batches of a sheet, all columns text, with the numbers of their rows.

    Dates become text such as 2026-03-01; the text of `missing` and empty cells are null.

    Raises
    ------
    BadSource
        If the workbook is damaged, it is not clear which sheet is meant, cells are merged, or
        formulas have no saved result.
    """
    try:
        book = open_workbook(source)
    except (zipfile.BadZipFile, KeyError, ValueError, ParseError) as error:
        raise source.bad(
            f"the workbook cannot be opened ({error})", "Open it in Excel, and save it again"
        ) from error
    try:
        sheet = _choose(source, book)
        yield from _read_rows(source, sheet, missing)
    finally:
        book.close()


def _choose(source: Source, book: openpyxl.Workbook):
    """The sheet that `sheet` names, or the only visible one that is not empty."""
    wanted, names = source.settings["sheet"], book.sheetnames
    if wanted is not None and wanted not in names:
        raise source.bad(f"it has no sheet {wanted!r}", f"Correct `sheet`; it has {listing(names)}")
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # Some programs state wrong ones.
    if wanted is not None:
        return book[wanted]
    filled = [
        sheet
        for sheet in book.worksheets
        if sheet.sheet_state == "visible" and next(_filled_rows(sheet), None) is not None
    ]
    if not filled:
        raise source.bad("its sheets are empty", "Check where it comes from")
    if len(filled) > 1:
        titles = [sheet.title for sheet in filled]
        raise source.bad(
            f"it has {len(titles)} sheets: {listing(titles)}", "Say which, with `sheet: its name`"
        )
    if len(names) > 1:
        source.note(f"the sheet {filled[0].title!r} was read, the only one to see that is filled")
    return filled[0]


def _filled_rows(sheet) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(cell is not None and str(cell).strip() for cell in cells):
            yield number, cells


def _read_rows(
    source: Source, sheet, missing: tuple[str, ...]
) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    rows = _records(source, sheet)
    head = next(rows, None)
    if head is None:
        raise source.bad("the sheet is empty", "Correct `sheet` or `skip_rows`")
    first = list(islice(rows, _LOOKED_AT))
    names = _header(source, head, first)
    marks, scanned = NumberMarks(source, may_have_commas=True), scan_sheet(source, sheet, head[0])
    if scanned.has_formulas:
        refuse_formulas(source, sheet.title)
    rows = chain(first, rows)
    while some := list(islice(rows, source.rows_at_a_time(len(names)))):
        numbers = np.array([number for number, _ in some])
        _refuse_beside(source, some, len(names))
        columns = [_column(source, names, some, at, missing) for at in range(len(names))]
        batch = pa.record_batch([pa.array(cells, pa.string()) for cells in columns], names=names)
        yield marks.to_points(batch, numbers), numbers


def _records(source: Source, sheet) -> Iterator[Row]:
    """The rows that are filled, without those to skip and without comments."""
    comment, skipped, is_above = source.settings["comment"], source.settings["skip_rows"], True
    n_comments = 0
    for number, cells in _filled_rows(sheet):
        start = "" if cells[0] is None else str(cells[0])
        is_comment = start.startswith(comment) if comment else is_above and start.startswith("#")
        if is_comment and not comment:
            is_comment = all(cell is None for cell in cells[1:])
        if number > skipped and not is_comment:
            is_above = False
            yield number, cells
        n_comments += is_comment
    if n_comments:
        source.note(f"rows with comments were left out ({n_comments:,})")


def _header(source: Source, head: Row, first: list[Row]) -> list[str]:
    """Names of the columns; empty ones at the end are none.

    Where all of the first rows have one cell more than the header has names, R put names of rows
    before them.
    """
    names = ["" if cell is None else " ".join(_text(cell).split()) for cell in head[1]]
    widths = [sum(cell is not None for cell in cells) for _, cells in first[:1]]
    if sum(map(bool, names)) == 1 and max(widths, default=1) > 2:
        raise source.bad(
            f"row {head[0]} has one value, {next(filter(None, names))!r}, and the row below has "
            f"{max(widths)}",
            f"If the header is below, set `skip_rows: {head[0]}`; else name the columns",
        )
    while names and not names[-1]:
        names.pop()
    if first and all(_width(cells) == len(names) + 1 for _, cells in first):
        names = ["", *names]
    names = with_row_names(names)
    check_names(source, names)
    return names


def _width(cells: tuple) -> int:
    """How many cells a row has, up to the last one that is filled."""
    for width in range(len(cells), 0, -1):
        if cells[width - 1] is not None and str(cells[width - 1]).strip():
            return width
    return 0


def _refuse_beside(source: Source, rows: list[Row], n_names: int) -> None:
    """Report cells at the right of the table, such as a remark: no column there has a name."""
    widths = [_width(cells) for _, cells in rows]

    def describe(index: int) -> tuple:
        number, cells = rows[index]
        cell = f"{get_column_letter(widths[index])}{number}"
        found = _text(cells[widths[index] - 1])[:40]
        return number, "", f"the cell {cell} ({found!r}) stands beside the table, under no name"

    source.problem_at(
        [index for index, width in enumerate(widths) if width > n_names],
        describe,
        "Name its column in the header, or empty the cell",
    )


def _column(
    source: Source, names: list[str], rows: list[Row], at: int, missing: tuple[str, ...]
) -> list[str | None]:
    """One column of some rows as text; errors of Excel are reported, dates noted."""
    cells = [cells[at] if at < len(cells) else None for _, cells in rows]
    if any(isinstance(cell, _DATES) for cell in cells):
        source.note(f"dates in the column {names[at]!r} were read as text, such as 2026-03-01")
    source.problem_at(
        [index for index, cell in enumerate(cells) if cell in _ERRORS],
        lambda index: (rows[index][0], names[at], f"it holds the error {cells[index]}"),
        "Mend the formula, or empty the cell",
    )
    texts = [None if cell is None or cell in _ERRORS else _text(cell) for cell in cells]
    return [None if text in missing else text for text in texts]


def _text(cell) -> str:
    """A cell as text: whole numbers without a point, dates without a time where it is 0."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)
