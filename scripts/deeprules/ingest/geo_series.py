"""What a series matrix of GEO says of its samples, as a sample table."""

import csv

import numpy as np
import pyarrow as pa

from deeprules.ingest.sources import Source
from deeprules.ingest.table_layout import ROW_NAMES
from deeprules.ingest.text_lines import read_lines

_SAMPLE = "!Sample_"
_ACCESSION = "geo_accession"
_CHARACTERISTICS = "characteristics_ch"


def read_samples(source: Source) -> tuple[pa.RecordBatch, np.ndarray]:
    """The samples of a series, one a row, named by their accession (GSM...).

    Each characteristic, `tissue: liver`, is a value of the column `tissue`; other lines are
    columns by their name without `!Sample_`, such as `title` and `source_name_ch1`. Where a
    characteristic has the name of such a line, as `status` and `type` may, the line keeps
    `Sample_` in its name; a characteristic `id` is called `characteristic_id`. Those of a second
    channel end in `_ch2`.

    Raises
    ------
    BadSource
        If the file does not name its samples.
    """
    lines: dict[str, list[str | None]] = {}
    characteristics: dict[str, list[str | None]] = {}
    n = 0
    for _, line in read_lines(source):
        if line.startswith("!series_matrix_table_begin"):
            break
        if not line.startswith(_SAMPLE):
            continue
        name, *values = next(csv.reader([line], delimiter="\t"))
        name = name.removeprefix(_SAMPLE)
        n = n or len(values)
        if len(values) != n:
            raise source.bad(
                f"its line !Sample_{name} has {len(values):,} values for {n:,} samples",
                "Download the series matrix again",
            )
        for at, value in enumerate(values):
            if name.startswith(_CHARACTERISTICS) and ": " in value:
                key, told = (part.strip() for part in value.split(": ", 1))
                key = f"characteristic_{key}" if key == ROW_NAMES else key
                channel = name.removeprefix(_CHARACTERISTICS)
                key = key if channel == "1" else f"{key}_ch{channel}"
                _put(characteristics, n, at, key, told)
            else:
                _put(lines, n, at, name, value.strip())
    if _ACCESSION not in lines:
        raise source.bad("it names no samples", "Give the series matrix as GEO has it")
    table = {ROW_NAMES: lines.pop(_ACCESSION)}
    for name, cells in lines.items():
        table[f"Sample_{name}" if name in characteristics else name] = cells
    table |= characteristics
    source.note(
        f"the descriptions of its samples were read as a table with the columns {', '.join(table)}"
    )
    arrays = [pa.array(cells, pa.string()) for cells in table.values()]
    return pa.record_batch(arrays, names=list(table)), np.arange(1, n + 1)


def _put(columns: dict, n: int, at: int, name: str, value: str) -> None:
    """Put a value of a sample into its column; what is said twice is joined."""
    cells = columns.setdefault(name, [None] * n)
    if value:
        cells[at] = value if cells[at] is None else f"{cells[at]} {value}"
