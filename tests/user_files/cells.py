"""Single cells: AnnData and 10x Genomics."""

import gzip
import warnings

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


def cells(folder, name="cells.h5ad", layers=("counts",), obs_of=None, matrix=None, **settings):
    """An h5ad file of normalised numbers, with counts in a layer, and its source.

    `obs_of` changes the table of cells, `matrix` stands in the place of X.
    """
    obs = pd.DataFrame(
        {
            "diagnosis": pd.Categorical([kind(i) for i in range(N_CELLS)]),
            "donor": pd.Categorical([f"D{i % 12}" for i in range(N_CELLS)]),
            "n_counts": np.arange(N_CELLS) + 0.5,
        },
        index=[f"AAAC{i:04}-1" for i in range(N_CELLS)],
    )
    obs = obs if obs_of is None else obs_of(obs)
    counts = sparse_counts()
    var = pd.DataFrame({"highly_variable": [i % 2 == 0 for i in range(N_GENES)]}, index=GENES)
    values = counts.multiply(0.5).tocsr() if matrix is None else matrix(counts)
    data = anndata.AnnData(values, obs=obs, var=var)
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


@reads("51 examples of 50 features", "9, as they have no label (missing_label)")
def h5ad_some_of_whose_labels_are_missing(folder):
    kinds = pd.Categorical([kind(i) if i % 7 else None for i in range(N_CELLS)])
    data = cells(folder, layer="counts", obs_of=lambda obs: obs.assign(diagnosis=kinds))
    return {**data, "missing_label": "drop"}


@reads("59 examples of 50 features", "Label ('tumour'): False 30, True 29")
def h5ad_whose_label_is_true_or_false_or_missing(folder):
    truths = pd.array([i % 2 == 0 if i else None for i in range(N_CELLS)], dtype="boolean")
    data = cells(folder, layer="counts", obs_of=lambda obs: obs.assign(tumour=truths))
    return {**data, "label": "tumour", "positive": "True", "missing_label": "drop"}


@reads("60 examples of 50 features", "Label ('y'): 0 30, 1 30")
def h5ad_whose_label_is_a_number(folder):
    numbers = [float(i % 2) for i in range(N_CELLS)]
    data = cells(folder, layer="counts", obs_of=lambda obs: obs.assign(y=numbers))
    return {**data, "label": "y", "positive": "1"}


@refused("30 ids that several examples have: ", "AnnData file, with its `obs_names_make_unique()`.")
def h5ad_of_runs_that_share_barcodes(folder):
    names = [f"AAAC{i % 30:04}-1" for i in range(N_CELLS)]
    with warnings.catch_warnings(action="ignore"):
        return cells(folder, layer="counts", obs_of=lambda obs: obs.set_axis(names))


@refused("it is -", "Set `transform: none` in data; log_cp10k takes counts.")
def h5ad_of_scaled_numbers_taken_for_counts(folder):
    return cells(folder, matrix=lambda counts: counts.toarray() - 0.5)


@reads("60 examples of 50 features")
def h5ad_stored_by_gene_as_whole_numbers(folder):
    return cells(folder, matrix=lambda counts: counts.tocsc().astype(np.int64))


@refused("cells.rds is a file of R objects (rds or RData), not an AnnData file (HDF5). Of a Seurat")
def object_of_seurat(folder):
    data = cells(folder, layer="counts")
    (folder / "cells.rds").write_bytes(gzip.compress(b"X\n\0\0\0\3"))
    data["sources"]["cells"]["url"] = folder / "cells.rds"
    return data


@refused("cells.loom is a loom file. Turn it into h5ad: `anndata.io.read_loom(path).write_h5ad(")
def file_of_loom(folder):
    data = cells(folder)
    with h5py.File(folder / "cells.loom", "w") as file:
        file["matrix"] = np.zeros((5, 5))
        file.create_group("row_attrs")
    data["sources"]["cells"]["url"] = folder / "cells.loom"
    return data


@refused("is a folder, and a source of format `h5ad` is a file; write it as one file, `anndata.io")
def folder_of_zarr(folder):
    data = cells(folder)
    (folder / "cells.zarr").mkdir()
    (folder / "cells.zarr" / ".zgroup").write_text("{}")
    data["sources"]["cells"]["url"] = folder / "cells.zarr"
    return data


@refused("cells.h5ad is an AnnData file. Choose the format `h5ad`.")
def h5ad_called_tenx(folder):
    data = cells(folder)
    data["sources"]["cells"] |= {"format": "tenx"}
    return data


def folder_of_cells(folder, n_genes=N_GENES, name="filtered_feature_bc_matrix"):
    """The folder of Cell Ranger, and a table of its cells."""
    place = folder / name
    place.mkdir(parents=True)
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


def ranger(folder, place, table):
    """The section `data` of a folder of Cell Ranger."""
    source = {"url": place, "format": "tenx", "samples": "t"}
    return sample_data(sources={"cells": source, "t": table})


@reads("60 examples of 50 features", "Label ('diagnosis'): case 30, control 30")
def folder_of_the_second_cell_ranger(folder):
    place, table = folder_of_cells(folder)
    for name in ("matrix.mtx", "features.tsv", "barcodes.tsv"):
        plain = gzip.decompress((place / f"{name}.gz").read_bytes())
        (place / f"{name}.gz").unlink()
        if name == "features.tsv":
            name, plain = "genes.tsv", plain.replace(b"\tGene Expression", b"")
        (place / name).write_bytes(plain)
    return ranger(folder, place, table)


@reads("60 examples of 50 features")
def folder_of_geo_whose_files_have_a_prefix(folder):
    place, table = folder_of_cells(folder)
    for path in list(place.iterdir()):
        path.rename(place / f"GSM5_lung_{path.name}")
    return ranger(folder, place, table)


@refused("holds the files of several runs, GSM5_matrix.mtx.gz, GSM6_matrix.mtx.gz, ")
def folder_of_geo_with_two_runs(folder):
    place, table = folder_of_cells(folder)
    for path in list(place.iterdir()):
        (place / f"GSM6_{path.name}").write_bytes(path.read_bytes())
        path.rename(place / f"GSM5_{path.name}")
    return ranger(folder, place, table)


@refused("holds folders of 10x Genomics, filtered_feature_bc_matrix; give one")
def folder_above_that_of_cell_ranger(folder):
    _, table = folder_of_cells(folder, name="outs/filtered_feature_bc_matrix")
    return ranger(folder, folder / "outs", table)


@reads("60 examples of 45 features", "Antibody Capture (5). `feature_types` chooses them.")
def folder_of_cell_ranger_with_antibodies(folder):
    place, table = folder_of_cells(folder)
    lines = gzip.decompress((place / "features.tsv.gz").read_bytes()).splitlines(keepends=True)
    lines[45:] = [line.replace(b"Gene Expression", b"Antibody Capture") for line in lines[45:]]
    (place / "features.tsv.gz").write_bytes(gzip.compress(b"".join(lines)))
    return ranger(folder, place, table)


@refused("If the first line of features.tsv.gz and barcodes.tsv.gz is a header, leave it out;")
def folder_with_headers_over_its_names(folder):
    place, table = folder_of_cells(folder)
    for name, header in (("features.tsv.gz", b"id\tname\ttype\n"), ("barcodes.tsv.gz", b"x\n")):
        plain = gzip.decompress((place / name).read_bytes())
        (place / name).write_bytes(gzip.compress(header + plain))
    return ranger(folder, place, table)


@reads("60 examples of 50 features", "all its counts are 1: it says which genes a cell has")
def folder_whose_matrix_is_a_pattern(folder):
    place, table = folder_of_cells(folder)
    counts = sparse_counts().T.tocoo()
    with gzip.open(place / "matrix.mtx.gz", "wb") as file:
        scipy.io.mmwrite(file, counts, field="pattern")
    return ranger(folder, place, table)


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
