"""Text in blocks of whole lines, each checked to be the text that it should be."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np

from deeprules.gzip_files import open_binary
from deeprules.ingest.sources import BadSource, Source, intact

BLOCK_BYTES = 4 * 2**20
"""Text to read at a time, unless a line is longer."""

LONGEST_LINE = 2**30
"""Letters of a line beyond which no file is read: it may have no end."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
    """Numbered lines of a source, plain or gzip-compressed, without their ends.

    Raises
    ------
    BadSource
        As `read_blocks`, or if its compression is broken.
    """
    with intact(source), open_binary(source.path) as file:
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
            raise _bad_line(
                source,
                block.line_at(error.start),
                f"it is not UTF-8 (byte {block.text[error.start]:#04x})",
                "Save the file as UTF-8; it may be Latin-1, `iconv -f latin1 -t utf8`",
            ) from error
    return block


def _bad_line(source: Source, line: int, problem: str, remedy: str) -> BadSource:
    return source.bad(f"line {line:,}: {problem}", remedy)
