"""What files of single cells share: HDF5, annotation as text, names that repeat, sparse chunks."""

import gzip
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from anndata.utils import make_index_unique
from scipy import sparse

from deeprules.gzip_files import GZIP_MAGIC
from deeprules.ingest.damage import intact
from deeprules.ingest.file_kinds import R_DATA, find_other_kind
from deeprules.ingest.sources import Chunk, Source, listing

OF_R = (
    "Of a Seurat or SingleCellExperiment object write an h5ad file, with "
    "`zellkonverter::writeH5AD`, or the folder of 10x, with `DropletUtils::write10xCounts`"
)


@contextmanager
def open_hdf5(source: Source, what: str) -> Iterator[h5py.File]:
    """A source's HDF5 file, plain or gzip-compressed; `what` says in words what it should be.

    Raises
    ------
    BadSource
        If it is no HDF5 file, or damaged; also while it is read.
    """
    path = _decompressed(source)
    if not h5py.is_hdf5(path):
        kind = find_other_kind(source.path)
        if kind is None:
            raise source.bad(f"{source.path.name} is not {what}", "Check `format` and `url`")
        remedy = OF_R if kind is R_DATA else kind.remedy
        raise source.bad(f"{source.path.name} is {kind.name}, not {what}", remedy)
    try:
        with h5py.File(path) as file:
            yield file
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise source.bad(
            f"{source.path.name} is cut short or damaged ({reason})",
            "Delete the file and download it again",
        ) from error


def _decompressed(source: Source) -> Path:
    with open(source.path, "rb") as file:
        if file.read(len(GZIP_MAGIC)) != GZIP_MAGIC:
            return source.path
    path = source.scratch / f"{source.name}.h5"
    with intact_gzip(source), gzip.open(source.path) as file, open(path, "wb") as target:
        shutil.copyfileobj(file, target, 2**24)
    return path


def intact_gzip(source: Source, path: Path | None = None):
    """As `intact`, for files that are text or, once decompressed, anything."""
    return intact(source, path, any_kind=True)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Annotation (N rows) as text, null where missing: categories by their names."""
    return pd.DataFrame(
        {
            name: pd.Series(
                [None if missing else str(value) for value, missing in zip(*pair, strict=True)],
                dtype=object,
            )
            for name, column in frame.items()
            for pair in [(column.astype(object), column.isna())]
        },
        index=pd.RangeIndex(len(frame)),
    )


def unique_names(
    source: Source, names: Sequence[str], ids: Sequence[str] | None = None
) -> pd.Index:
    """Names of features, repeated ones made different with -1, -2 ... as anndata does it.

    Which of them is which is remembered by their `ids`, if there are any.
    """
    index = pd.Index([str(name) for name in names], dtype=object)
    if index.is_unique:
        return index
    twice = index[index.duplicated()].unique()
    source.notes.append(
        f"{source.name}: {len(twice):,} names of features stand more than once "
        f"({listing(twice, 5)}); all but the first of each got -1, -2 ... put to it."
    )
    unique = make_index_unique(index)
    if ids is not None:
        pairs = zip(unique, ids, index.isin(twice), strict=True)
        source.gene_ids.update({name: str(one) for name, one, is_twice in pairs if is_twice})
    return unique


def stored_rows(group: h5py.Group, n_features: int) -> Callable[[slice], sparse.csr_array]:
    """From a slice of rows to those of a CSR matrix (`data`, `indices`, `indptr`) in a file."""
    indptr = group["indptr"][:]

    def read(rows: slice) -> sparse.csr_array:
        starts = indptr[rows.start : rows.stop + 1]
        stored = slice(int(starts[0]), int(starts[-1]))
        parts = group["data"][stored], group["indices"][stored], starts - starts[0]
        return sparse.csr_array(parts, shape=(rows.stop - rows.start, n_features))

    return read


def chunks_of(
    source: Source,
    table: pd.DataFrame,
    read,
    n_values: int,
    names: Sequence[str],
    chosen: np.ndarray | None = None,
) -> Iterator[Chunk]:
    """The examples of a source, some at a time.

    Parameters
    ----------
    table : annotation of all N examples, with their `id`
    read : from a slice of rows to their features, an array (n, P) or sparse rows
    n_values : numbers that are stored of all examples
    names : of the features (P)
    chosen : places of those that are taken, if not all are
    """
    step = source.rows_at_a_time(-(-n_values // max(1, len(table))))
    for start in range(0, len(table), step):
        rows = slice(start, min(start + step, len(table)))
        values = read(rows)
        values = sparse.csr_array(values) if sparse.issparse(values) else np.asarray(values)
        if not sparse.issparse(values):
            values = values.astype(np.float64)
        part = as_text(table.iloc[rows])
        numbers = np.arange(rows.start, rows.stop) + 1
        yield Chunk(part, values, numbers, names, chosen=chosen)
