"""Sample tables: joined by id, and what can be wrong with them."""

import pytest
from source_files import build, build_refusal, write

MATRIX = "id,g1,g2\na,1,2\nb,3,4\nc,5,6\nd,7,8\n"
SAMPLES = "id,kind,plate,depth\nd,x,p1,40\nb,y,p2,20\na,x,p1,10\nc,y,p2,\n"


@pytest.fixture
def sources(tmp_path):
    return {
        "m": {"url": str(write(tmp_path / "m.csv", MATRIX)), "format": "matrix"},
        "s": {"url": str(write(tmp_path / "s.csv", SAMPLES)), "format": "table"},
    }


SETTINGS = {
    "modality": "tabular",
    "label": "kind",
    "positive": "x",
    "batch": "plate",
    "covariates": ["depth"],
}


def test_samples_are_joined_by_id(tmp_path, sources):
    built = build(tmp_path, sources, samples="s", **SETTINGS)
    assert built.examples["id"].tolist() == ["a", "b", "c", "d"]
    assert built.examples["label"].tolist() == ["x", "y", "y", "x"]
    assert built.examples["batch"].tolist() == ["p1", "p2", "p2", "p1"]
    assert built.examples["depth"].fillna(-1).tolist() == [10, 20, -1, 40]
    assert built.features[:, 0].tolist() == [1, 3, 5, 7]
    assert built.facts["sources"] == {"m": 4}
    assert "The covariate depth has no value in 1 examples." in built.facts["notes"]


def test_a_source_may_have_its_own_table_with_row_names_as_r_writes_them(tmp_path, sources):
    rows = SAMPLES.removeprefix("id,")
    second = write(tmp_path / "s2.csv", rows)
    sources["s2"] = {"url": str(second), "format": "table"}
    sources["m2"] = {**sources["m"], "samples": "s2", "id_prefix": "two_"}
    sources["m"]["samples"] = "s"
    built = build(tmp_path, sources, **SETTINGS)
    assert built.examples["id"].tolist() == ["a", "b", "c", "d"] + [f"two_{i}" for i in "abcd"]
    assert built.examples["label"].tolist() == ["x", "y", "y", "x"] * 2


def test_ids_alike_in_two_sources_need_a_prefix(tmp_path, sources):
    sources["m2"] = sources["m"]
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "4 problems" in message and "`id_prefix`" in message
    assert "2 examples are called 'a'" in message
    assert message.count("m.csv row 2") == 2


def test_the_table_may_name_the_id_otherwise_and_have_a_prefix(tmp_path, sources):
    write(
        tmp_path / "s.csv",
        SAMPLES.replace("id", "barcode", 1).replace("\n", "\nx_").removesuffix("x_"),
    )
    sources["s"]["columns"] = {"id": "barcode"}
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "samples that are not in the sample table" in message
    assert "s.csv (4): a, b, c, d" in message
    write(tmp_path / "m.csv", MATRIX.replace("\n", "\nq_x_").removesuffix("q_x_"))
    sources["s"]["id_prefix"] = "q_"
    assert len(build(tmp_path, sources, samples="s", **SETTINGS).examples) == 4


def test_samples_without_a_row_are_counted_and_rows_without_a_sample_noted(tmp_path, sources):
    write(tmp_path / "s.csv", SAMPLES.replace("\nb,", "\nB,"))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "1 problem" in message and "s.csv (1): b" in message
    write(tmp_path / "s.csv", SAMPLES + "e,x,p1,3\n")
    notes = build(tmp_path, sources, samples="s", **SETTINGS).facts["notes"]
    assert "Rows of the sample table s without an example: 1." in notes


def test_unknown_sequences_are_left_out_of_further_messages(tmp_path):
    fasta = write(tmp_path / "a.fa", ">a\nACGT\n>z\nACGT\n>b\nAC!T\n")
    sources = {
        "f": {"url": str(fasta), "format": "fasta"},
        "s": {"url": str(write(tmp_path / "s.csv", SAMPLES)), "format": "table"},
    }
    message = build_refusal(tmp_path, sources, samples="s", label="kind", positive="x")
    assert "2 problems" in message and "sample table" in message and "row 3 (b)" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,kind,plate,depth\na,x,p,1\na,x,p,1\n", "row 3, column 'id': 'a' was there before"),
        ("id,kind,plate,depth\n,x,p,1\n", "row 2, column 'id': the sample has no id"),
        ("kind,plate,depth\nx,p,1\n", "the sample table has no column 'id'"),
        ("id,kind,plate,depth\n", "the sample table has no rows"),
    ],
)
def test_a_sample_table_that_cannot_be_used_is_refused(tmp_path, sources, text, message):
    write(tmp_path / "s.csv", text)
    found = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert message in found and "1 problem" in found


def test_a_column_in_both_tables_is_ambiguous(tmp_path, sources):
    write(tmp_path / "m.csv", "id,g1,kind\na,1,x\nb,2,y\nc,3,x\nd,4,y\n")
    sources["m"]["metadata"] = ["kind"]
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "kind: in source 'm' and in its sample table" in message


def test_an_absent_column_is_named_with_those_that_exist(tmp_path, sources):
    settings = {**SETTINGS, "batch": "lane"}
    message = build_refusal(tmp_path, sources, samples="s", **settings)
    assert "source 'm' has no column 'lane', nor has its sample table" in message
    assert "the columns are id; those of the sample table are id, kind, plate, depth" in message


def test_a_gap_in_a_sample_table_is_located_there(tmp_path, sources):
    write(tmp_path / "s.csv", SAMPLES.replace("b,y,p2", "b,y,"))
    sources["m"]["id_prefix"] = "one_"
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "s.csv, row 3 (b), column 'plate': there is no plate" in message
    assert "1 problem" in message


def test_values_of_a_sample_table_are_columns_of_it(tmp_path, sources):
    sources["s"]["values"] = {"site": "north", "note": "unused"}
    covariates = [*SETTINGS["covariates"], "site"]
    built = build(tmp_path, sources, samples="s", **{**SETTINGS, "covariates": covariates})
    assert set(built.examples["site"]) == {"north"} and "note" not in built.examples
