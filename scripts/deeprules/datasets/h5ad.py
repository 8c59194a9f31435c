"""Single cells as AnnData keeps them (`.h5ad`, plain or gzip), read by anndata's own functions."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem, sparse_dataset

from deeprules.ingest.cell_files import chunks_of, open_hdf5, stored_rows, unique_names
from deeprules.ingest.sources import Chunk, Source, listing

MODALITY = "tabular"
SETTINGS = ("layer", "raw", "obsm", "var")
"""Settings of a source that only this reader has."""


class Matrix(NamedTuple):
    """A matrix of the file: from rows to numbers, how many are stored, and its features."""

    read: Callable[[slice], object]
    n_values: int
    features: pd.DataFrame


def read(source: Source) -> Iterator[Chunk]:
    """The numbers of each cell with all columns of obs; names of obs are the ids.

    The numbers are those of X, or of `layer`, of `raw`, or of `obsm`; sparse ones stay so. `var`
    is a column of true and false that says which features to take; a transformation of all
    numbers of a cell, such as `log_cp10k`, has the others as well.

    Raises
    ------
    BadSource
        If the file is no AnnData file, is damaged, or lacks what the settings name.
    """
    with open_hdf5(source, "an AnnData file (HDF5)") as file:
        if not all(isinstance(file.get(part), h5py.Group) for part in ("obs", "var")):
            raise _no_anndata(source, file)
        matrix = _matrix(source, file)
        obs = read_elem(file["obs"])
        columns = source.columns_of(list(obs.columns))
        if "id" not in source.settings["columns"]:
            columns.pop("id", None)
        table = pd.DataFrame({new: obs[old].array for new, old in columns.items()})
        if "id" not in table:
            table.insert(0, "id", obs.index.astype(str).array)
        chosen = _chosen(source, matrix.features)
        names = unique_names(source, matrix.features.index, matrix.features.get("gene_ids"))
        yield from chunks_of(source, table, matrix.read, matrix.n_values, names, chosen)


def _no_anndata(source: Source, file: h5py.File):
    """The error for an HDF5 file of another program, or of an old anndata."""
    if "row_attrs" in file:
        return source.bad(
            f"{source.path.name} is a loom file",
            "Turn it into h5ad: `anndata.io.read_loom(path).write_h5ad(other_path)`",
        )
    if "matrix/barcodes" in file:
        return source.bad(
            f"{source.path.name} is a file of 10x Genomics", "Choose the format `tenx`"
        )
    return source.bad(
        f"{source.path.name} has no tables obs and var, as AnnData files have since 2020",
        "Read it with anndata and write it again: `anndata.read_h5ad(path).write_h5ad(path)`",
    )


def _matrix(source: Source, file: h5py.File) -> Matrix:
    """The matrix that the settings ask for."""
    settings = source.settings
    var = read_elem(file["raw/var"] if settings["raw"] and "raw/var" in file else file["var"])
    if settings["obsm"] is not None:
        element = _part(source, file, "obsm", settings["obsm"])
        return _of_obsm(source, element, settings["obsm"])
    if settings["layer"] is not None:
        return _of(source, _part(source, file, "layers", settings["layer"]), var)
    where, key = ("raw/X", "`raw: true`") if settings["raw"] else ("X", "X")
    if where not in file:
        layers = list(file.get("layers", ()))
        raise source.bad(
            f"there is no matrix {where}, which {key} asks for",
            f"Name a layer with `layer`; the file has {listing(layers) or 'none'}"
            + ("" if where == "X" or "X" not in file else ", or leave out `raw` to take X"),
        )
    return _of(source, file[where], var)


def _part(source: Source, file: h5py.File, kind: str, name: str):
    """A layer, or an array of obsm."""
    present = file.get(kind, {})
    if name not in present:
        word, key = ("layer", "layer") if kind == "layers" else ("array in obsm", "obsm")
        raise source.bad(
            f"there is no {word} {name!r}",
            f"Correct `{key}`; the file has {listing(list(present)) or 'none'}",
        )
    return present[name]


def _of_obsm(source: Source, element, name: str) -> Matrix:
    """An array of obsm: its columns are numbered, unless it is a table."""
    found = read_elem(element)
    if isinstance(found, pd.DataFrame):
        names, found = found.columns, found.to_numpy()
    else:
        names = [f"{name}_{number + 1}" for number in range(found.shape[1])]
    features = pd.DataFrame(index=pd.Index(names))
    return Matrix(lambda rows: _numbers(source, found[rows]), found.size, features)


def _of(source: Source, element, features: pd.DataFrame) -> Matrix:
    if isinstance(element, h5py.Dataset):
        return Matrix(lambda rows: _numbers(source, element[rows]), element.size, features)
    stored, n_values = sparse_dataset(element), element["data"].shape[0]
    if stored.format == "csr":
        return Matrix(stored_rows(element, stored.shape[1]), n_values, features)
    in_memory = stored.to_memory().tocsr()  # It is stored by feature.
    return Matrix(lambda rows: in_memory[rows], n_values, features)


def _numbers(source: Source, values):
    if getattr(values, "dtype", np.dtype(float)).kind not in "iufb":
        raise source.bad("its matrix holds no numbers", "Name another with `layer` or `obsm`")
    return values


def _chosen(source: Source, features: pd.DataFrame) -> np.ndarray | None:
    """Places of the features that `var` chooses; None for all."""
    name = source.settings["var"]
    if name is None:
        return None
    if name not in features:
        raise source.bad(
            f"there is no column {name!r} in var",
            f"Correct `var`; the columns are {listing(list(features)) or 'none'}",
        )
    column = features[name]
    if not pd.api.types.is_bool_dtype(column):
        some = [other for other in features if pd.api.types.is_bool_dtype(features[other])]
        raise source.bad(
            f"the column {name!r} of var holds other values than true and false",
            f"Name a column of these; there are {listing(some) or 'none'}",
        )
    places = np.flatnonzero(column.to_numpy(dtype=bool))
    if not len(places):
        raise source.bad(f"the column {name!r} of var is false for all features", "Correct `var`")
    source.notes.append(
        f"{source.name}: {len(places):,} of {len(column):,} features, those with {name!r} in var. "
        "If that was learnt from these cells, it has seen the test cells as well; "
        "`data: highly_variable` learns it from train alone."
    )
    return places
