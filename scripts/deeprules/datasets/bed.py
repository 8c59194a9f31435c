"""Sequences of intervals (BED) in a genome (FASTA, plain or gzip-compressed)."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from deeprules.encoding import reverse_complement_letters
from deeprules.ingest.sources import Chunk, Source, intact, is_bgzf, is_gzip, listing, open_binary

MODALITY = "sequence"

COLUMNS = ("chromosome", "start", "end", "name", "score", "strand")
_NOT_INTERVALS = ("#", "track", "browser")


def read(source: Source) -> Iterator[Chunk]:
    """The sequence of each interval; on the strand `-`, its reverse complement.

    Columns are those of BED, `chromosome`, `start` (from 0), `end`, `name`, `score`, `strand`,
    then `column7` and so on; fields are separated by tabs, or by blanks if there is no tab. Row
    numbers are line numbers.

    Raises
    ------
    BadSource
        If the genome cannot be indexed or a compressed file is damaged.
    """
    found, sequences, rows, letters = [], [], [], 0
    width = None
    with _open_genome(source) as genome:
        sizes = dict(zip(genome.references, genome.lengths, strict=True))
        for row, fields in _lines(source):
            width = width or len(fields)
            interval = _interval(source, row, fields, width, sizes)
            if interval is None:
                continue
            sequence = genome.fetch(*interval)
            minus = width >= 6 and fields[5] == "-"
            sequences.append(reverse_complement_letters(sequence) if minus else sequence)
            found.append(fields)
            rows.append(row)
            letters += len(sequence)
            if len(rows) >= source.chunk_rows or letters >= source.chunk_values:
                yield _chunk(source, found, sequences, rows)
                found, sequences, rows, letters = [], [], [], 0
    if rows:
        yield _chunk(source, found, sequences, rows)


def _chunk(source: Source, found: list, sequences: list[str], rows: list[int]) -> Chunk:
    names = [*COLUMNS, *(f"column{i + 1}" for i in range(len(COLUMNS), len(found[0])))]
    table = pd.DataFrame(found, columns=names[: len(found[0])])
    columns = source.columns_of(table.columns)
    widths = np.array([int(fields[2]) - int(fields[1]) for fields in found])
    table = table[list(columns.values())].set_axis(list(columns), axis=1)
    return Chunk(table, sequences, np.array(rows), given_width=widths)


def _lines(source: Source) -> Iterator[tuple[int, list[str]]]:
    try:
        with intact(source), open_binary(source.path) as file:
            for row, line in enumerate(io.TextIOWrapper(file, encoding="utf-8"), start=1):
                if line.strip() and not line.startswith(_NOT_INTERVALS):
                    yield row, line.rstrip("\n").split("\t" if "\t" in line else None)
    except UnicodeDecodeError as error:
        raise source.bad(f"the file is not text ({error})", "Give a BED file") from error


def _interval(
    source: Source, row: int, fields: list[str], width: int, sizes: dict[str, int]
) -> tuple[str, int, int] | None:
    """Chromosome, start and end of a line, or None if there is something wrong with it."""
    if len(fields) != width or width < 3:
        source.problem(
            row,
            "",
            f"{len(fields)} fields where {max(width, 3)} are expected",
            "Give every line the same fields, at least chromosome, start and end",
        )
        return None
    chromosome = fields[0]
    if chromosome not in sizes:
        source.problem(
            row,
            "chromosome",
            f"{chromosome!r} is not in the genome",
            f"Use the names of {source.genome.name}: {listing(list(sizes), 5)}",
        )
        return None
    if not (fields[1].isdecimal() and fields[2].isdecimal()):
        source.problem(
            row,
            "start, end",
            f"{fields[1]!r} and {fields[2]!r} are not both whole numbers from 0",
            "Correct the interval",
        )
        return None
    start, end = int(fields[1]), int(fields[2])
    if start >= end or end > sizes[chromosome]:
        source.problem(
            row,
            "start, end",
            f"{start}-{end} is no interval of {chromosome} ({sizes[chromosome]:,} bases)",
            "Keep 0 <= start < end <= length of the chromosome, in the genome's own version",
        )
        return None
    return chromosome, start, end


def _open_genome(source: Source) -> pysam.FastaFile:
    """The genome, indexed in the scratch folder: downloads stay as they are."""
    if source.genome is None:
        raise source.bad(
            f"source {source.name!r} has no genome", "Name a source of format genome in `genome`"
        )
    genome = _with_access_by_position(source)
    try:
        pysam.faidx(str(genome))
    except pysam.SamtoolsError as error:
        raise source.bad(
            f"its genome {source.genome} cannot be indexed",
            "Give a FASTA file in which all lines of a sequence but the last have one length",
        ) from error
    return pysam.FastaFile(str(genome))


def _with_access_by_position(source: Source) -> Path:
    """The genome under a name of our own, uncompressed unless bgzip made it."""
    genome = source.scratch / f"{source.name}.genome"
    with intact(source, source.genome):
        if is_gzip(source.genome) and not is_bgzf(source.genome):
            with open_binary(source.genome) as packed, open(genome, "wb") as plain:
                shutil.copyfileobj(packed, plain, 2**20)
        else:
            genome.symlink_to(source.genome.resolve())
    return genome
