"""Small files of single cells, for tests: AnnData and the two forms of 10x Genomics."""

import gzip
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.io
from scipy import sparse

SETTINGS = {"modality": "tabular", "label": "kind", "positive": "T"}
GENES = ["CD3E", "CD4", "MS4A1", "LYZ", "ACTB"]
COUNTS = np.array(
    [[3, 1, 0, 0, 5], [2, 0, 0, 0, 4], [0, 0, 6, 0, 7], [0, 0, 0, 0, 2], [0, 1, 5, 0, 0]],
    dtype=np.float32,
)
"""Five cells, of which less than half of the values are not 0."""
KINDS = ["T", "T", "B", "B", "B"]


def cells(**changes) -> anndata.AnnData:
    """Five cells with labels, donors and a layer; `changes` are further parts."""
    obs = pd.DataFrame(
        {
            "kind": pd.Categorical(KINDS),
            "donor": ["d1", "d2", "d1", "d2", "d3"],
            "age": [40, 41.5, np.nan, 43, 44],
            "good": [True, False, True, True, True],
        },
        index=[f"cell{i}" for i in range(5)],
    )
    var = pd.DataFrame({"keep": [True, True, True, True, False]}, index=GENES)
    found = anndata.AnnData(sparse.csr_matrix(COUNTS), obs=obs, var=var)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def as_objects(table: pd.DataFrame) -> None:
    """Texts of a table as objects: anndata does not write those of pandas 3."""
    table.index = table.index.astype(object)
    for name, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = column.cat.categories.astype(object)
            table[name] = column.cat.rename_categories(categories)
        elif pd.api.types.is_string_dtype(column):
            table[name] = column.astype(object)


def write_h5ad(path: Path, data: anndata.AnnData) -> dict:
    """Write a file; its entry as a source."""
    for table in (data.obs, data.var):
        as_objects(table)
    if data.raw is not None:
        as_objects(data.raw.var)
    data.write_h5ad(path)
    return {"url": str(path), "format": "h5ad"}


def write_10x(folder: Path, counts=COUNTS, names=GENES, types=None, barcodes=None) -> dict:
    """Write the three files of 10x; their entries as sources."""
    folder.mkdir()
    with gzip.open(folder / "matrix.mtx.gz", "wb") as file:
        scipy.io.mmwrite(file, sparse.coo_matrix(np.asarray(counts, dtype=int).T))
    types = types or ["Gene Expression"] * len(names)
    lines = [
        f"ENSG{i}\t{name}\t{kind}\n"
        for i, (name, kind) in enumerate(zip(names, types, strict=True))
    ]
    with gzip.open(folder / "features.tsv.gz", "wt") as file:
        file.writelines(lines)
    barcodes = barcodes or [f"AAAC{i}-1" for i in range(len(counts))]
    with gzip.open(folder / "barcodes.tsv.gz", "wt") as file:
        file.writelines(f"{name}\n" for name in barcodes)
    return {
        "cells": {
            "url": str(folder / "matrix.mtx.gz"),
            "format": "tenx",
            "genes": "cells_genes",
            "barcodes": "cells_barcodes",
        },
        "cells_genes": {"url": str(folder / "features.tsv.gz"), "format": "tenx"},
        "cells_barcodes": {"url": str(folder / "barcodes.tsv.gz"), "format": "tenx"},
    }


def write_10x_h5(path: Path, counts=COUNTS, names=GENES, types=None) -> dict:
    """Write a file as Cell Ranger 3 does; its entry as a source."""
    rows = sparse.csr_matrix(np.asarray(counts, dtype=np.int32))
    types = types or ["Gene Expression"] * len(names)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for key in ("data", "indices", "indptr"):
            group[key] = getattr(rows, key)
        group["shape"] = np.array(rows.shape[::-1])
        group["barcodes"] = np.array([f"AAAC{i}-1" for i in range(len(counts))], dtype="S")
        group["features/name"] = np.array(names, dtype="S")
        group["features/feature_type"] = np.array(types, dtype="S")
    return {"url": str(path), "format": "tenx"}
