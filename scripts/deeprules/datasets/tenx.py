"""Single cells as 10x Genomics writes them: `matrix.mtx` with its names, or one `.h5` file."""

from collections.abc import Iterator

import h5py
import numpy as np
import pandas as pd
import scipy.io
from scipy import sparse

from deeprules.ingest.cell_files import (
    chunks_of,
    intact_gzip,
    open_hdf5,
    stored_rows,
    unique_names,
)
from deeprules.ingest.damage import intact
from deeprules.ingest.sources import Chunk, Source, listing

MODALITY = "tabular"
SETTINGS = ("genes", "barcodes", "feature_types")
"""Settings of a source that only this reader has."""

MAIN = "Gene Expression"
"""What is taken where the file has features of several types and the configuration says nothing."""
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def read(source: Source) -> Iterator[Chunk]:
    """The counts of each cell, sparse; barcodes are the ids, symbols name the genes.

    Raises
    ------
    BadSource
        If a file is missing, of another kind, damaged, or does not fit the others.
    """
    with open(source.path, "rb") as file:
        is_hdf5 = file.read(len(HDF5_MAGIC)) == HDF5_MAGIC
    if is_hdf5:
        with open_hdf5(source, "an HDF5 file of 10x Genomics") as file:
            yield from _of_hdf5(source, file)
        return
    missing = [role for role in ("genes", "barcodes") if role not in source.names]
    if missing:
        raise source.bad(
            f"{source.path.name} holds no names, and {' and '.join(missing)} are not given",
            "Give the folder of the three files as `url`, or name two further sources with "
            "`genes` and `barcodes`",
        )
    features, barcodes = _lines(source, "genes"), _lines(source, "barcodes")[0]
    with intact_gzip(source):
        try:
            counts = sparse.coo_array(scipy.io.mmread(source.path, spmatrix=False))
        except (ValueError, OverflowError) as error:
            raise source.bad(
                f"{source.path.name} is no matrix of Matrix Market ({error})",
                "Give the file matrix.mtx or matrix.mtx.gz of 10x Genomics, or its folder",
            ) from error
    _check_shape(source, counts.shape, (len(features), len(barcodes)))
    if (counts.data == 1).all():
        source.note("all its counts are 1: it says which genes a cell has, not how many reads")
    counts = counts.T.tocsr()
    table = pd.DataFrame({"id": barcodes})
    symbols = features[1] if features.shape[1] > 1 else features[0]
    types = features[2] if features.shape[1] > 2 else None
    names = unique_names(source, symbols, features[0])
    yield from _chunks(source, table, lambda rows: counts[rows], counts.nnz, names, types)


def _lines(source: Source, role: str) -> pd.DataFrame:
    """A file of names, tab-separated without a header; columns 0, 1 ... of text."""
    path = source.names[role]
    with intact(source, path):
        try:
            return pd.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False)
        except pd.errors.EmptyDataError as error:
            raise source.bad(f"{path.name} is empty", "Check where it comes from") from error


def _check_shape(source: Source, shape: tuple[int, int], names: tuple[int, int]) -> None:
    if shape == names:
        return
    facts = (
        f"the matrix has {shape[0]:,} rows and {shape[1]:,} columns, but there are {names[0]:,} "
        f"genes ({source.names['genes'].name}) and {names[1]:,} barcodes "
        f"({source.names['barcodes'].name})"
    )
    remedy = "Give the three files of one run; those of 10x Genomics have genes in rows"
    roles = ("genes", "barcodes")
    longer = [r for r, n, found in zip(roles, shape, names, strict=True) if found == n + 1]
    if longer and all(found in (n, n + 1) for n, found in zip(shape, names, strict=True)):
        files = " and ".join(source.names[role].name for role in longer)
        remedy = f"If the first line of {files} is a header, leave it out; else give the three "
        remedy += "files of one run"
    if shape == names[::-1]:
        remedy = "Transpose the matrix: 10x Genomics has genes in rows and cells in columns"
    raise source.bad(facts, remedy)


def _of_hdf5(source: Source, file: h5py.File) -> Iterator[Chunk]:
    """Cells of a file of Cell Ranger 3 and later (`matrix`), or of 2 (a group for each genome)."""
    if "obs" in file and "var" in file:
        raise source.bad(f"{source.path.name} is an AnnData file", "Choose the format `h5ad`")
    groups = [name for name in file if isinstance(file[name], h5py.Group)]
    group = file["matrix"] if "matrix" in file else file[groups[0]] if len(groups) == 1 else None
    needed = {"barcodes", "data", "indices", "indptr", "shape"}
    if group is None or not needed <= set(group):
        what = f"several genomes: {listing(groups)}" if len(groups) > 1 else "no matrix of 10x"
        raise source.bad(
            f"{source.path.name} holds {what}",
            "Give the file of one run of Cell Ranger; split a file of several genomes",
        )
    features = group.get("features")
    symbols = _text(group["gene_names"] if features is None else features["name"])
    types = None if features is None else pd.Series(_text(features["feature_type"]))
    table = pd.DataFrame({"id": _text(group["barcodes"])})
    rows_of, n_values = stored_rows(group, int(group["shape"][0])), group["data"].shape[0]
    ids = group.get("genes") if features is None else features.get("id")
    names = unique_names(source, symbols, None if ids is None else _text(ids))
    yield from _chunks(source, table, rows_of, n_values, names, types)


def _text(values: h5py.Dataset) -> list[str]:
    return [one.decode() if isinstance(one, bytes) else str(one) for one in values[:]]


def _chunks(source, table, read, n_values, names, types) -> Iterator[Chunk]:
    """Chunks of the features of the wanted types."""
    columns = source.columns_of(list(table))
    table = pd.DataFrame({new: table[old] for new, old in columns.items()})
    wanted = _wanted(source, types)
    if wanted is None:
        yield from chunks_of(source, table, read, n_values, names)
        return
    places = np.flatnonzero(wanted)
    yield from chunks_of(source, table, lambda rows: read(rows)[:, places], n_values, names[places])


def _wanted(source: Source, types: pd.Series | None) -> np.ndarray | None:
    """Which features (P) are of the wanted types; None for all."""
    wanted = source.settings["feature_types"]
    present = [] if types is None else list(types.unique())
    if wanted is None:
        if len(present) < 2 or MAIN not in present:
            return None
        wanted = [MAIN]
    absent = [name for name in wanted if name not in present]
    if absent:
        raise source.bad(
            f"there are no features of the type {listing([repr(name) for name in absent])}",
            f"Correct `feature_types`; the file has {listing(present) or 'no types'}",
        )
    left_out = types[~types.isin(wanted)].value_counts()
    if len(left_out):
        counts = listing([f"{name} ({n:,})" for name, n in left_out.items()])
        source.notes.append(
            f"{source.name}: features of other types than {listing(wanted)} are left out: "
            f"{counts}. `feature_types` chooses them."
        )
    return types.isin(wanted).to_numpy()
