"""Features on disk: one file of rows, dense or sparse, that is read through a memory map.

A dense file is one `.npy` array (N, P). A sparse one holds four arrays of numpy one after another:
the shape (2,), then `indptr` (N + 1), `indices` (K) and `data` (K) of compressed sparse rows (CSR).
"""

import tokenize
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import SEEK_END
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

import numpy as np
from scipy import sparse

from deeprules.errors import InputError
from deeprules.files import refusing_damage

MAX_DENSE_BYTES = 10**9
"""A sparse matrix is made dense as a whole, where a method needs that, up to this size."""
BLOCK_VALUES = 2**24
"""Numbers of sparse rows that are made dense at a time."""
LARGEST_INDEX = np.iinfo(np.int32).max


class SparseRows(sparse.csr_array):
    """Compressed sparse rows (N, P), `float32`, without missing values, with a length as arrays.

    What would turn them into an array by accident is refused: `dense` does it.
    """

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype=None, copy=None):
        if dtype is not None and np.dtype(dtype).kind == "O":
            # SciPy stacks matrices that stand in an array of objects.
            found = np.empty((), dtype=object)
            found[()] = self
            return found
        raise TypeError("sparse features are no array; `dense` makes one")


def is_sparse(features) -> bool:
    """Whether features are sparse rows."""
    return sparse.issparse(features)


def dense(features, dtype=None) -> np.ndarray:
    """Features (N, P) as an array; sparse ones only a few rows or columns at a time."""
    return np.asarray(features.toarray() if is_sparse(features) else features, dtype=dtype)


def dense_column(features, number: int) -> np.ndarray:
    """One feature (N,) as `float64`."""
    if is_sparse(features):
        return features[:, [number]].toarray().ravel().astype(np.float64)
    return np.asarray(features[:, number], dtype=np.float64)


def column_moments(features: SparseRows) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance (P,) of each feature of sparse rows, `float64`."""
    n, width = features.shape
    data = features.data.astype(np.float64)
    mean = np.bincount(features.indices, data, width) / n
    squares = np.bincount(features.indices, (data - mean[features.indices]) ** 2, width)
    zeros = n - np.bincount(features.indices, minlength=width)
    return mean, (squares + zeros * mean**2) / n


def dense_within_limit(features, what: str) -> np.ndarray:
    """All features (N, P) as an array, for `what` takes no sparse ones.

    Raises
    ------
    InputError
        If they are sparse, and dense would take more than `MAX_DENSE_BYTES`.
    """
    if is_sparse(features):
        require_dense_fits(features.shape, features.dtype.itemsize, what)
    return dense(features)


def require_dense_fits(shape: tuple[int, int], itemsize: int, what: str) -> None:
    """Raise `InputError` if a sparse matrix of a shape is too large for `what`, which needs all."""
    size = shape[0] * shape[1] * itemsize
    if size > MAX_DENSE_BYTES:
        raise InputError(
            f"{what} takes no sparse matrix, and {shape[0]:,} examples of {shape[1]:,} features "
            f"would take {size / 1e9:.1f} GB (the limit is {MAX_DENSE_BYTES / 1e9:g}). Leave it "
            "out, or give it fewer features (`data: highly_variable`)."
        )


def rows_at_a_time(features, most: int) -> int:
    """Rows to make dense at a time: `most`, or fewer of sparse ones."""
    if not is_sparse(features):
        return most
    return max(1, min(most, BLOCK_VALUES // max(1, features.shape[1])))


def blocks(features, most: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Which rows they are, and the rows as arrays of `most` rows, or fewer of sparse ones."""
    step = rows_at_a_time(features, most)
    for start in range(0, len(features), step):
        rows = slice(start, min(start + step, len(features)))
        yield rows, dense(features[rows])


def stack(parts: Sequence) -> np.ndarray | SparseRows:
    """The rows of several parts one after another, sparse if all of them are."""
    if all(map(is_sparse, parts)):
        return SparseRows(sparse.vstack(parts, format="csr"))
    return np.concatenate(parts)


def read_features(path: str | Path) -> np.ndarray | SparseRows:
    """The rows of a file, memory-mapped; InputError if it is empty or damaged."""
    with refusing_damage(path, tokenize.TokenError, SyntaxError):
        first = np.load(path, mmap_mode="r")
        if first.ndim != 1:
            return first
        with open(path, "rb") as file:
            shape, indptr, indices, data = (_mapped(path, file) for _ in range(4))
        return SparseRows((data, indices, indptr), shape=tuple(shape.tolist()), copy=False)


def _mapped(path: str | Path, file: BinaryIO) -> np.ndarray:
    """The next array of an open file, memory-mapped; the file stands behind it then."""
    np.lib.format.read_magic(file)
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    start, size = file.tell(), int(np.prod(shape)) * dtype.itemsize
    if file.seek(0, SEEK_END) < start + size:
        raise ValueError("its end is missing")
    file.seek(start + size)
    if not size:  # Nothing cannot be mapped.
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", start, shape)


@contextmanager
def features_writer(
    path: Path, dtype: np.dtype, shape: tuple[int, int], is_sparse: bool
) -> Iterator[Callable]:
    """A function that takes the rows of a file (n, P), some at a time, until all N were given.

    Parameters
    ----------
    path : the file; those beside it that begin with its name are temporary
    shape : (N, P)
    is_sparse : whether the file is sparse; rows may be given as either
    """
    if is_sparse:
        yield from _write_sparse(path, dtype, shape)
        return
    with open(path, "wb") as file:
        _write_header(file, dtype, shape)
        # Written, not mapped: a mapped array of any size would count as used memory.
        yield lambda rows: dense(rows, dtype).tofile(file)


def _write_sparse(path: Path, dtype: np.dtype, shape: tuple[int, int]) -> Iterator[Callable]:
    lengths: list[np.ndarray] = []
    parts = {name: path.with_name(f"{path.name}.{name}") for name in ("indices", "data")}
    with open(parts["indices"], "wb") as indices, open(parts["data"], "wb") as data:

        def add(rows) -> None:
            rows = sparse.csr_array(rows)
            rows.sum_duplicates()
            rows.eliminate_zeros()
            lengths.append(np.diff(rows.indptr))
            rows.indices.astype(np.int32).tofile(indices)
            rows.data.astype(dtype).tofile(data)

        yield add
    counts = np.concatenate([np.zeros(1, dtype=np.int64), *lengths])
    indptr = np.cumsum(counts, dtype=np.int64)
    # SciPy copies indices of another type than those of the rows: both are of one.
    index = np.dtype(np.int32 if indptr[-1] <= LARGEST_INDEX else np.int64)
    with open(path, "wb") as file:
        np.save(file, np.array(shape, dtype=np.int64))
        np.save(file, indptr.astype(index))
        _write_header(file, index, (int(indptr[-1]),))
        _copy(parts["indices"], file, np.dtype(np.int32), index)
        _write_header(file, dtype, (int(indptr[-1]),))
        _copy(parts["data"], file, dtype, dtype)
    for part in parts.values():
        part.unlink()


def _write_header(file: BinaryIO, dtype: np.dtype, shape: tuple) -> None:
    descr = np.lib.format.dtype_to_descr(dtype)
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _copy(part: Path, file: BinaryIO, dtype: np.dtype, wanted: np.dtype) -> None:
    """Append the numbers of a temporary file, as those of another type where they differ."""
    with open(part, "rb") as source:
        if dtype == wanted:
            copyfileobj(source, file, 2**24)
            return
        while len(some := np.fromfile(source, dtype, 2**22)):
            some.astype(wanted).tofile(file)
