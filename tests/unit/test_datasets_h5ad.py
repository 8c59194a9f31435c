"""AnnData files as sources."""

import gzip

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from cell_files import COUNTS, GENES, SETTINGS, cells, write_h5ad
from scipy import sparse
from source_files import build, build_refusal, cut

from deeprules.feature_store import is_sparse
from deeprules.ingest import building
from deeprules.ingest.transforms import transformed
from deeprules.simulate.simulated_files import write_simulated
from deeprules.simulate.simulation import simulate
from deeprules_workflow.schema import complete, load_schema


def test_x_stays_sparse_and_obs_gives_the_columns(tmp_path):
    source = write_h5ad(tmp_path / "c.h5ad", cells())
    settings = {**SETTINGS, "group": "donor", "batch": "good", "covariates": ["age"]}
    built = build(tmp_path, {"c": source}, **settings)
    assert is_sparse(built.features) and built.facts["sparse"]
    assert (built.features.toarray() == COUNTS).all() and built.feature_names == GENES
    examples = built.examples
    assert examples["id"].tolist() == [f"cell{i}" for i in range(5)]
    assert examples["label"].tolist() == ["T", "T", "B", "B", "B"]
    assert examples["group"].tolist() == ["d1", "d2", "d1", "d2", "d3"]
    assert examples["batch"].tolist() == ["True", "False", "True", "True", "True"]
    assert examples["age"].tolist()[:2] == [40, 41.5] and np.isnan(examples["age"][2])


@pytest.mark.parametrize("kind", [sparse.csc_matrix, np.asarray, sparse.csr_matrix])
def test_layers_are_read_in_every_form(tmp_path, kind):
    data = cells()
    data.layers["double"] = kind(2 * COUNTS)
    source = write_h5ad(tmp_path / "c.h5ad", data) | {"layer": "double"}
    built = build(tmp_path, {"c": source}, **SETTINGS)
    assert is_sparse(built.features) == (kind is not np.asarray)
    features = built.features.toarray() if is_sparse(built.features) else built.features
    assert (features == 2 * COUNTS).all()


def test_raw_has_features_of_its_own(tmp_path):
    data = cells()
    data.raw = data
    source = write_h5ad(tmp_path / "c.h5ad", data[:, ["CD4", "LYZ", "ACTB"]].copy()) | {"raw": True}
    built = build(tmp_path, {"c": source}, **SETTINGS)
    assert built.feature_names == GENES and (built.features.toarray() == COUNTS).all()


def test_obsm_is_dense_and_its_columns_are_numbered(tmp_path):
    data = cells()
    data.obsm["X_pca"] = COUNTS[:, :2] + 0.5
    built = build(
        tmp_path, {"c": write_h5ad(tmp_path / "c.h5ad", data) | {"obsm": "X_pca"}}, **SETTINGS
    )
    assert built.feature_names == ["X_pca_1", "X_pca_2"] and built.features[0, 0] == 3.5


def test_var_chooses_features_and_says_what_it_may_have_seen(tmp_path):
    source = write_h5ad(tmp_path / "c.h5ad", cells()) | {"var": "keep"}
    built = build(tmp_path, {"c": source}, **SETTINGS)
    assert built.feature_names == GENES[:4]
    assert any("it has seen the test cells as well" in note for note in built.facts["notes"])


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (["E1.4", "E2", "E3", "E4", "E5"], ["a", "a-1", "b", "c", "d"]),
        (["E2", "E1", "E3", "E4", "E5"], ["b", "c", "d"]),
        (["E1", "E9", "E3", "E4", "E5"], ["a", "b", "c", "d"]),
    ],
)
def test_a_name_of_other_genes_in_each_file_is_no_feature(tmp_path, ids, kept):
    sources = {}
    for name, genes in {"one": ["E1", "E2", "E3", "E4", "E5"], "two": ids}.items():
        data = cells()
        data.var["gene_ids"] = genes
        data.var_names = ["a", "a", "b", "c", "d"]
        data.obs_names = [f"{name}{at}" for at in range(5)]
        sources[name] = write_h5ad(tmp_path / f"{name}.h5ad", data)
    built = build(tmp_path, sources, **SETTINGS)
    assert built.feature_names == kept
    told = any("those of other genes in each source" in note for note in built.facts["notes"])
    assert told == (len(kept) < 5)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, np.asarray])
@pytest.mark.parametrize("transform", ["none", "log1p", "log_cp10k", "rank", "clr"])
def test_genes_are_chosen_behind_a_transformation_of_all(tmp_path, kind, transform):
    data = cells(X=kind(COUNTS))
    source = write_h5ad(tmp_path / "c.h5ad", data) | {"var": "keep"}
    built = build(tmp_path, {"c": source}, **SETTINGS, transform=transform)
    features = built.features.toarray() if is_sparse(built.features) else built.features
    expected = transformed(transform, COUNTS.astype(np.float64))[:, :4]
    np.testing.assert_allclose(features, expected, rtol=1e-6)


def test_ranks_of_chunks_with_and_without_numbers_below_zero_are_one_matrix(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "CHUNK_ROWS", 2)
    counts = COUNTS.copy()
    counts[4, 1] = -1
    source = write_h5ad(tmp_path / "c.h5ad", cells(X=sparse.csr_matrix(counts)))
    built = build(tmp_path, {"c": source}, **SETTINGS, transform="rank")
    features = built.features.toarray() if is_sparse(built.features) else built.features
    np.testing.assert_allclose(features, transformed("rank", counts.astype(np.float64)))


def test_names_that_repeat_are_made_different_and_told(tmp_path):
    data = cells()
    data.var_names = ["a", "b", "a", "c", "a"]
    built = build(tmp_path, {"c": write_h5ad(tmp_path / "c.h5ad", data)}, **SETTINGS)
    assert built.feature_names == ["a", "b", "a-1", "c", "a-2"]
    assert any("stand more than once (a)" in note for note in built.facts["notes"])


def test_ids_that_repeat_are_refused(tmp_path):
    data = cells()
    data.obs_names = ["a", "a", "b", "c", "d"]
    message = build_refusal(tmp_path, {"c": write_h5ad(tmp_path / "c.h5ad", data)}, **SETTINGS)
    assert "1 ids that several examples have: 'a' (2: " in message


def test_a_column_may_be_the_id_and_a_compressed_file_is_read(tmp_path):
    data = cells()
    data.obs["barcode"] = list("vwxyz")
    write_h5ad(tmp_path / "c.h5ad", data)
    (tmp_path / "c.h5ad.gz").write_bytes(gzip.compress((tmp_path / "c.h5ad").read_bytes()))
    source = {"url": str(tmp_path / "c.h5ad.gz"), "format": "h5ad", "columns": {"id": "barcode"}}
    assert build(tmp_path, {"c": source}, **SETTINGS).examples["id"].tolist() == list("vwxyz")


def test_a_sparse_row_has_the_hash_of_the_same_dense_row(tmp_path):
    data = cells()
    data.layers["dense"] = COUNTS
    source = write_h5ad(tmp_path / "c.h5ad", data)
    as_sparse = build(tmp_path, {"c": source}, transform="log_cp10k", **SETTINGS)
    as_dense = build(
        tmp_path, {"c": source | {"layer": "dense"}}, transform="log_cp10k", **SETTINGS
    )
    assert is_sparse(as_sparse.features) and not is_sparse(as_dense.features)
    assert (as_sparse.examples["content_hash"] == as_dense.examples["content_hash"]).all()


def test_matrices_are_joined_on_the_features_that_both_have(tmp_path):
    one = write_h5ad(tmp_path / "a.h5ad", cells()) | {"id_prefix": "a"}
    two = write_h5ad(tmp_path / "b.h5ad", cells()[:, ["ACTB", "CD4", "CD3E"]].copy())
    built = build(tmp_path, {"a": one, "b": two}, **SETTINGS)
    assert built.feature_names == ["CD3E", "CD4", "ACTB"]
    # More than half of the values are not 0: they are stored as an array.
    assert (built.features[5:] == COUNTS[:, [0, 1, 4]]).all()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"layer": "counts"}, "there is no layer 'counts'. Correct `layer`; the file has double"),
        ({"obsm": "X_umap"}, "there is no array in obsm 'X_umap'. Correct `obsm`"),
        ({"raw": True}, "there is no matrix raw/X, which `raw: true` asks for"),
        ({"var": "highly"}, "there is no column 'highly' in var. Correct `var`; the columns are"),
        ({"var": "n"}, "holds other values than true and false. Name a column of these; there are"),
        ({"columns": {"id": "barcode"}}, "source 'c' has no column 'barcode'"),
    ],
)
def test_what_the_file_lacks_is_named_with_what_it_has(tmp_path, settings, expected):
    data = cells()
    data.layers["double"] = 2 * COUNTS
    data.var["n"] = range(5)
    source = write_h5ad(tmp_path / "c.h5ad", data) | settings
    message = build_refusal(tmp_path, {"c": source}, **SETTINGS)
    assert expected.replace("'", "'") in " ".join(message.split())


def test_a_label_that_obs_lacks_is_named_with_its_columns(tmp_path):
    source = write_h5ad(tmp_path / "c.h5ad", cells())
    message = build_refusal(tmp_path, {"c": source}, **{**SETTINGS, "label": "cell_type"})
    assert "source 'c' has no column 'cell_type'" in message and "donor, age" in message


def test_numbers_that_cannot_be_used_are_named_by_cell_and_gene(tmp_path):
    wrong = COUNTS.copy()
    wrong[2, 4], wrong[0, 1] = np.nan, -1
    data = cells(X=sparse.csr_matrix(wrong))
    source = write_h5ad(tmp_path / "c.h5ad", data)
    message = build_refusal(tmp_path, {"c": source}, transform="log_cp10k", **SETTINGS)
    assert "3 (cell2), column 'ACTB'" in message and "it is nan" in message
    assert "1 (cell0), column 'CD4'" in message and "it is -1" in message


def test_a_cell_without_counts_is_named(tmp_path):
    empty = COUNTS.copy()
    empty[3] = 0
    source = write_h5ad(tmp_path / "c.h5ad", cells(X=sparse.csr_matrix(empty)))
    message = build_refusal(tmp_path, {"c": source}, transform="cpm", **SETTINGS)
    assert "4 (cell3)" in message and "all counts are 0" in message


def test_files_that_are_damaged_old_or_of_another_kind(tmp_path):
    source = write_h5ad(tmp_path / "c.h5ad", cells())
    cut(tmp_path / "c.h5ad")
    assert "is cut short or damaged" in build_refusal(tmp_path, {"c": source}, **SETTINGS)
    (tmp_path / "c.h5ad").write_text("id,a\n1,2\n")
    assert "is not an AnnData file" in build_refusal(tmp_path, {"c": source}, **SETTINGS)
    with h5py.File(tmp_path / "c.h5ad", "w") as file:
        file["obs"] = np.zeros(3)
    assert "write it again" in build_refusal(tmp_path, {"c": source}, **SETTINGS)


def test_text_is_no_matrix(tmp_path):
    data = anndata.AnnData(obs=pd.DataFrame({"kind": ["T", "B"]}, index=["a", "b"]))
    source = write_h5ad(tmp_path / "c.h5ad", data)
    assert "there is no matrix X" in build_refusal(tmp_path, {"c": source}, **SETTINGS)


def test_simulated_cells_come_as_sparse_counts(tmp_path):
    schema = load_schema("config")
    entry = complete(
        {"kind": "expression", "n": 40, "genes": 30, "depth": 0.02}, schema["$defs"]["expression"]
    )
    table = simulate(entry, 1)
    write_simulated(table, tmp_path / "c.h5ad", "h5ad")
    source = {"url": str(tmp_path / "c.h5ad"), "format": "h5ad"}
    settings = {**SETTINGS, "label": "label", "positive": "positive", "group": "group"}
    built = build(tmp_path, {"c": source}, **settings)
    assert is_sparse(built.features) and built.examples["id"].tolist() == table["id"].tolist()
    counts = table.drop(columns=["id", "label", "group", "batch"])
    assert (built.features.toarray() == counts.to_numpy()).all()
    assert built.feature_names == list(counts)
    full = simulate({**entry, "depth": 1}, 1).drop(columns=["id", "label", "group", "batch"])
    assert counts.to_numpy().mean() < 0.1 * full.to_numpy().mean()
