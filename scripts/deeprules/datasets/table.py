"""Sequences in a column of a table: delimited text, Excel or Parquet."""

from collections.abc import Iterator

from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.ingest.tables import pick, read_batches

MODALITY = "sequence"
SETTINGS = ("delimiter", "decimal", "thousands", "comment", "skip_rows", "sheet")
"""Settings of a source that only readers of tables have."""


def read(source: Source) -> Iterator[Chunk]:
    """The sequences of the column `sequence`, with all other columns of the table.

    Raises
    ------
    BadSource
        If the file is not a table or has no column `sequence`.
    """
    for batch, rows in read_batches(source):
        columns = source.columns_of(batch.schema.names)
        if "sequence" not in columns:
            raise source.bad(
                f"source {source.name!r} has no column 'sequence'",
                "Name the column with the sequences, `columns: {sequence: its name}`; "
                f"the file has {listing(batch.schema.names)}",
            )
        table = pick(batch, columns)
        sequences = table.pop("sequence").fillna("").tolist()
        yield Chunk(table, sequences, rows)
