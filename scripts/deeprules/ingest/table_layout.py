"""What the first lines of a delimited file show, and what no later line may contradict."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.compressed_files import plain_suffix
from deeprules.ingest.sources import Source, listing
from deeprules.ingest.surroundings import Surroundings
from deeprules.ingest.text_lines import Block

ROW_NAMES = "id"
"""What a first column without a name is called: it names the rows."""

NAMELESS = "Unnamed: 0"
"""What it is called where another column is the id; pandas calls such a column so as well."""

DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "blanks": " "}
_PLAIN = ("\t", ",")
_FIRST_BY_SUFFIX = {".csv": (",", ";", "\t", "|")}
_ROWS_WITH_BLANKS = 20

csv.field_size_limit(2**31 - 1)  # A name may have any length, as any other cell may.


@dataclass(frozen=True)
class Layout:
    """How a delimited file is written.

    Attributes
    ----------
    header : its first line, as it stands in the file
    names : names of its columns
    delimiter : what stands between two values
    rows : what follows the header in its block
    """

    header: bytes
    names: list[str]
    delimiter: str
    rows: Block


def read_layout(source: Source, start: Block, around: Surroundings) -> Layout:
    """The layout that the first block of lines shows: the header, and a row if there is one.

    The delimiter is the one that is given, or is found; blanks are only where nothing else is.

    Raises
    ------
    BadSource
        If there is no header, or it does not name every column once.
    """
    if not len(start.filled):
        raise source.bad("the file is empty", "Check where it comes from")
    header, *first = _first_lines(start)
    delimiter = _given(source) or around.delimiter or _delimiter(source, header, first)
    if not (_given(source) or around.delimiter) and _has_blanks(start, delimiter):
        delimiter = " "
    if delimiter == " ":
        start = single_blanks(start)
        header, *first = _first_lines(start)
    if delimiter not in _PLAIN:
        source.note(f"its values are separated by {name_of(delimiter)}")
    names = [name.strip() for name in _values(header, delimiter)]
    number = int(start.filled[0])
    _check_title(source, names, number)
    if _is_left_open(header, delimiter):
        raise _left_open(source, number)
    width = len(_values(first[0], delimiter)) if first else len(names)
    if width == len(names) + 1:
        _check_last_cells(source, start, delimiter)
        names = ["", *names]
    names = with_row_names(names)
    check_names(source, names)
    end = start.text.index(header) + len(header) + 1
    return Layout(header, names, delimiter, Block(start.text[end:], number + 1))


def _check_title(source: Source, names: list[str], number: int) -> None:
    """Refuse a first line with one value among empty ones: a spreadsheet's title, no header."""
    filled = [name for name in names if name]
    if len(names) > 2 and len(filled) == 1:
        raise source.bad(
            f"line {number:,} has one value, {filled[0][:60]!r}, and {len(names) - 1:,} empty ones",
            f"If it is a title and the header is below, set `skip_rows: {number}`; else name the "
            "columns",
        )


def without_empty_rows(source: Source, blocks: Iterable[Block], delimiter: str) -> Iterator[Block]:
    """Blocks in which rows of delimiters alone, as spreadsheets leave them, are empty lines."""
    sign = delimiter.encode()
    pattern, n = re.compile(rb"(?m)^%b+$" % re.escape(sign)), 0
    for block in blocks:
        n_here = 0
        # To look for them takes far longer than to see that no line begins like one.
        if delimiter != " " and b"\n" + sign in b"\n" + block.text:
            text, n_here = pattern.subn(b"", block.text)
        n += n_here
        yield Block(text, block.first) if n_here else block
    if n:
        source.note(f"rows without any value were left out ({n:,})")


def with_row_names(names: list[str]) -> list[str]:
    """Names of columns in which a first one without a name is that of the rows."""
    if names and not names[0]:
        return [NAMELESS if ROW_NAMES in names else ROW_NAMES, *names[1:]]
    return names


def _first_lines(start: Block) -> list[bytes]:
    """The first two lines that are not empty, or the only one."""
    header, _, rows = start.text.lstrip(b"\n").partition(b"\n")
    first = rows.lstrip(b"\n").partition(b"\n")[0]
    return [header, first] if first else [header]


def _delimiter(source: Source, header: bytes, first: Sequence[bytes]) -> str:
    """The separator that is in the header, and splits the first row into as many values."""
    candidates = _FIRST_BY_SUFFIX.get(plain_suffix(source.path.name), ("\t", ",", ";", "|"))
    present = [one for one in candidates if one.encode() in header]
    for delimiter in present:
        n_names = len(_values(header, delimiter))
        if first and len(_values(first[0], delimiter)) in (n_names, n_names + 1):
            return delimiter
    return [*present, *candidates][0]


def _given(source: Source) -> str | None:
    """The delimiter of the configuration, by name or as it is."""
    delimiter = source.settings["delimiter"]
    return DELIMITERS.get(delimiter, delimiter)


def name_of(delimiter: str) -> str:
    """What a delimiter is called in a message."""
    names = {sign: name for name, sign in DELIMITERS.items()}
    return {" ": "blanks"}.get(delimiter, f"{names.get(delimiter, repr(delimiter))}s")


def single_blanks(block: Block) -> Block:
    """A block in which one blank stands between two values."""
    text = re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", block.text)
    return Block(re.sub(rb"[ \t]+", b" ", text), block.first)


def _has_blanks(start: Block, delimiter: str) -> bool:
    """Whether the first lines have no delimiter but blanks, which split all of them alike."""
    lines = [line for line in start.text.split(b"\n", 1000)[:1000] if line]
    lines = lines[: _ROWS_WITH_BLANKS + 1]
    if delimiter.encode() in lines[0] or len(lines) < 2:
        return False
    header, *widths = [len(_values(b" ".join(line.split()), " ")) for line in lines]
    return min(widths) == max(widths) and header > 1 and widths[0] in (header, header + 1)


def _values(line: bytes, delimiter: str) -> list[str]:
    return next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter), [])


def other_delimiter(layout: Layout, line: bytes) -> str | None:
    """The name of another delimiter, where it splits a line as the header is split."""
    for other in DELIMITERS.values():
        if other != layout.delimiter and len(_values(line, other)) == len(layout.names) > 1:
            return name_of(other)
    return None


def no_header(source: Source, layout: Layout, line: int, width: int):
    """The error for a file whose first line has another number of values than most lines."""
    start = layout.header.decode("utf-8", "replace")[:60]
    return source.bad(
        f"line {line:,} has {width:,} values, and most lines have not the {len(layout.names):,} of "
        f"the first, {start!r}",
        "Leave out lines above the header with `skip_rows`, and separate all values alike; "
        "`delimiter` says by what",
    )


def _check_last_cells(source: Source, start: Block, delimiter: str) -> None:
    """Refuse rows that all end with a separator: they are no rows with a name in front."""
    ends = (delimiter.encode(), delimiter.encode() + b'""')
    rows = start.text.lstrip(b"\n").split(b"\n")[1:]
    if all(row.rstrip().endswith(ends) for row in rows if row.strip()):
        raise source.bad(
            "every row has one value more than the header has names, and the last one is empty",
            "Remove the separator at the end of each row; if the first column holds names of "
            "rows, name it in the header",
        )


def check_names(source: Source, names: Sequence[str]) -> None:
    """Refuse names of columns that are empty or appear twice.

    Raises
    ------
    BadSource
        If there are such names.
    """
    index = pd.Index(names)
    empty = np.flatnonzero(index == "") + 1
    if len(empty):
        raise source.bad(
            f"columns without a name ({len(empty):,}), by position: {listing(empty, 10)}",
            "Name them in the header or remove them; a separator at the end of each line makes one",
        )
    source.refuse_repeats(
        index,
        "column names that appear more than once",
        "Give every column a name of its own, in the first line of the file",
    )


def check_rows(source: Source, layout: Layout, block: Block, n_records: int) -> None:
    """Refuse lines that are no records: a cell that goes on in the next line, a second header.

    Raises
    ------
    BadSource
        If a block of lines gave fewer records than it has, or repeats the header.
    """
    last = block.text[block.text.rfind(b"\n", 0, -1) + 1 : -1]
    if n_records < len(block.filled) or _is_left_open(last, layout.delimiter):
        for number, line in enumerate(block.text.split(b"\n"), start=block.first):
            if _is_left_open(line, layout.delimiter):
                raise _left_open(source, number)
    again = (b"\n" + block.text).find(b"\n" + layout.header + b"\n")
    if again >= 0:
        raise source.bad(
            f"line {block.line_at(again):,}: it is the header again",
            "Files were put one behind the other: give each as a source of its own, or remove "
            "the later headers",
        )


def _left_open(source: Source, number: int):
    return source.bad(
        f"line {number:,}: a quotation mark opens a cell that does not end in this line",
        "Remove the quotation mark, double it inside a quoted cell, or take the line break out "
        "of the cell",
    )


def _is_left_open(line: bytes, delimiter: str) -> bool:
    """Whether a cell that starts with a quotation mark does not end in its line."""
    at = 0
    while at >= 0:
        if line.startswith(b'"', at):
            at = _end_of_quoted(line, at + 1)
            if at < 0:
                return True
        at = line.find(delimiter.encode(), at)
        at = at + 1 if at >= 0 else at
    return False


def _end_of_quoted(line: bytes, at: int) -> int:
    """Where the quotation mark stands that closes a cell; -1 if there is none."""
    at = line.find(b'"', at)
    while line.startswith(b'""', at) and at >= 0:
        at = line.find(b'"', at + 2)
    return at
