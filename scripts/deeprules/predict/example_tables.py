"""Tables of examples that are read some rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

BATCH = 20_000


def tables(path: str | Path, parts: Iterator[slice]) -> Iterator[tuple[slice, pd.DataFrame]]:
    """The rows of a table of examples, in parts whose sizes are given."""
    with pa.parquet.ParquetFile(path) as file:
        batches, held = file.iter_batches(BATCH), None
        for rows in parts:
            while held is None or held.num_rows < rows.stop - rows.start:
                new = pa.Table.from_batches([next(batches)])
                held = new if held is None else pa.concat_tables([held, new])
            size = rows.stop - rows.start
            yield rows, held.slice(0, size).to_pandas()
            held = held.slice(size)


def columns_without_values(path: str | Path) -> list[str]:
    """Columns of a table of examples that are empty in every row."""
    known: set[str] = set()
    with pa.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH):
            known |= {one for one in batch.schema.names if batch[one].null_count < len(batch)}
        return [name for name in file.schema_arrow.names if name not in known]
