"""Partitions on disk: rows of a data set copied out in bounded memory."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from deeprules.errors import InputError
from deeprules.feature_store import SparseRows, features_writer, is_sparse, read_features
from deeprules.files import file_sha256, read_table, whole_file

# Arrow's own allocator keeps what it no longer needs: half as much again as a table takes.
pa.set_memory_pool(pa.system_memory_pool())

PARTITIONS = ("train", "tune", "test")

ROW_GROUP = 65_536
CHUNK_BYTES = 2**26


def existing_columns(path: str | Path, columns: tuple[str, ...]) -> list[str]:
    """Those of `columns` that a Parquet file has."""
    present = set(pq.read_schema(path).names)
    return [column for column in columns if column in present]


def read_keep(path: str | Path, ids: pd.Series) -> np.ndarray:
    """Which examples (N,) the audit keeps, checked to be about the examples with these ids.

    Raises
    ------
    InputError
        If the audit belongs to other examples.
    """
    keep = read_table(path, columns=["id", "keep"])
    if len(keep) != len(ids) or (keep["id"] != ids.reset_index(drop=True)).any():
        raise InputError(f"{path} is about other examples than the data set; run the audit again.")
    return keep["keep"].to_numpy()


def of_all_rows(assigned: pd.Series, keep: np.ndarray) -> np.ndarray:
    """Name of each row's partition (N,), empty where it is not kept, from those of the kept rows.

    One partition at a time, as millions of names would each be an object on their way.
    """
    partition = np.zeros(len(keep), dtype=f"<U{max(map(len, PARTITIONS))}")
    rows = np.flatnonzero(keep)
    for name in PARTITIONS:
        partition[rows[(assigned == name).to_numpy(dtype=bool)]] = name
    return partition


def write_partitions(
    examples: str | Path, features: str | Path, partition: np.ndarray, outputs: Mapping[str, str]
) -> None:
    """Copy each partition's rows, in their order, to its own files.

    Parameters
    ----------
    examples, features : the files of the whole data set
    partition : name of each row's partition (N,); rows without one are left out
    outputs : where to, `train_examples`, `train_features` and so on for each partition
    """
    matrix = read_features(features)
    with ExitStack() as stack:
        for name in PARTITIONS:
            rows = partition == name
            table = stack.enter_context(whole_file(outputs[f"{name}_examples"]))
            _copy_table(examples, rows, table)
            array = stack.enter_context(whole_file(outputs[f"{name}_features"]))
            _copy_array(matrix, rows, array)


def partition_hashes(outputs: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of each file that `write_partitions` has written, by the name of the output."""
    names = [f"{name}_{part}" for name in PARTITIONS for part in ("examples", "features")]
    return {name: file_sha256(outputs[name]) for name in names}


def _copy_table(source: str | Path, wanted: np.ndarray, target: Path) -> None:
    """Write the wanted rows of a Parquet file, a row group at a time."""
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, file.schema_arrow) as writer:
        start = 0
        for batch in file.iter_batches(batch_size=ROW_GROUP):
            stop = start + len(batch)
            writer.write_batch(batch.filter(pa.array(wanted[start:stop])))
            start = stop


def _copy_array(source: np.ndarray | SparseRows, wanted: np.ndarray, target: Path) -> None:
    """Write the wanted rows of features, a chunk at a time."""
    shape = (int(wanted.sum()), source.shape[1])
    with features_writer(target, source.dtype, shape, is_sparse(source)) as add:
        for rows in _chunks(source):
            add(source[rows][wanted[rows]])


def _chunks(source: np.ndarray | SparseRows) -> Iterator[slice]:
    """Slices of rows of a bounded size in bytes."""
    per_row = source.nnz * 8 // len(source) if is_sparse(source) else source[:1].nbytes
    step = max(1, CHUNK_BYTES // max(1, per_row))
    for start in range(0, len(source), step):
        yield slice(start, start + step)
