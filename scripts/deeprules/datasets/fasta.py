"""Sequences in FASTA (or FASTQ, whose qualities are not used), plain or gzip-compressed."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pysam

from deeprules.ingest.sources import Chunk, Source, intact, open_binary

MODALITY = "sequence"


def read(source: Source) -> Iterator[Chunk]:
    """Sequences with the columns that the regular expression `header` takes from their headers.

    Without `header`, or if it has no group `id`, the first word is the id. Row numbers count the
    records.

    Raises
    ------
    BadSource
        If the file is not FASTA, is damaged, or `header` is not an expression with named groups.
    """
    header = _header(source)
    names = list(dict.fromkeys(["id", *(header.groupindex if header else ())]))
    columns = source.columns_of(names)
    found, sequences, rows, letters = [], [], [], 0
    for row, record in enumerate(_records(source), start=1):
        values = _values(source, header, row, record)
        if values is None:
            continue
        found.append([values[old] for old in columns.values()])
        sequences.append(record.sequence or "")
        rows.append(row)
        letters += len(sequences[-1])
        if len(rows) >= source.chunk_rows or letters >= source.chunk_values:
            yield Chunk(pd.DataFrame(found, columns=list(columns)), sequences, np.array(rows))
            found, sequences, rows, letters = [], [], [], 0
    if rows:
        yield Chunk(pd.DataFrame(found, columns=list(columns)), sequences, np.array(rows))


def _header(source: Source) -> re.Pattern | None:
    if source.settings["header"] is None:
        return None
    remedy = "Correct `header`, such as '(?P<id>[^ ]+) (?P<label>.+)'"
    try:
        header = re.compile(source.settings["header"])
    except re.error as error:
        raise source.bad(f"`header` is not a regular expression ({error})", remedy) from error
    if not header.groupindex:
        raise source.bad("`header` has no named group", remedy)
    return header


def _records(source: Source) -> Iterator[pysam.FastxRecord]:
    with intact(source):
        with open_binary(source.path) as file:
            start = file.read(1000).lstrip()
        if start[:1] not in (b">", b"@"):  # The parser would skip everything up to one of these.
            found = f"starts with {start[:20].decode('latin-1')!r}" if start else "is empty"
            raise source.bad(f"the file {found}, not with a FASTA header", "Give a FASTA file")
        with pysam.FastxFile(str(source.path), persist=False) as file:
            try:
                yield from file
            except ValueError as error:  # What pysam raises where its parser stops.
                raise EOFError(error) from error


def _values(source: Source, header: re.Pattern | None, row: int, record) -> dict | None:
    """Columns of one record, or None if its header does not match."""
    if header is None:
        return {"id": record.name}
    line = f"{record.name} {record.comment}" if record.comment else record.name
    match = header.search(line)
    if match is None:
        source.problem(
            row, "", f"the header {line!r} does not match `header`", "Correct the expression"
        )
        return None
    return {"id": record.name, **match.groupdict()}
