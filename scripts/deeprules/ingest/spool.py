"""What has been read of a source, kept on disk until all sources have been read."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
from scipy import sparse

from deeprules.errors import Problem
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Source, listing

SHOWN = 4
"""Ids named, of those that several examples have."""


class Spool:
    """The columns and features of one source, in the order of its examples.

    Parameters
    ----------
    source : the source; its scratch folder takes the two files
    schema : types of the columns; `raw_length` says how many features a row has, if rows differ
    dtype : type of the features

    Attributes
    ----------
    is_sparse : whether the features are sparse rows
    n_values : numbers that are kept of the features, those of sparse rows without their zeros
    """

    def __init__(self, source: Source, schema: pa.Schema, dtype: np.dtype):
        self.source = source
        self.n_rows = self.n_values = 0
        self.is_sparse = False
        self._dtype = dtype
        self._width: int | None = None
        self._columns = source.scratch / f"{source.name}.parquet"
        self._features = source.scratch / f"{source.name}.features"
        self._column_writer = pa.parquet.ParquetWriter(self._columns, schema)
        self._feature_file = open(self._features, "wb")  # noqa: SIM115
        self._indices = source.scratch / f"{source.name}.indices"
        self._index_file = open(self._indices, "wb")  # noqa: SIM115
        self._lengths: list[np.ndarray] = []
        self._id_hashes: list[np.ndarray] = []

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_) -> None:
        self._column_writer.close()
        self._feature_file.close()
        self._index_file.close()

    def add(self, columns: pa.Table, features: np.ndarray | sparse.csr_array) -> None:
        """Keep N rows: their columns, and features (N, P) or all one after another."""
        self._column_writer.write_table(columns)
        self.is_sparse = sparse.issparse(features)
        self.n_values += features.size
        if self.is_sparse:
            features.indices.astype(np.int32).tofile(self._index_file)
            self._lengths.append(np.diff(features.indptr))
            features.data.tofile(self._feature_file)
        else:
            np.ascontiguousarray(features).tofile(self._feature_file)
        self._width = features.shape[1] if features.ndim == 2 else None
        self.n_rows += columns.num_rows
        self._id_hashes.append(_hash_ids(columns))

    def blocks(self, rows: int) -> Iterator[tuple[pa.Table, np.ndarray | sparse.csr_array]]:
        """All rows again, at most so many at a time: columns, and features one after another.

        Sparse features come as rows (n, P).
        """
        if self.is_sparse:
            yield from self._sparse_blocks(rows)
            return
        with open(self._features, "rb") as file:
            for chunk in self._chunks():
                for start in range(0, chunk.num_rows, rows):
                    columns = chunk.slice(start, rows)
                    if self._width is None:
                        n = pa.compute.sum(columns["raw_length"]).as_py()
                    else:
                        n = columns.num_rows * self._width
                    yield columns, np.fromfile(file, self._dtype, n)

    def _sparse_blocks(self, rows: int) -> Iterator[tuple[pa.Table, sparse.csr_array]]:
        lengths, done = np.concatenate(self._lengths), 0
        with open(self._features, "rb") as file, open(self._indices, "rb") as indices:
            for chunk in self._chunks():
                for start in range(0, chunk.num_rows, rows):
                    columns = chunk.slice(start, rows)
                    of_rows = lengths[done : done + columns.num_rows]
                    done += columns.num_rows
                    indptr = np.concatenate([[0], np.cumsum(of_rows)])
                    found = np.fromfile(file, self._dtype, indptr[-1])
                    places = np.fromfile(indices, np.int32, indptr[-1])
                    shape = (columns.num_rows, self._width)
                    yield columns, sparse.csr_array((found, places, indptr), shape=shape)

    def _chunks(self, names: list[str] | None = None) -> Iterator[pa.Table]:
        """Columns as they were added: a chunk fits into memory, however long its rows are."""
        with pa.parquet.ParquetFile(self._columns) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=names)

    @property
    def id_hashes(self) -> np.ndarray:
        """A 64-bit hash of each id; equal ids have equal hashes."""
        return np.concatenate([np.empty(0, dtype=np.uint64), *self._id_hashes])

    def rows_of(self, hashes: np.ndarray) -> pd.DataFrame:
        """`id` and `row` of the examples whose id has one of these hashes."""
        found = [
            columns.filter(pa.array(np.isin(_hash_ids(columns), hashes))).to_pandas()
            for columns in self._chunks(["id", "row"])
        ]
        return pd.concat([pd.DataFrame(columns=["id", "row"]), *found], ignore_index=True)


def stored_sparse(spools: Sequence[Spool], n_values: int) -> bool:
    """Whether a data set of so many values is stored as sparse rows: where that takes less space.

    All sources are sparse then, and less than half of the values are not 0.
    """
    kept = sum(spool.n_values for spool in spools)
    return all(spool.is_sparse for spool in spools if spool.n_rows) and 2 * kept < n_values


def _hash_ids(columns: pa.Table) -> np.ndarray:
    ids = columns["id"].fill_null("").to_pylist()
    return pd.util.hash_array(np.array(ids, dtype=object), categorize=False)


def check_ids(spools: Sequence[Spool], problems: Problems) -> None:
    """Note each id that more than one example has."""
    hashes, counts = np.unique(
        np.concatenate([spool.id_hashes for spool in spools]), return_counts=True
    )
    suspects = hashes[counts > 1]
    if not len(suspects):
        return
    rows = pd.concat(
        spool.rows_of(suspects[:SHOWN]).assign(file=spool.source.shown) for spool in spools
    )
    rows["place"] = rows["file"].astype(str) + " row " + rows["row"].astype(str)
    places = [
        f"{name!r} ({len(at):,}: {listing(at.to_list(), 3)})"
        for name, at in rows.groupby("id", sort=False)["place"]
        if len(at) > 1
    ]
    more = f" and {len(suspects) - SHOWN:,} more ids" if len(suspects) > SHOWN else ""
    problem = f"{len(suspects):,} ids that several examples have: {', '.join(places)}{more}"
    remedy = "Give each example an id of its own, with `header`, `columns` or `id_prefix`"
    if any(spool.source.settings["format"] == "h5ad" for spool in spools):
        remedy += "; within one AnnData file, with its `obs_names_make_unique()`"
    problems.add(Problem("all sources", "", "id", problem, remedy))
