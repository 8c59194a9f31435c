"""What the rows of a sheet do not show: merged and hidden cells, formulas without a result."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from deeprules.ingest.sources import Source, listing

_TAG = re.compile(
    rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"|<mergeCell ref="([A-Z0-9:]+)"|<f[ >/]'
)
_PIECE = 2**20


@dataclass
class _Scanned:
    """What a sheet holds beside its values."""

    hidden: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    has_formulas: bool = False


def scan_sheet(source: Source, sheet, header: int) -> _Scanned:
    """Look for merged cells from the header on, hidden rows, and formulas.

    Parameters
    ----------
    header : number of the row with the names of the columns

    Raises
    ------
    BadSource
        If cells of the table are merged, or its header is hidden.
    """
    found = _Scanned()
    for piece in _pieces(source, sheet):
        for tag in _TAG.finditer(piece):
            if tag[1]:
                found.hidden.append(int(tag[1]))
            elif tag[2]:
                found.merged.append(tag[2].decode())
            else:
                found.has_formulas = True
    merged = [cells for cells in found.merged if range_boundaries(cells)[3] >= header]
    if merged:
        raise source.bad(
            f"merged cells in the sheet {sheet.title!r} ({len(merged):,}): {listing(merged, 5)}",
            "Unmerge them, and fill in every cell; only the first of them has a value",
        )
    if header in found.hidden:
        raise source.bad(
            f"row {header} of the sheet {sheet.title!r} would be the header, but it is hidden",
            f"Show it and check it, or leave it out with `skip_rows: {header}`",
        )
    below = [number for number in found.hidden if number > header]
    if below:
        source.note(f"hidden rows were read as all others ({len(below):,}): {listing(below, 5)}")
    return found


def _pieces(source: Source, sheet) -> Iterator[bytes]:
    """The text of a sheet, in pieces that end where a tag ends."""
    with zipfile.ZipFile(source.path) as book, book.open(sheet._worksheet_path) as file:
        rest = b""
        while piece := file.read(_PIECE):
            whole, end, after = (rest + piece).rpartition(b">")
            yield whole + end
            rest = after


def open_workbook(source: Source, with_formulas: bool = False) -> openpyxl.Workbook:
    """A source's workbook, to be read row by row; its content, not its name, says what it is."""
    content = io.BytesIO(source.path.read_bytes())
    return openpyxl.load_workbook(content, read_only=True, data_only=not with_formulas)


def refuse_formulas(source: Source, title: str) -> None:
    """Refuse formulas of a sheet whose result was not saved; say that there are others.

    Raises
    ------
    BadSource
        With the first such cells.
    """
    results, formulas = open_workbook(source), open_workbook(source, with_formulas=True)
    without, n = [], 0
    for row, pair in enumerate(
        zip(results[title].iter_rows(values_only=True), formulas[title].iter_rows(), strict=True), 1
    ):
        for at, (value, cell) in enumerate(zip(*pair, strict=True), 1):
            if cell.data_type == "f":
                n += 1
                if value is None:
                    without.append(f"{get_column_letter(at)}{row}")
    results.close()
    formulas.close()
    if without:
        raise source.bad(
            f"formulas without a saved result ({len(without):,}): {listing(without, 5)}",
            "Open the file in Excel or LibreOffice and save it, or put values in their place",
        )
    source.note(f"of {n:,} formulas the saved results were read")
