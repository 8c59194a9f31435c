"""Files of 10x Genomics as sources."""

import gzip

import numpy as np
import pytest
from cell_files import COUNTS, GENES, SETTINGS, write_10x, write_10x_h5
from source_files import build, build_refusal, write

from deeprules.feature_store import is_sparse
from deeprules_workflow.configuration import ConfigurationError, resolve
from deeprules_workflow.tenx_folders import open_folders

KINDS = "id,kind\n" + "".join(f"AAAC{i}-1,{kind}\n" for i, kind in enumerate("TTBBB"))
TYPES = ["Gene Expression"] * 3 + ["Antibody Capture"] * 2


def labelled(tmp_path, sources):
    """The sources with a table of labels."""
    table = {"url": str(write(tmp_path / "labels.csv", KINDS)), "format": "table"}
    return {**sources, "labels": table}, {**SETTINGS, "samples": "labels"}


def test_three_files_are_one_sparse_matrix(tmp_path):
    sources, settings = labelled(tmp_path, write_10x(tmp_path / "run"))
    built = build(tmp_path, sources, **settings)
    assert is_sparse(built.features) and (built.features.toarray() == COUNTS).all()
    assert built.feature_names == GENES
    assert built.examples["id"].tolist()[0] == "AAAC0-1"
    assert built.examples["label"].tolist() == list("TTBBB")


def test_the_file_of_cell_ranger_is_the_same(tmp_path):
    sources, settings = labelled(tmp_path, {"cells": write_10x_h5(tmp_path / "c.h5")})
    built = build(tmp_path, sources, **settings)
    assert is_sparse(built.features) and (built.features.toarray() == COUNTS).all()
    assert built.feature_names == GENES and built.examples["label"].tolist() == list("TTBBB")


@pytest.mark.parametrize("chosen", [None, ["Antibody Capture"]])
def test_features_of_other_types_are_left_out_and_counted(tmp_path, chosen):
    for sources in (
        write_10x(tmp_path / "run", types=TYPES),
        {"cells": write_10x_h5(tmp_path / "c.h5", types=TYPES)},
    ):
        sources["cells"]["feature_types"] = chosen
        sources, settings = labelled(tmp_path, sources)
        built = build(tmp_path, sources, **settings)
        assert built.feature_names == (GENES[3:] if chosen else GENES[:3])
        left = "Gene Expression (3)" if chosen else "Antibody Capture (2)"
        assert any(f"are left out: {left}" in note for note in built.facts["notes"])


def test_a_symbol_of_other_genes_in_each_run_is_no_feature(tmp_path):
    one = write_10x(tmp_path / "one", names=["A", "A", "B", "C", "D"])
    two = write_10x(tmp_path / "two", names=["A", "B", "A", "C", "D"])
    sources = {}
    for prefix, files in (("one", one), ("two", two)):
        entry = {
            key: value for key, value in files["cells"].items() if key not in ("genes", "barcodes")
        }
        named = {role: f"{prefix}_{files['cells'][role]}" for role in ("genes", "barcodes")}
        sources |= {named[role]: files[files["cells"][role]] for role in named}
        values = {"kind": "T" if prefix == "one" else "B"}
        sources[prefix] = {**entry, **named, "id_prefix": prefix, "values": values}
    built = build(tmp_path, sources, **SETTINGS)
    assert built.feature_names == ["A", "B", "C", "D"]


def test_a_type_that_is_not_there(tmp_path):
    sources = write_10x(tmp_path / "run", types=TYPES)
    sources["cells"]["feature_types"] = ["Peaks"]
    sources, settings = labelled(tmp_path, sources)
    message = build_refusal(tmp_path, sources, **settings)
    assert "no features of the type 'Peaks'" in message and "Antibody Capture" in message


def test_too_few_genes_or_a_matrix_that_lies_on_its_side(tmp_path):
    sources, settings = labelled(tmp_path, write_10x(tmp_path / "run", names=GENES[:3]))
    message = build_refusal(tmp_path, sources, **settings)
    assert "the matrix has 5 rows and 5 columns, but there are 3 genes" in message
    assert "Give the three files of one run" in message
    sources, settings = labelled(
        tmp_path,
        write_10x(tmp_path / "turned", COUNTS[:3].T, GENES, None, ["a", "b", "c"]) | {},
    )
    assert "Transpose the matrix" in build_refusal(tmp_path, sources, **settings)


def test_a_cut_matrix_and_one_that_is_none(tmp_path):
    sources, settings = labelled(tmp_path, write_10x(tmp_path / "run"))
    path = tmp_path / "run" / "matrix.mtx.gz"
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole[:-10]))
    assert "is no matrix of Matrix Market" in build_refusal(tmp_path, sources, **settings)
    path.write_bytes(gzip.compress(whole)[:-20])
    assert "is cut short" in build_refusal(tmp_path, sources, **settings)
    path.write_bytes(gzip.compress(b"id,a\n1,2\n"))
    assert "is no matrix of Matrix Market" in build_refusal(tmp_path, sources, **settings)


def test_a_matrix_without_names_says_what_to_give(tmp_path):
    sources = {"cells": write_10x(tmp_path / "run")["cells"] | {"genes": None, "barcodes": None}}
    sources, settings = labelled(tmp_path, sources)
    assert "Give the folder of the three files as `url`" in build_refusal(
        tmp_path, sources, **settings
    )


def test_an_h5_without_a_matrix(tmp_path):
    import h5py

    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["x"] = np.zeros(3)
    sources, settings = labelled(
        tmp_path, {"cells": {"url": str(tmp_path / "c.h5"), "format": "tenx"}}
    )
    assert "holds no matrix of 10x" in build_refusal(tmp_path, sources, **settings)


# the configuration


def configured(url, **settings):
    sources = {
        "cells": {"url": str(url), "format": "tenx", "licence": "CC0", **settings},
        "labels": {"url": "labels.csv", "format": "table"},
    }
    data = {
        **SETTINGS,
        "positive": "positive",
        "task": "binary",
        "samples": "labels",
        "sources": sources,
    }
    models = {"mlp": {}, "logistic_regression": {}}
    return {"study": "config/study.yaml", "data": data, "models": models}


def test_a_folder_becomes_three_sources_with_pins_of_their_own(tmp_path):
    write_10x(tmp_path / "run")
    resolved = resolve(configured(tmp_path / "run"), ".")
    sources = resolved["data"]["sources"]
    assert set(sources) == {"cells", "cells_genes", "cells_barcodes", "labels"}
    assert sources["cells"]["url"] == f"{tmp_path}/run/matrix.mtx.gz"
    assert sources["cells"]["genes"] == "cells_genes"
    assert sources["cells_barcodes"]["url"] == f"{tmp_path}/run/barcodes.tsv.gz"
    assert sources["cells_genes"]["licence"] == "CC0"
    assert resolve(resolved, ".") == resolved


def test_a_folder_that_lacks_a_file_is_refused_with_its_names(tmp_path):
    write_10x(tmp_path / "run")
    (tmp_path / "run" / "features.tsv.gz").unlink()
    with pytest.raises(ConfigurationError) as caught:
        resolve(configured(tmp_path / "run"), ".")
    assert f"the folder {tmp_path}/run has no file features.tsv.gz or" in str(caught.value)


def test_names_of_sources_are_checked(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        resolve(configured("m.mtx", genes="gnes", barcodes="labels"), ".")
    assert "data.sources.cells.genes: there is no source `gnes`" in str(caught.value)
    assert "source `labels` must have the format `tenx`" in str(caught.value)


def test_other_configurations_stay_as_they_are():
    for config in ({}, {"data": None}, {"data": {"sources": []}}, {"data": {"sources": {"a": 1}}}):
        assert open_folders(config) == config


def test_only_one_matrix_of_an_h5ad_can_be_named():
    config = configured("c.h5ad")
    config["data"]["sources"]["cells"] |= {"format": "h5ad", "layer": "a", "raw": True}
    with pytest.raises(ConfigurationError) as caught:
        resolve(config, ".")
    assert "data.sources.cells: give only one of layer, raw" in str(caught.value)
