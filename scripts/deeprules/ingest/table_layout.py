"""What the first lines of a delimited file show, and what no later line may contradict."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.ingest.sources import Source, listing
from deeprules.ingest.text_lines import Block

ROW_NAMES = "id"
"""What a first column without a name is called: it names the rows."""

NAMELESS = "Unnamed: 0"
"""What it is called where another column is the id; pandas calls such a column so as well."""

FEATURE_COUNTS = ("Geneid", "Chr", "Start", "End", "Strand", "Length")
_DELIMITERS = {".csv": (",", ";", "\t")}

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


def read_layout(source: Source, start: Block) -> Layout:
    """The layout that the first block of lines shows: the header, and a row if there is one.

    Raises
    ------
    BadSource
        If there is no header, it is a comment, or it does not name every column once.
    """
    if not len(start.filled):
        raise source.bad("the file is empty", "Check where it comes from")
    header, *first = _first_lines(start)
    delimiter = _delimiter(source, header, first)
    names = [name.strip() for name in _values(header, delimiter)]
    number = int(start.filled[0])
    if _is_left_open(header, delimiter):
        raise _left_open(source, number)
    width = len(_values(first[0], delimiter)) if first else len(names)
    _check_comment(source, header, len(names), width)
    if width == len(names) + 1:
        _check_last_cells(source, start, delimiter)
        names = ["", *names]
    if not names[0]:
        names[0] = NAMELESS if ROW_NAMES in names else ROW_NAMES
    check_names(source, names)
    end = start.text.index(header) + len(header) + 1
    return Layout(header, names, delimiter, Block(start.text[end:], number + 1))


def _first_lines(start: Block) -> list[bytes]:
    """The first two lines that are not empty."""
    return (
        start.text.lstrip(b"\n").split(b"\n", 2)[:2]
        if len(start.filled) > 1
        else [start.text.strip(b"\n")]
    )


def _delimiter(source: Source, header: bytes, first: Sequence[bytes]) -> str:
    """The separator that is in the header, and splits the first row into as many values."""
    suffix = Path(source.path.name.removesuffix(".gz")).suffix.lower()
    candidates = _DELIMITERS.get(suffix, ("\t", ",", ";"))
    present = [one for one in candidates if one.encode() in header]
    for delimiter in present:
        n_names = len(_values(header, delimiter))
        if first and len(_values(first[0], delimiter)) in (n_names, n_names + 1):
            return delimiter
    return [*present, *candidates][0]


def _values(line: bytes, delimiter: str) -> list[str]:
    return next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter), [])


def _check_comment(source: Source, header: bytes, n_names: int, width: int) -> None:
    if header.startswith(b"# Program:featureCounts"):
        raise feature_counts(source)
    if header.startswith((b"!Series_", b"!Sample_", b"!series_", b"^")):
        raise source.bad(
            "it is a series of GEO, with descriptions around the table",
            "Keep the table alone: `grep -v '^[!^]' FILE | grep . > matrix.txt`",
        )
    is_comment = header.startswith(b"#") and n_names != width
    if is_comment or header.lower().startswith(b"sep="):
        raise source.bad(
            f"its first line is no header: {header.decode('utf-8', 'replace')[:60]!r}",
            "Delete the lines above the header",
        )


def no_header(source: Source, layout: Layout, line: int, width: int):
    """The error for a file whose first line has another number of values than most lines."""
    start = layout.header.decode("utf-8", "replace")[:60]
    return source.bad(
        f"line {line:,} has {width:,} values, and most lines have not the {len(layout.names):,} of "
        f"the first, {start!r}",
        "Delete the lines above the header, and separate values by commas, semicolons or tabs",
    )


def feature_counts(source: Source):
    """The error for a table that featureCounts wrote."""
    return source.bad(
        "it is the output of featureCounts, with places and lengths of genes among the counts",
        "Keep the names of the genes and the counts: `tail -n +2 FILE | cut -f 1,7- > counts.tsv`",
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
