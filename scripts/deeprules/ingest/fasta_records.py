"""Records of FASTA and FASTQ, read strictly: nothing that is no record is passed over."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from deeprules.ingest.sources import Source
from deeprules.ingest.text_lines import read_lines

_CUT = "Delete the file and download it again"


class Record(NamedTuple):
    """One record: its header without `>` (blanks are single spaces), and its sequence."""

    header: str
    sequence: str

    @property
    def name(self) -> str:
        """The first word of the header."""
        return self.header.partition(" ")[0]


def read_records(source: Source) -> Iterator[Record]:
    """All records of a FASTA or FASTQ file; qualities are checked for their length and dropped.

    Blank lines, and in FASTA comments (lines that begin with `;`), are no part of a record.

    Raises
    ------
    BadSource
        If the file is neither FASTA nor FASTQ, is damaged or cut short.
    """
    lines = (found for found in read_lines(source) if found[1].strip())
    first = next((found for found in lines if found[1][0] != ";"), None)
    if first is None:
        raise source.bad("the file is empty, without a FASTA header", "Give a FASTA file")
    lines = itertools.chain([first], lines)
    if first[1].startswith(">"):
        yield from _fasta(lines)
    elif first[1].startswith("@"):
        yield from _fastq(source, lines)
    else:
        start = first[1][:20]
        raise source.bad(
            f"the file starts with {start!r}, not with a FASTA header", "Give a FASTA file"
        )


def _fasta(lines: Iterator[tuple[int, str]]) -> Iterator[Record]:
    header, parts = _header(next(lines)[1]), []
    for _, line in lines:
        if line[0] == ">":
            yield Record(header, "".join(parts))
            header, parts = _header(line), []
        elif line[0] != ";":
            parts.append(line.strip())
    yield Record(header, "".join(parts))


def _fastq(source: Source, lines: Iterator[tuple[int, str]]) -> Iterator[Record]:
    for number, line in lines:
        if line[0] != "@":
            raise source.bad(f"line {number:,} is no FASTQ header: {line[:20]!r}", _CUT)
        parts = [text.strip() for _, text in itertools.takewhile(_before_plus, lines)]
        sequence = "".join(parts)
        qualities = 0
        while qualities < len(sequence):
            _, found = next(lines, (0, ""))
            if not found:
                raise source.bad(f"it is cut short in the record of line {number:,}", _CUT)
            qualities += len(found.strip())
        if qualities > len(sequence):
            raise source.bad(
                f"the record of line {number:,} has {qualities:,} qualities for "
                f"{len(sequence):,} bases",
                _CUT,
            )
        yield Record(_header(line), sequence)


def _before_plus(numbered: tuple[int, str]) -> bool:
    return numbered[1][0] != "+"


def _header(line: str) -> str:
    return " ".join(line[1:].split())
