"""Single cells: AnnData and 10x Genomics."""

import gzip

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse
from cell_files import write_h5ad
from user_file import DRAW, kind, reads, refused, sample_data

N_CELLS, N_GENES = 60, 50
GENES = [f"ENSG{number:011}" for number in range(N_GENES)]


def sparse_counts(n=N_CELLS, genes=N_GENES):
    """Counts of cells, most of them 0."""
    rng = np.random.default_rng(DRAW.randrange(1000))
    return scipy.sparse.csr_matrix(rng.poisson(0.4, (n, genes)).astype(np.float32))


def cells(folder, name="cells.h5ad", layers=("counts",), **settings):
    """An h5ad file of normalised numbers, with counts in a layer, and its source."""
    obs = pd.DataFrame(
        {
            "diagnosis": pd.Categorical([kind(i) for i in range(N_CELLS)]),
            "donor": pd.Categorical([f"D{i % 12}" for i in range(N_CELLS)]),
            "n_counts": np.arange(N_CELLS) + 0.5,
        },
        index=[f"AAAC{i:04}-1" for i in range(N_CELLS)],
    )
    counts = sparse_counts()
    var = pd.DataFrame({"highly_variable": [i % 2 == 0 for i in range(N_GENES)]}, index=GENES)
    data = anndata.AnnData(counts.multiply(0.5).tocsr(), obs=obs, var=var)
    for layer in layers:
        data.layers[layer] = counts
    write_h5ad(folder / name, data)
    source = {"url": folder / name, "format": "h5ad", **settings}
    return sample_data(group="donor", transform="log_cp10k", sources={"cells": source})


@reads("60 examples of 50 features", "Label ('diagnosis'): case 30, control 30", "Group ('donor')")
def h5ad_with_counts_in_a_layer(folder):
    return cells(folder, layer="counts")


@reads("60 examples of 25 features")
def h5ad_of_highly_variable_genes(folder):
    return cells(folder, layer="counts", var="highly_variable")


@refused("there is no layer 'counts_raw'. Correct `layer`; the file has counts.")
def h5ad_without_the_layer_that_is_named(folder):
    return cells(folder, layer="counts_raw")


@refused(
    "source 'cells' has no column 'cell_type'. Correct the config, or add it with `columns`, "
    "`values` or a sample table; the columns are id, diagnosis, donor, n_counts."
)
def h5ad_without_the_column_that_is_named(folder):
    return {**cells(folder), "label": "cell_type"}


@refused("cells.h5ad is cut short or damaged", "Delete the file and download it again.")
def h5ad_whose_copy_broke_off(folder):
    data = cells(folder)
    path = folder / "cells.h5ad"
    path.write_bytes(path.read_bytes()[:3000])
    return data


def folder_of_cells(folder, n_genes=N_GENES):
    """The folder of Cell Ranger, and a table of its cells."""
    place = folder / "filtered_feature_bc_matrix"
    place.mkdir()
    with gzip.open(place / "matrix.mtx.gz", "wb") as file:
        scipy.io.mmwrite(file, sparse_counts().T.astype(int))
    names = "".join(f"{gene}\tsym{gene[-3:]}\tGene Expression\n" for gene in GENES[:n_genes])
    (place / "features.tsv.gz").write_bytes(gzip.compress(names.encode()))
    barcodes = [f"AAAC{i:04}-1" for i in range(N_CELLS)]
    (place / "barcodes.tsv.gz").write_bytes(gzip.compress("\n".join([*barcodes, ""]).encode()))
    return place, cell_table(folder, barcodes)


def cell_table(folder, barcodes):
    """A table of cells with quotes, as R writes it."""
    rows = [f'"{barcode}","{kind(i)}"' for i, barcode in enumerate(barcodes)]
    (folder / "cells.csv").write_text("\n".join(['"barcode","diagnosis"', *rows, ""]))
    return {"url": folder / "cells.csv", "format": "table", "columns": {"id": "barcode"}}


@reads("60 examples of 50 features", "Label ('diagnosis'): case 30, control 30")
def folder_of_cell_ranger(folder):
    place, table = folder_of_cells(folder)
    source = {"url": place, "format": "tenx", "samples": "t"}
    return sample_data(sources={"cells": source, "t": table})


@refused(
    "there are 40 genes (features.tsv.gz) and 60 barcodes (barcodes.tsv.gz). Give the three files "
    "of one run; those of 10x Genomics have genes in rows."
)
def folder_with_too_few_genes(folder):
    place, table = folder_of_cells(folder, n_genes=40)
    source = {"url": place, "format": "tenx", "samples": "t"}
    return sample_data(sources={"cells": source, "t": table})


@reads("60 examples of 50 features")
def h5_of_cell_ranger(folder):
    counts = sparse_counts().tocsr().astype(np.int32)
    barcodes = [f"AAAC{i:04}-1" for i in range(N_CELLS)]
    with h5py.File(folder / "cells.h5", "w") as file:
        matrix = file.create_group("matrix")
        matrix["data"], matrix["indices"], matrix["indptr"] = (
            counts.data,
            counts.indices,
            counts.indptr,
        )
        matrix["shape"] = np.array([N_GENES, N_CELLS], dtype=np.int32)
        matrix["barcodes"] = np.array(barcodes, dtype="S")
        features = matrix.create_group("features")
        features["id"] = np.array(GENES, dtype="S")
        features["name"] = np.array([f"sym{gene[-3:]}" for gene in GENES], dtype="S")
        features["feature_type"] = np.array(["Gene Expression"] * N_GENES, dtype="S")
        features["genome"] = np.array(["x"] * N_GENES, dtype="S")
    source = {"url": folder / "cells.h5", "format": "tenx", "samples": "t"}
    return sample_data(sources={"cells": source, "t": cell_table(folder, barcodes)})
