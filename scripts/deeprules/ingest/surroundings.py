"""What stands around the table in a text file: comments, titles, descriptions of a series.

Such lines are emptied, not cut out, so that every line keeps its number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deeprules.ingest.sources import Source
from deeprules.ingest.text_lines import Block, join

_SERIES = (b"!Series_", b"!Sample_", b"!series_", b"!sample_", b"^")
_SEPARATOR = re.compile(rb'"?sep=(.)"?', re.IGNORECASE)
_GCT = re.compile(rb"#1\.[23]\s*")


@dataclass
class Surroundings:
    """What was found before the header, and which lines are none of the table.

    Attributes
    ----------
    everywhere : beginning of lines that are left out wherever they stand
    delimiter : what a line `sep=` says stands between two values
    gct : numbers of columns and rows with metadata that a GCT file states
    shape : numbers of rows and columns with numbers that it states
    is_series : whether the file is a series matrix of GEO
    lines : how many lines were left out before the header and after it
    """

    everywhere: bytes | None = None
    delimiter: str | None = None
    gct: tuple[int, int] | None = None
    shape: tuple[int, int] = (0, 0)
    is_series: bool = False
    lines: list[int] = field(default_factory=lambda: [0, 0])

    def clean(self, block: Block) -> Block:
        """A block after the first without the lines that are no records."""
        if self.everywhere is None or self.everywhere not in block.text:
            return block
        block, n = _emptied(block, re.escape(self.everywhere) + rb"[^\n]*")
        self.lines[1] += n
        return block

    def check_shape(self, source: Source, n_records: int, n_names: int) -> None:
        """Refuse a GCT file that has not as many rows and columns as it states.

        Raises
        ------
        BadSource
            With both numbers.
        """
        if self.gct is None:
            return
        found = n_records - self.gct[1], n_names - 1 - self.gct[0]
        if found != self.shape:
            stated = " by ".join(f"{n:,}" for n in self.shape)
            raise source.bad(
                f"its second line states {stated} numbers, and it holds {found[0]:,} by "
                f"{found[1]:,}",
                "It may be cut short: download it again, or correct that line",
            )

    def note(self, source: Source) -> None:
        """Say what was left out."""
        if self.is_series:
            source.note("it is a series matrix of GEO; the lines that describe it were left out")
        elif sum(self.lines):
            source.note(f"lines of text beside the table were left out ({sum(self.lines):,})")


def read_start(source: Source, blocks: Iterator[Block]) -> tuple[Block, Surroundings]:
    """The first block with a header and a row, without what stands before them."""
    raw, start, around = Block(b"", 1), Block(b"", 1), Surroundings()
    for block in blocks:
        raw = join(raw, block)
        start, around = _clean_start(source, raw)
        if len(start.filled) > 1:
            break
    return start, around


def _clean_start(source: Source, block: Block) -> tuple[Block, Surroundings]:
    around, skipped = Surroundings(), source.settings["skip_rows"]
    n_filled = len(block.filled)
    if skipped:
        block, _ = _emptied(block, rb"[^\n]+", within=_end_of_line(block.text, skipped))
    comment = source.settings["comment"]
    text = block.text.lstrip(b"\n")
    if comment:
        around.everywhere = comment.encode()
    elif text.startswith(_SERIES):
        around.everywhere, around.is_series = b"!", True
        block, _ = _emptied(block, rb"\^[^\n]*")
    elif _GCT.fullmatch(text.split(b"\n", 1)[0]):
        block = _read_sizes(source, block, around)
    else:
        block = _without_comments(block)
    if around.everywhere:
        block, _ = _emptied(block, re.escape(around.everywhere) + rb"[^\n]*")
    first = block.text.lstrip(b"\n").split(b"\n", 1)[0]
    found = _SEPARATOR.fullmatch(first)
    if found:
        around.delimiter = found[1].decode("latin-1")
        block = _without_first(block)
    around.lines[0] = n_filled - len(block.filled)
    return block, around


def _read_sizes(source: Source, block: Block, around: Surroundings) -> Block:
    """Read and empty the two lines of a GCT file above its header."""
    if len(block.filled) < 2:  # More is still to come.
        return _without_first(block)
    version, sizes, *_ = (*block.text.lstrip(b"\n").split(b"\n", 2), b"")
    numbers = [int(word) for word in sizes.split() if word.isdigit()]
    wanted = 2 if version.strip() == b"#1.2" else 4
    if len(numbers) != wanted:
        raise source.bad(
            f"its second line, {sizes[:40].decode('utf-8', 'replace')!r}, does not hold the "
            f"{wanted} numbers of a GCT file",
            "Write the file again, or give a plain table",
        )
    around.shape = (numbers[0], numbers[1])
    around.gct = (1, 0) if wanted == 2 else (numbers[2], numbers[3])
    return _without_first(_without_first(block))


def _without_comments(block: Block) -> Block:
    """A block without the lines at its start that begin with `#` and are no header.

    The last of them is the header where the row below has as many values.
    """
    lines = block.text.lstrip(b"\n").split(b"\n")
    n = next((at for at, line in enumerate(lines) if line and not line.startswith(b"#")), None)
    if n is None:  # The header is still to come.
        return _emptied(block, rb"[^\n]+")[0]
    last, row = lines[n - 1] if n else b"", lines[n]
    for delimiter in (b"\t", b",", b";"):
        n_names = last.count(delimiter)
        is_name = delimiter == b"\t" or last[1:2].strip(b" #")
        if not last.startswith(b"##") and is_name and n_names and n_names == row.count(delimiter):
            n -= 1
            break
    end = len(block.text) - len(block.text.lstrip(b"\n")) + sum(len(x) + 1 for x in lines[:n])
    return _emptied(block, rb"[^\n]+", within=end)[0]


def _without_first(block: Block) -> Block:
    """A block without its first line that is not empty."""
    start = len(block.text) - len(block.text.lstrip(b"\n"))
    end = block.text.find(b"\n", start)
    return Block(block.text[:start] + block.text[end:], block.first) if end >= 0 else block


def _end_of_line(text: bytes, number: int) -> int:
    """Where a line ends, counted from 1; the end of the text where it has fewer."""
    at = -1
    for _ in range(number):
        at = text.find(b"\n", at + 1)
        if at < 0:
            return len(text)
    return at + 1


def _emptied(block: Block, line: bytes, within: int | None = None) -> tuple[Block, int]:
    """A block in which lines of this form are empty, and how many they are."""
    head, rest = (block.text, b"") if within is None else (block.text[:within], block.text[within:])
    head, n = re.subn(rb"(?m)^" + line + rb"$", b"", head)
    return (Block(head + rest, block.first), n) if n else (block, 0)
