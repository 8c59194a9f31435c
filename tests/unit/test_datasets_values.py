"""Numbers of matrices: transformed, checked, and brought to the same features."""

import numpy as np
import pandas as pd
import pytest
from source_files import build, build_refusal, write

from deeprules.errors import InputError
from deeprules.ingest import building

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
    built = build(tmp_path, two, transform="log_cp10k", **SETTINGS)
    # Sample c: all 24 counts of its file are its total, also those of a feature left out.
    np.testing.assert_allclose(built.features[2], np.log1p([7e4 / 24, 8e4 / 24]), rtol=1e-6)
    assert built.facts["transform"] == "log_cp10k"


@pytest.mark.parametrize("transform", ["log1p", "log_cp10k"])
def test_negative_numbers_are_no_counts(tmp_path, transform):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace(",3", ",-3"))}
    message = build_refusal(tmp_path, sources, transform=transform, **SETTINGS)
    assert "row 2 (a), column 'g3': it is -3.0" in message and "transform: none" in message


def test_a_sample_without_counts_has_no_log_cp10k(tmp_path):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace("4", "0"))}
    message = build_refusal(tmp_path, sources, transform="log_cp10k", **SETTINGS)
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
    assert "label: among the features" in message and "List it in `metadata: [label]`" in message


def test_equal_samples_have_equal_hashes_whatever_they_are_called(tmp_path):
    text = "id,g1,g2,label\na,0,NA,x\nb,-0.0,nan,y\nc,0,1,y\n"
    sources = {"m": matrix(tmp_path / "m.csv", text)}
    examples = build(tmp_path, sources, missing="impute", **SETTINGS).examples
    content = examples["content_hash"]
    assert content[0] == content[1] != content[2]
    assert (content == examples["canonical_hash"]).all()


# numbers of rows among the features


def labelled(columns, n=12):
    """A matrix with ids, labels and these columns, `{name: function of the row's number}`."""
    frame = {"id": [f"s{i}" for i in range(n)], "label": ["xy"[i % 2] for i in range(n)]}
    return pd.DataFrame({**frame, **{name: map(one, range(n)) for name, one in columns.items()}})


def built_matrix(folder, frame, chunk_rows, monkeypatch, **settings):
    """A data set of one matrix, read some rows at a time."""
    monkeypatch.setattr(building, "CHUNK_ROWS", chunk_rows)
    frame.to_parquet(folder / "m.parquet", index=False)
    source = {"url": str(folder / "m.parquet"), "format": "matrix", "metadata": ["label"]}
    return build, (folder, {"m": source | settings}), SETTINGS


def noise(i):
    """Numbers with no order."""
    return (i * 0.7548776662466927) % 1


@pytest.mark.parametrize("chunk_rows", [1, 5, 1000])
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("anything", lambda i: i),
        ("anything", lambda i: i + 1),
        ("anything", lambda i: 12 - i),
        ("anything", lambda i: 500 + 10 * i),
        ("X", lambda i: (5 * i) % 12),
        ("V1", lambda i: i * i),
        ("index", lambda i: (5 * i) % 12 + 1),
        ("Row ID", lambda i: 1000 - i * i),
    ],
)
def test_a_feature_that_numbers_the_samples_is_refused(
    tmp_path, monkeypatch, chunk_rows, name, cell
):
    frame = labelled({"g1": noise, name: cell, "g2": lambda i: i % 3})
    make, arguments, settings = built_matrix(tmp_path, frame, chunk_rows, monkeypatch)
    with pytest.raises(InputError) as caught:
        make(*arguments, **settings)
    assert "1 problem" in str(caught.value)
    assert f"column {name!r}: its values number the samples. List it in" in str(caught.value)
    arguments[1]["m"]["metadata"] = ["label", name]
    assert make(*arguments, **settings).feature_names == ["g1", "g2"]


@pytest.mark.parametrize("chunk_rows", [1, 5, 1000])
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("X", noise),
        ("V1", lambda i: i % 11),
        ("index", lambda i: i if i < 11 else 10),
        ("g", lambda i: i * i),
        ("g", lambda i: i if i < 11 else 0),
        ("g", lambda i: 7),
    ],
)
def test_features_like_numbers_of_rows_stay(tmp_path, monkeypatch, chunk_rows, name, cell):
    frame = labelled({"g1": noise, name: cell})
    make, arguments, settings = built_matrix(tmp_path, frame, chunk_rows, monkeypatch)
    assert make(*arguments, **settings).feature_names == ["g1", name]


def test_few_samples_may_follow_each_other_by_chance(tmp_path, monkeypatch):
    frame = labelled({"g1": lambda i: i, "index": lambda i: i}, 9)
    make, arguments, settings = built_matrix(tmp_path, frame, 100, monkeypatch)
    assert make(*arguments, **settings).feature_names == ["g1", "index"]


def test_a_sample_that_numbers_the_features_is_refused(tmp_path):
    rows = [f"g{i},{i},{noise(i)},{i % 2}\n" for i in range(12)]
    text = "gene,number,a,b\nlabel,x,x,y\n" + "".join(rows)
    sources = {"m": matrix(tmp_path / "m.csv", text, orientation="samples_in_columns")}
    message = build_refusal(tmp_path, sources, **SETTINGS)
    assert "column 'number': its values number the features. Remove it" in message


def test_reads_of_no_gene_do_not_count_as_reads_of_the_sample(tmp_path):
    text = FIRST.replace("g2", "__no_feature").replace(",0,3", ",999,3")
    sources = {"m": matrix(tmp_path / "m.csv", text.replace("0,4,0", "2,999,3"))}
    built = build(tmp_path, sources, transform="log_cp10k", **SETTINGS)
    np.testing.assert_allclose(built.features[0], np.log1p([1e4 / 4, 3e4 / 4]), rtol=1e-6)
    assert (
        "m: 1 counts of reads that belong to no gene were left out (__no_feature)."
        in (built.facts["notes"])
    )


# numbers of 64 bits in features of 32


@pytest.mark.parametrize("chunk_rows", [1, 5, 1000])
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (lambda i: 10.0 ** -(60 + i), "are closer together than 32-bit numbers. Take the log"),
        (lambda i: 123456789 + i % 2, "its values, 123456789 to 123456790, are closer together"),
        (lambda i: 1e8 + noise(i), "are closer together than 32-bit numbers"),
        (lambda i: 10.0 ** (-60 + 6 * i), "4 of its values are closer to 0 than 32-bit numbers"),
        (lambda i: 1e39 if i == 7 else 1.0, "1e+39 is beyond 3.4e+38, the largest 32-bit"),
        (lambda i: -1e300 if i == 7 else noise(i), "-1e+300 is beyond"),
    ],
)
def test_features_that_32_bits_cannot_tell_apart_are_refused(
    tmp_path, monkeypatch, chunk_rows, cell, message
):
    frame = labelled({"g1": noise, "g2": cell})
    make, arguments, settings = built_matrix(tmp_path, frame, chunk_rows, monkeypatch)
    with pytest.raises(InputError) as caught:
        make(*arguments, **settings)
    assert "1 problem" in str(caught.value) and message in str(caught.value)
    assert "column 'g2': " in str(caught.value)


@pytest.mark.parametrize(
    ("name", "cell", "note"),
    [
        ("whole", lambda i: 123456789 + i * i * 10**7, "12 values of m are whole numbers beyond"),
        ("tiny", lambda i: 1e-60 if i == 150 else noise(i), "1 values of m are closer to 0"),
    ],
)
def test_single_values_that_are_rounded_are_noted(tmp_path, monkeypatch, name, cell, note):
    frame = labelled({"g1": noise, name: cell}, 12 if name == "whole" else 200)
    make, arguments, settings = built_matrix(tmp_path, frame, 5, monkeypatch)
    [found] = make(*arguments, **settings).facts["notes"]
    assert note in found and f"in {name}. Take logarithms" in found


@pytest.mark.parametrize(
    "cell",
    [
        lambda i: 0.1 * i * i,
        lambda i: 1e6 * noise(i),
        lambda i: 2**24 - i * i,
        lambda i: 1e-30 * noise(i),
        lambda i: 1e30 * noise(i),
        lambda i: 1e10 if i % 2 else 0,
        lambda i: 0.1,
        lambda i: 100 + noise(i) / 100,
    ],
)
@pytest.mark.parametrize("kind", ["float64", "text"])
def test_ordinary_numbers_need_no_note(tmp_path, monkeypatch, cell, kind):
    frame = labelled({"g1": noise, "g2": cell})
    if kind == "text":
        frame = frame.astype(str)
    make, arguments, settings = built_matrix(tmp_path, frame, 5, monkeypatch)
    built = make(*arguments, **settings)
    assert built.facts["notes"] == []
    np.testing.assert_array_equal(
        built.features[:, 1], np.array([cell(i) for i in range(12)]).astype(np.float32)
    )


@pytest.mark.parametrize("transform", ["log1p", "log_cp10k"])
def test_what_is_kept_counts_not_what_was_read(tmp_path, monkeypatch, transform):
    frame = labelled({"g1": lambda i: 123456789 + i % 5, "g2": lambda i: 10 + i * i})
    make, arguments, settings = built_matrix(tmp_path, frame, 5, monkeypatch)
    notes = make(*arguments, transform=transform, **settings).facts["notes"]
    assert not any("32-bit" in note for note in notes)


def test_genes_that_a_spreadsheet_turned_into_dates_are_noted(tmp_path):
    sources = {
        "m": matrix(tmp_path / "m.csv", FIRST.replace("g2", "1-Mar").replace("g3", "Sep-02"))
    }
    [note] = build(tmp_path, sources, **SETTINGS).facts["notes"]
    assert "turned into dates (2): 1-Mar, Sep-02. Take the names from the original" in note


@pytest.mark.parametrize("name", ["2021-03-01", "3/1/2021", "01.03.2021", "1-Mrz", "Okt-04"])
def test_dates_of_any_country_are_noted(tmp_path, name):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace("g2", name))}
    [note] = build(tmp_path, sources, **SETTINGS).facts["notes"]
    assert f"turned into dates (1): {name}. Take" in note


@pytest.mark.parametrize("name", ["subject", "Plate", "batch_no", "Patient ID", "class.code"])
def test_features_called_like_a_description_are_noted(tmp_path, name):
    sources = {"m": matrix(tmp_path / "m.csv", FIRST.replace("g2", name))}
    [note] = build(tmp_path, sources, **SETTINGS).facts["notes"]
    assert f"what describes a sample (1): {name}. List them" in note


@pytest.mark.parametrize("chunk_rows", [1, 5, 1000])
@pytest.mark.parametrize("share", [1, 1.5])
def test_a_sum_of_all_features_is_no_count(tmp_path, monkeypatch, chunk_rows, share):
    counts = {f"g{k}": (lambda i, k=k: int(1000 * noise(i * 7 + k))) for k in range(5)}
    frame = labelled(counts)
    frame["Total"] = (frame[list(counts)].sum(axis=1) * share).astype(int)
    make, arguments, settings = built_matrix(tmp_path, frame, chunk_rows, monkeypatch)
    if share == 1:
        message = build_refusal(*arguments, transform="log_cp10k", **settings)
        assert "1 problem" in message and "'Total': it is the sum of all other" in message
    else:
        assert make(*arguments, transform="log_cp10k", **settings).features.shape == (12, 6)
    notes = make(*arguments, **settings).facts["notes"]
    assert any("sum of all others: Total" in note for note in notes) == (share == 1)


@pytest.mark.parametrize("names", [("TP53", "TP53 "), ("7157", "7157.0"), ("g\u00e9", "ge\u0301")])
def test_features_are_known_by_their_plain_names(tmp_path, names):
    one, other = names
    text = FIRST.replace("g2", one)
    sources = {
        "m": matrix(tmp_path / "m.csv", text),
        "n": matrix(tmp_path / "n.csv", FIRST.replace("g2", other), id_prefix="n"),
    }
    assert one in build(tmp_path, sources, **SETTINGS).feature_names
    sources = {"m": matrix(tmp_path / "m.csv", text.replace("g3", other))}
    message = build_refusal(tmp_path, sources, **SETTINGS)
    assert "tell apart (1): " + one in message or "more than once (1): TP53" in message


# scales


def decimals(top):
    return {f"g{k}": (lambda i, k=k: round(top * noise(3 * i + k), 2)) for k in range(4)}


@pytest.mark.parametrize(
    ("top", "transform", "told"),
    [(15, "log_cp10k", True), (15, "log1p", True), (15, "none", False), (900, "log_cp10k", False)],
)
def test_logarithms_of_logarithms_are_noted(tmp_path, monkeypatch, top, transform, told):
    make, arguments, settings = built_matrix(tmp_path, labelled(decimals(top)), 5, monkeypatch)
    notes = make(*arguments, transform=transform, **settings).facts["notes"]
    assert any("set `transform: none`" in note for note in notes) == told


@pytest.mark.parametrize(("top", "told"), [(900, True), (12, False)])
def test_matrices_of_unlike_scales_are_noted(tmp_path, top, told):
    sources = {
        name: matrix(tmp_path / f"{name}.csv", labelled(decimals(t)).to_csv(index=False))
        for name, t in (("one", 15), ("two", top))
    }
    sources["two"]["id_prefix"] = "two"
    notes = build(tmp_path, sources, **SETTINGS).facts["notes"]
    assert any("one may hold logarithms" in note for note in notes) == told


@pytest.mark.parametrize("chunk_rows", [1, 1000])
@pytest.mark.parametrize(
    ("code", "least", "told"), [(-9, 0, True), (-999, 3, True), (-9, -3, False), (-5, 0, False)]
)
def test_codes_for_missing_values_are_noted(tmp_path, monkeypatch, chunk_rows, code, least, told):
    cells = {"g1": lambda i: code if i % 4 == 1 else least + i * i % 7, "g2": lambda i: i * 5 % 7}
    make, arguments, settings = built_matrix(tmp_path, labelled(cells), chunk_rows, monkeypatch)
    notes = make(*arguments, **settings).facts["notes"]
    assert any("If they mean a missing value" in note and "(g1)" in note for note in notes) == told


@pytest.mark.parametrize("features", ["shared", "all"])
def test_matrices_that_name_their_features_otherwise_are_refused(tmp_path, features):
    text = labelled(decimals(15))
    other = text.rename(columns=lambda name: name.replace("g", "G"))
    sources = {
        "one": matrix(tmp_path / "one.csv", text.to_csv(index=False)),
        "two": matrix(tmp_path / "two.csv", other.to_csv(index=False), id_prefix="two"),
    }
    message = build_refusal(tmp_path, sources, features=features, **SETTINGS)
    assert "no feature is in all of one, two" in message
    half = text.rename(columns={"g1": "G1"}).to_csv(index=False)
    sources["two"] = matrix(tmp_path / "two.csv", half, id_prefix="two")
    notes = build(tmp_path, sources, features=features, **SETTINGS).facts["notes"]
    assert "Features whose names are nearly the same: 'G1' and 'g1'." in notes
