"""Numbers of matrices: transformed, checked, and brought to the same features."""

import numpy as np
import pytest
from source_files import build, build_refusal, write

FIRST = "id,g1,g2,g3,label\na,1,0,3,x\nb,0,4,0,y\n"
SECOND = "id,g4,g3,g1,label\nc,9,8,7,x\nd,6,5,4,y\n"
SETTINGS = {"modality": "tabular", "label": "label", "positive": "x"}


def matrix(path, text, **settings):
    """A source with a matrix whose column `label` is no feature."""
    entry = {"format": "matrix", "metadata": ["label"], **settings}
    return {"url": str(write(path, text)), **entry}


@pytest.fixture
def two(tmp_path):
    return {
        "one": matrix(tmp_path / "one.csv", FIRST),
        "two": matrix(tmp_path / "two.csv", SECOND),
    }


def test_shared_features_in_the_order_of_the_first(tmp_path, two):
    built = build(tmp_path, two, **SETTINGS)
    assert built.feature_names == ["g1", "g3"]
    assert built.features.tolist() == [[1, 3], [0, 0], [7, 8], [4, 5]]
    assert built.features.dtype == np.float32
    assert "2 of 4 features are not in all matrices; they are left out." in built.facts["notes"]
    assert built.facts["n_features"] == 2 and "length" not in built.facts


def test_all_features_with_zeros_where_they_are_missing(tmp_path, two):
    built = build(tmp_path, two, features="all", **SETTINGS)
    assert built.feature_names == ["g1", "g2", "g3", "g4"]
    expected = [[1, 0, 3, 0], [0, 4, 0, 0], [7, 0, 8, 9], [4, 0, 5, 6]]
    assert built.features.tolist() == expected


def test_matrices_without_a_shared_feature_are_refused(tmp_path, two):
    two["two"] = matrix(tmp_path / "two.csv", "id,h1,label\nc,1,x\n")
    assert "no feature is in all of one, two" in build_refusal(tmp_path, two, **SETTINGS)


def test_transforms_use_each_sample_alone(tmp_path, two):
    built = build(tmp_path, two, transform="log1p", **SETTINGS)
    np.testing.assert_allclose(built.features[0], np.log1p([1, 3]), rtol=1e-6)
    built = build(tmp_path, two, transform="log_cpm", **SETTINGS)
    # Sample c: all 24 counts of its file are its total, also those of a feature left out.
    np.testing.assert_allclose(built.features[2], np.log1p([7e4 / 24, 8e4 / 24]), rtol=1e-6)
    assert built.facts["transform"] == "log_cpm"


@pytest.mark.parametrize("transform", ["log1p", "log_cpm"])
def test_negative_numbers_are_no_counts(tmp_path, transform):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace(",3", ",-3"))}
    message = build_refusal(tmp_path, sources, transform=transform, **SETTINGS)
    assert "row 2 (a), column 'g3': it is -3.0" in message and "transform: none" in message


def test_a_sample_without_counts_has_no_log_cpm(tmp_path):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace("4", "0"))}
    message = build_refusal(tmp_path, sources, transform="log_cpm", **SETTINGS)
    assert "row 3 (b): all counts are 0" in message


@pytest.mark.parametrize(
    ("cell", "missing", "allowed"),
    [("NA", "impute", True), ("NA", "error", False), ("inf", "impute", False)],
)
def test_missing_and_infinite_numbers(tmp_path, cell, missing, allowed):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace("a,1", f"a,{cell}"))}
    if allowed:
        features = build(tmp_path, sources, missing=missing, **SETTINGS).features
        np.testing.assert_array_equal(features[0], [np.nan, 0, 3])
        return
    message = build_refusal(tmp_path, sources, missing=missing, **SETTINGS)
    assert "1 problem" in message and "row 2 (a), column 'g1'" in message


def test_samples_in_columns_swap_row_and_column_in_messages(tmp_path):
    text = "id,a,b\ng1,1,NA\nlabel,x,y\n"
    sources = {"m": matrix(tmp_path / "m.csv", text, orientation="samples_in_columns")}
    assert "row g1, column 'b'" in build_refusal(tmp_path, sources, **SETTINGS)


def test_the_label_must_not_be_a_feature(tmp_path):
    sources = {"m": matrix(tmp_path / "m.csv", "id,g1,label\na,1,0\nb,2,1\n", metadata=[])}
    settings = {**SETTINGS, "positive": "1"}
    message = build_refusal(tmp_path, sources, **settings)
    assert "label: among the features" in message and "List it in `metadata`" in message


def test_equal_samples_have_equal_hashes_whatever_they_are_called(tmp_path):
    text = "id,g1,g2,label\na,0,NA,x\nb,-0.0,nan,y\nc,0,1,y\n"
    sources = {"m": matrix(tmp_path / "m.csv", text)}
    examples = build(tmp_path, sources, missing="impute", **SETTINGS).examples
    content = examples["content_hash"]
    assert content[0] == content[1] != content[2]
    assert (content == examples["canonical_hash"]).all()
