"""Rows of a tab-separated table as the model takes them: `float32` (features,).

The header names the columns. Those of `features.txt` are taken, in its order; the column `id`, if
there is one, names the row. An empty cell is a missing value.
"""

import gzip
from pathlib import Path

import numpy as np
from kipoi.data import SampleIterator

# kipoi runs this file from within its folder, without a `__file__`.
FEATURES = Path("features.txt").read_text().splitlines()


def read_table(path):
    """Yield (name, values) of each row of a tab-separated file, plain or gzip-compressed."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt") as file:
        header = {name: place for place, name in enumerate(next(file).rstrip("\r\n").split("\t"))}
        missing = [name for name in FEATURES if name not in header]
        if missing:
            raise ValueError(f"{path}: {len(missing)} columns are missing, such as {missing[0]!r}")
        places = [header[name] for name in FEATURES]
        for number, line in enumerate(file, start=1):
            cells = line.rstrip("\r\n").split("\t")
            name = cells[header["id"]] if "id" in header else str(number)
            try:
                values = np.array([cells[place] or "nan" for place in places], dtype=np.float32)
            except (ValueError, IndexError) as error:
                raise ValueError(f"{path}: row {number} ({name}): {error}") from error
            yield name, values


class Rows(SampleIterator):
    """The rows of a table, one at a time."""

    def __init__(self, table_file):
        self.samples = self.read(table_file)

    def read(self, table_file):
        for name, values in read_table(table_file):
            yield {"inputs": values, "metadata": {"id": name}}

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.samples)
