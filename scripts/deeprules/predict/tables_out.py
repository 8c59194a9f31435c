"""Tables that grow chunk by chunk, as text and as Parquet, with sentences at their head."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from deeprules.files import whole_file

DIGITS = "%.7g"


class GrowingTable:
    """A table as TSV, whose first lines begin with `#`, and as Parquet with the same metadata.

    Read the text with `pandas.read_csv(path, sep="\\t", comment="#")` where no id holds a `#`, else
    with `skiprows`.
    """

    def __init__(self, text, parquet: Path, header: Sequence[str]):
        self._text, self._parquet, self._header = text, parquet, list(header)
        self._writer = None
        self.n = 0
        text.writelines(f"# {line}\n" for line in self._header)

    def add(self, table: pd.DataFrame) -> None:
        """Write some rows; all have the columns of the first ones."""
        table.to_csv(self._text, sep="\t", index=False, header=self.n == 0, float_format=DIGITS)
        arrow = pa.Table.from_pandas(table, self._schema(table), preserve_index=False)
        if self._writer is None:
            said = {"deeprules": "\n".join(self._header)}
            schema = arrow.schema.with_metadata({**(arrow.schema.metadata or {}), **said})
            self._writer = pa.parquet.ParquetWriter(self._parquet, schema)
        self._writer.write_table(arrow.cast(self._writer.schema))
        self.n += len(table)

    def _schema(self, table: pd.DataFrame) -> pa.Schema:
        """Types of the columns: those of the first chunk, text where there is no number."""
        if self._writer is not None:
            return self._writer.schema
        kinds = {"i": pa.int64(), "u": pa.int64(), "f": pa.float64(), "b": pa.bool_()}
        return pa.schema(
            [
                (name, kinds.get(getattr(table[name].dtype, "kind", "O"), pa.string()))
                for name in table
            ]
        )

    def close(self) -> None:
        """End the file of Parquet."""
        if self._writer is not None:
            self._writer.close()


@contextmanager
def growing_table(
    text: str | Path, parquet: str | Path, header: Sequence[str]
) -> Iterator[GrowingTable]:
    """A `GrowingTable` whose files take their names when the block ends well."""
    with (
        whole_file(text) as text_path,
        whole_file(parquet) as parquet_path,
        open(text_path, "w", encoding="utf-8") as file,
    ):
        table = GrowingTable(file, parquet_path, header)
        yield table
        table.close()
