"""Numbers with a decimal comma, or with marks between thousands, turned into plain ones."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from deeprules.ingest.sources import Source

POINT = (
    "Write numbers with a decimal point and nothing between thousands, or say how they are "
    "written, alike in the whole file: `decimal: ','`, `thousands: ','` (or '.', \"'\", ' ')"
)
"""What to do about numbers with commas."""

COMMAS = r"\s*[-+]?\d(?=[^,]*,)[\d.,' ]*\d\s*"
"""Numbers with a decimal comma or separators of thousands: 1,5 or 1,234.5 or 1.234,5."""

_EXPONENT = r"([eE][-+]?\d+)?"
_WITH_COMMA = rf"[-+]?\d+,\d+{_EXPONENT}"
_WITH_POINT = rf"[-+]?\d+\.\d+{_EXPONENT}"
_NO_THOUSANDS = rf"[-+]?(0,\d+|\d+,(\d{{1,2}}|\d{{4,}})|\d{{4,}},\d+){_EXPONENT}"
"""Numbers whose comma cannot stand between thousands."""

_SPACES = "[ \u00a0\u202f]"

_GROUPED = r"^\s*[-+]?[1-9]\d{0,2}(\.\d{3})+\s*$"
_HUNDREDS = r"^\s*[-+]?[1-9]\d{2}\s*$"
_OF_NEITHER = r"^\s*[-+]?(\d{4,}(\.\d*)?|0\d*\.\d*|\d*\.(\d{0,2}|\d{4,})|[\d.]+[eE][-+]?\d+)\s*$"
"""Numbers of four digits and more without a mark, or with a point that is none of thousands."""
_ENOUGH = 3
"""Numbers of either kind that show a point between thousands."""
_COLUMNS_LOOKED_AT = 200


class NumberMarks:
    """How the numbers of a table are written: as its source says, or as its first rows show.

    A decimal comma is taken as such only where no number has a point and some number could not
    have a comma between its thousands. A point that looks like one between thousands is refused.

    Parameters
    ----------
    may_have_commas : whether a comma may stand in a value, as it does not between two values
    """

    def __init__(self, source: Source, may_have_commas: bool):
        self._source = source
        self._decimal = source.settings["decimal"]
        self._thousands = source.settings["thousands"]
        self._is_first = self._decimal is None and self._thousands is None
        self._looks = may_have_commas

    def to_points(self, batch: pa.RecordBatch, rows: np.ndarray) -> pa.RecordBatch:
        """A batch of text in which numbers are written with a point and nothing else.

        Raises
        ------
        BadSource
            If some numbers have a decimal comma and others a point, or it is not clear what a
            comma means.
        """
        if self._is_first:
            self._is_first = False
            self._decimal = self._look(batch, rows) if self._looks else None
            if self._decimal is None:
                self._refuse_thousands(batch, rows)
        if self._decimal != "," and self._thousands is None:
            return batch
        columns = [self._plain(column) for column in batch.columns]
        if self._decimal == "," and self._thousands != ".":
            self._check_points(batch, rows)
        return pa.record_batch(columns, names=batch.schema.names)

    def _look(self, batch: pa.RecordBatch, rows: np.ndarray) -> str | None:
        """The decimal mark of the first rows, where all their numbers agree."""
        with_comma = _full_matches(batch, _WITH_COMMA, b",")
        if not with_comma:
            return None
        with_point = _full_matches(batch, _WITH_POINT, b".")
        if with_point:
            raise self._mixed(batch, rows, with_comma[0], with_point[0])
        if not _full_matches(batch, _NO_THOUSANDS, b","):
            at, row = with_comma[0]
            raise self._source.bad(
                f"line {rows[row]:,}, column {batch.schema.names[at]!r}: it is not clear whether "
                f"{batch.column(at)[row].as_py()!r} has a decimal comma or a mark of thousands",
                POINT,
            )
        self._source.note("its numbers have a decimal comma")
        return ","

    def _refuse_thousands(self, batch: pa.RecordBatch, rows: np.ndarray) -> None:
        """Refuse a column such as 1.234, 567 and 12.890: counts with a point between thousands.

        With a decimal point some would have fewer digits behind it, or more before it.
        """
        with_point = [at for at, column in enumerate(batch.columns) if _holds(column, b".")]
        for at in with_point[:_COLUMNS_LOOKED_AT]:
            column = batch.column(at)
            grouped = _matching(column, _GROUPED)
            if len(grouped) < _ENOUGH or len(_matching(column, _OF_NEITHER)):
                continue
            hundreds = _matching(column, _HUNDREDS)
            if len(hundreds) >= _ENOUGH:
                row, other = int(grouped[0]), column[int(hundreds[0])].as_py()
                raise self._source.bad(
                    f"line {rows[row]:,}, column {batch.schema.names[at]!r}: "
                    f"{column[row].as_py()!r} seems to have a point between thousands, as other "
                    f"numbers there have three digits and no point, such as {other!r}",
                    "Say what the point is, `decimal: '.'`, or `thousands: '.'` and `decimal: ','`",
                )

    def _check_points(self, batch: pa.RecordBatch, rows: np.ndarray) -> None:
        with_point = _full_matches(batch, _WITH_POINT, b".")
        if with_point:
            raise self._mixed(batch, rows, None, with_point[0])

    def _mixed(self, batch: pa.RecordBatch, rows: np.ndarray, comma, point):
        """The error for a table with both marks; each is a column and a row of the batch."""

        def shown(cell) -> str:
            at, row = cell
            name, value = batch.schema.names[at], batch.column(at)[row].as_py()
            return f"{value!r} (line {rows[row]:,}, column {name!r})"

        commas = shown(comma) if comma is not None else "the numbers before it"
        return self._source.bad(
            f"mixed decimal marks: a point in {shown(point)}, a comma in {commas}",
            f"{POINT}; text that only looks like a number keeps its form with `decimal: '.'`",
        )

    def _plain(self, column: pa.Array) -> pa.Array:
        """A column of text with its numbers, and nothing else, written plainly."""
        decimal = re.escape(self._decimal or ".")
        between = _SPACES if self._thousands == " " else re.escape(self._thousands or "")
        groups = rf"\d{{1,3}}({between}\d{{3}})+|\d+" if between else r"\d+"
        form = rf"^\s*[-+]?({groups})({decimal}\d*)?{_EXPONENT}\s*$"
        is_number = pc.fill_null(pc.match_substring_regex(column, form), False)
        if not pc.any(is_number).as_py():
            return column
        text = pc.replace_substring_regex(column, between, "") if between else column
        text = pc.replace_substring(text, ",", ".") if self._decimal == "," else text
        return pc.if_else(is_number, text, column)


def _full_matches(batch: pa.RecordBatch, form: str, mark: bytes) -> list[tuple[int, int]]:
    """The first cell (column, row) of each column in which some text has this form."""
    found = []
    for at, column in enumerate(batch.columns):
        if not _holds(column, mark):
            continue
        matches = pc.fill_null(pc.match_substring_regex(column, f"^{form}$"), False)
        row = pc.index(matches, True).as_py()
        if row >= 0:
            found.append((at, row))
    return found


def _holds(column: pa.Array, mark: bytes) -> bool:
    """Whether a mark stands anywhere in a column."""
    buffer = column.buffers()[2]
    return buffer is not None and mark in memoryview(buffer).tobytes()


def _matching(column: pa.Array, form: str) -> np.ndarray:
    """Rows of a column whose text has a form."""
    matches = pc.fill_null(pc.match_substring_regex(column, form), False)
    return np.flatnonzero(matches.to_numpy(zero_copy_only=False))
