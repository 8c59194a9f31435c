"""Text in blocks of whole lines, each checked to be the text that it should be."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np

from deeprules.compressed_files import open_binary
from deeprules.ingest.damage import intact
from deeprules.ingest.sources import BadSource, Source

BLOCK_BYTES = 4 * 2**20
"""Text to read at a time, unless a line is longer."""

LONGEST_LINE = 2**30
"""Letters of a line beyond which no file is read: it may have no end."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SNIFFED = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_GUESS = "cp1252"
"""What text of Windows and of Excel is in that is not UTF-8."""


@dataclass(frozen=True)
class Block:
    """Some whole lines of a file.

    Attributes
    ----------
    text : the lines, each with a line feed at its end
    first : number of the first line, from 1
    """

    text: bytes
    first: int

    @cached_property
    def filled(self) -> np.ndarray:
        """Numbers of the lines that are not empty."""
        ends = np.flatnonzero(np.frombuffer(self.text, np.uint8) == ord("\n"))
        return np.flatnonzero(np.diff(ends, prepend=-1) > 1) + self.first

    def line_at(self, position: int) -> int:
        """Number of the line that holds a byte."""
        return self.first + self.text.count(b"\n", 0, position)


class _Recoded:
    """A file in another encoding, read as UTF-8."""

    def __init__(self, source: Source, file: BinaryIO, encoding: str):
        self._source, self._file, self._encoding = source, file, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int) -> bytes:
        """About `size` bytes; none at the end."""
        while True:
            piece = self._file.read(size)
            try:
                text = self._decoder.decode(piece, final=not piece)
            except UnicodeError as error:
                raise self._source.bad(
                    f"it is not {self._encoding} ({error})",
                    "Correct `encoding`, or save the file as UTF-8",
                ) from error
            if text or not piece:
                return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")


@contextmanager
def open_text(source: Source) -> Iterator[BinaryIO]:
    """The text of a source, plain or compressed, as UTF-8.

    Another encoding is that of `encoding`, or UTF-16 where its mark stands at the beginning.

    Raises
    ------
    BadSource
        If the file is of another kind, its compression is broken, or it is in another encoding.
    """
    with intact(source), open_binary(source.path) as start:
        encoding = source.settings.get("encoding") or _SNIFFED.get(start.read(2))
    with intact(source), open_binary(source.path) as file:
        if encoding in (None, "utf-8"):
            yield file
        else:
            source.note(f"its text was read as {encoding}")
            yield _Recoded(source, file, encoding)


def read_blocks(source: Source, file: BinaryIO) -> Iterator[Block]:
    """The lines of a text file, about `BLOCK_BYTES` or a few lines at a time.

    Line feeds, carriage returns and both together end a line; a byte order mark is left out.

    Raises
    ------
    BadSource
        If the file has bytes that are no text, or is not UTF-8.
    """
    number, rest = 1, []
    for piece in _pieces(file):
        end = piece.rfind(b"\n") + 1
        if not end:
            rest.append(piece)
            if sum(map(len, rest)) > LONGEST_LINE:
                raise _bad_line(
                    source,
                    number,
                    f"it has more than {LONGEST_LINE:,} letters",
                    "Check that it is the file that was meant; wrap the lines of a long sequence",
                )
            continue
        block = _checked(source, Block(b"".join([*rest, piece[:end]]), number))
        yield block
        number += block.text.count(b"\n")
        rest = [piece[end:]]
    last = b"".join(rest)
    if last:
        yield _checked(source, Block(last + b"\n", number))


def read_lines(source: Source) -> Iterator[tuple[int, str]]:
    """Numbered lines of a source, plain or compressed, without their ends.

    Raises
    ------
    BadSource
        As `read_blocks`, or if its compression is broken.
    """
    with open_text(source) as file:
        for block in read_blocks(source, file):
            yield from enumerate(block.text.decode().split("\n")[:-1], block.first)


def join(first: Block, second: Block) -> Block:
    """Two blocks that follow each other as one."""
    return Block(first.text + second.text, first.first)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Bytes of a file with every line end turned into a line feed."""
    held, start, size = b"", True, BLOCK_BYTES
    while piece := file.read(size):
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""  # A line feed may follow.
        piece = piece[: len(piece) - len(held)]
        piece = piece.removeprefix(_BYTE_ORDER_MARK) if start else piece
        start = False
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in piece:
            size *= 2
        yield piece
    if held:
        yield b"\n"


def _checked(source: Source, block: Block) -> Block:
    zero = block.text.find(b"\0")
    if zero >= 0:
        raise _bad_line(
            source,
            block.line_at(zero),
            "it has bytes of zero, as a damaged copy or a file that is no text has",
            "Copy or download the file again, and give text",
        )
    if not block.text.isascii():
        try:
            block.text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _not_utf8(source, block, error.start) from error
    return block


def _not_utf8(source: Source, block: Block, position: int) -> BadSource:
    """The error for bytes that are no UTF-8, with what they would be in the likeliest encoding."""
    text = block.text
    start = max(text.rfind(b"\n", 0, position) + 1, position - 15)
    end = text.find(b"\n", position)
    shown = text[start : min(end, position + 15)].decode(_GUESS, "replace").strip()
    return _bad_line(
        source,
        block.line_at(position),
        f"it is not UTF-8 (byte {text[position]:#04x})",
        f"Set `encoding: {_GUESS}` (of Windows and Excel) if {shown!r} is right, or "
        "`encoding: latin-1`, mac-roman ..., or save the file as UTF-8",
    )


def _bad_line(source: Source, line: int, problem: str, remedy: str) -> BadSource:
    return source.bad(f"line {line:,}: {problem}", remedy)
