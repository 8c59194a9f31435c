"""Sequences in FASTA (or FASTQ, whose qualities are not used), plain or gzip-compressed."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from deeprules.ingest.fasta_records import Record, read_records
from deeprules.ingest.header_patterns import HeaderPattern
from deeprules.ingest.sources import Chunk, Source

MODALITY = "sequence"
SETTINGS = ("header",)
"""Settings of a source that only this reader has."""


def read(source: Source) -> Iterator[Chunk]:
    """Sequences with the columns that the regular expression `header` takes from their headers.

    Without `header`, or if it has no group `id`, the first word is the id. Row numbers count the
    records. A sequence stays as it stands in the file, whatever strand its header names.

    Raises
    ------
    BadSource
        If the file is not FASTA, is damaged, or `header` is not an expression with named groups.
    """
    header = HeaderPattern(source) if source.settings["header"] is not None else None
    names = list(dict.fromkeys(["id", *(header.groups if header else ())]))
    columns = source.columns_of(names)
    records, first_row, letters = [], 1, 0
    for record in read_records(source):
        records.append(record)
        letters += len(record.sequence)
        if len(records) >= source.chunk_rows or letters >= source.chunk_values:
            yield from _chunk(header, columns, records, first_row)
            first_row += len(records)
            records, letters = [], 0
    yield from _chunk(header, columns, records, first_row)


def _chunk(
    header: HeaderPattern | None, columns: dict[str, str], records: list[Record], first_row: int
) -> Iterator[Chunk]:
    """The chunk of these records, if any of them can be used."""
    groups = [{}] * len(records)
    if header is not None:
        groups = header.match([record.header for record in records], first_row)
    used = [index for index, found in enumerate(groups) if found is not None]
    if used:
        taken = header.groups if header is not None else ()
        table = {
            new: [groups[i][old] if old in taken else records[i].name for i in used]
            for new, old in columns.items()
        }
        sequences = [records[index].sequence for index in used]
        yield Chunk(pd.DataFrame(table, dtype=object), sequences, np.array(used) + first_row)
