"""Sample tables: joined by id, and what can be wrong with them."""

from dataclasses import replace

import pytest
import yaml
from cell_files import cells, write_h5ad
from source_files import build, build_refusal, open_source, write

from deeprules.ingest.orientation import orientation_of
from deeprules.ingest.sources import BadSource
from deeprules.ingest.tables import read_batches

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


def test_known_features_show_where_the_samples_are(tmp_path):
    path = write(tmp_path / "m.csv", "gene,x,y\ng1,1,2\ng2,3,4\ng3,5,6\n")
    for features, expected in (
        ({"g1", "g2", "g9"}, "samples_in_columns"),
        ({"q"}, "samples_in_rows"),
    ):
        source = replace(open_source(path), known_features=features)
        [(batch, _)] = read_batches(source)
        assert orientation_of(source, batch) == expected
    source = replace(open_source(path, orientation="samples_in_rows"), known_features={"g1", "g3"})
    with pytest.raises(BadSource, match="2 of the 2 features of the model would be theirs"):
        orientation_of(source, next(read_batches(source))[0])


def test_a_correction_of_sparse_numbers_is_refused_before_anything_is_fitted(tmp_path):
    write_h5ad(tmp_path / "c.h5ad", cells())
    sources = {"c": {"url": str(tmp_path / "c.h5ad"), "format": "h5ad"}}
    given = {"modality": "tabular", "label": "kind", "positive": "T", "batch": "donor"}
    message = build_refusal(tmp_path, sources, **given, batch_correction="linear")
    assert "the numbers are sparse, and a correction leaves no zeros" in message
    built = build(tmp_path, sources, **given, batch_correction="linear", transform="clr")
    assert built.facts["batch_correction"] == "linear"


def test_ids_alike_in_two_sources_need_a_prefix(tmp_path, sources):
    sources["m2"] = sources["m"]
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "1 problem " in message and "`id_prefix`" in message
    assert "4 ids that several examples have: 'a' (2: " in message
    assert message.count("m.csv row 2") == 2


def test_the_table_may_name_the_id_otherwise_and_have_a_prefix(tmp_path, sources):
    write(
        tmp_path / "s.csv",
        SAMPLES.replace("id", "barcode", 1).replace("\n", "\nx_").removesuffix("x_"),
    )
    sources["s"]["columns"] = {"id": "barcode"}
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "samples that are not in the sample table" in message
    assert "4 of 4 here, and 4 of its 4 are not here: 'a' (nearest: 'x_a'), 'b'" in message
    assert "Set `id_pattern: 'x_(?P<id>.+)'` in the source s, which matches 4 more" in message
    write(tmp_path / "m.csv", MATRIX.replace("\n", "\nq_x_").removesuffix("q_x_"))
    sources["s"]["id_prefix"] = "q_"
    assert len(build(tmp_path, sources, samples="s", **SETTINGS).examples) == 4


def test_samples_without_a_row_are_counted_and_rows_without_a_sample_noted(tmp_path, sources):
    write(tmp_path / "s.csv", SAMPLES.replace("\nb,", "\nB,"))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "1 problem" in message and "1 of 4 here, and 1 of its 4 are not here: 'b'" in message
    assert "Set `id_match: alike` in the source m, which matches 1 more" in message
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
        (
            "id,kind,plate,depth\na,x,p,1\na,x,p,1\n",
            "column 'id': 1 rows with an id that was there before: 3 (a)",
        ),
        ("id,kind,plate,depth\n,x,p,1\n", "column 'id': 1 rows without an id: 2"),
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


def ids(names):
    """A matrix of samples with these names."""
    return "id,g1,g2\n" + "".join(f"{name},{i},{i + 2}\n" for i, name in enumerate(names))


FORMS = {
    "suffix": (lambda name: f"{name}.sorted.bam", "source m", r"(?P<id>.+?)\.sorted\.bam"),
    "prefix and number": (lambda name: f"GSM{ord(name[0]) * 91}_{name}", "source m", "GSM[0-9]+_"),
    "barcode": (lambda name: f"{name}-1", "source m", r"(?P<id>.+?)\-1"),
    "made by R": (lambda name: f"X{name.replace('-', '.')}", "source m", "id_match: alike"),
    "case": (str.upper, "source m", "id_match: alike"),
    "marks": (lambda name: name.replace("-", " "), "source m", "id_match: alike"),
    "aliquot": (
        lambda name: f"{name}-{'0' if name[0] in 'ab' else '1'}{name[0]}-11R",
        "source m",
        r"(?P<id>.+?)\-[A-Za-z0-9]+\-[A-Za-z0-9]+",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_rule_that_would_match_the_ids_is_proposed_and_works(tmp_path, sources, form):
    change, where, rule = FORMS[form]
    names = [f"{letter}-{n}y" for n, letter in enumerate("abcd", start=11)]
    if form == "made by R":
        names = [f"{n}-{letter}" for n, letter in enumerate("abcd", start=11)]
    table = "id,kind,plate,depth\n" + "".join(
        f"{name},{'xy'[i % 2]},p1,{i}\n" for i, name in enumerate(names)
    )
    write(tmp_path / "s.csv", table)
    write(tmp_path / "m.csv", ids(map(change, names)))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "1 problem " in message and len(message.splitlines()) == 2
    assert "4 of 4 here, and 4 of its 4 are not here" in message
    assert f"in the {where}, which matches 4 more" in message
    setting = yaml.safe_load(message.partition("Set `")[2].partition("` in the source")[0])
    assert rule in str(setting) or rule in message
    sources["m"] |= setting
    built = build(tmp_path, sources, samples="s", **SETTINGS)
    assert built.examples["depth"].tolist() == [0, 1, 2, 3]


def test_some_ids_may_match_as_they_are(tmp_path, sources):
    write(tmp_path / "m.csv", ids(["a", "b.bam", "c.bam", "d.bam"]))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert r"Set `id_pattern: '(?P<id>.+?)(?:\.bam)?'` in the source m" in message
    sources["m"]["id_pattern"] = r"(?P<id>.+?)(?:\.bam)?"
    built = build(tmp_path, sources, samples="s", **SETTINGS)
    assert built.examples["id"].tolist() == ["a", "b", "c", "d"]


def test_no_rule_is_proposed_where_none_matches(tmp_path, sources):
    write(tmp_path / "m.csv", ids(["q1", "q2", "a", "b\u0430"]))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "Add them there, or leave them out: `data: include: {id: {listed_in: s}}`" in message
    assert r"'b\u0430' (nearest: 'b')" in message and "Set `" not in message


def test_ids_that_match_after_trimming_are_matched_and_told(tmp_path, sources):
    write(tmp_path / "m.csv", ids([" a", "b\u00a0", "\u200bc", "d"]))
    built = build(tmp_path, sources, samples="s", **SETTINGS)
    assert built.examples["id"].tolist() == ["a", "b", "c", "d"]
    assert "m: 3 ids were read without blanks around them" in str(built.facts["notes"])


def test_ids_that_a_pattern_does_not_fit_are_one_problem(tmp_path, sources):
    sources["m"]["id_pattern"] = "(?P<id>[ab])"
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "row 4 (c), column 'id': 2 ids do not fit `id_pattern`, the first here, 'c'" in message


def test_ids_that_are_alike_twice_are_refused(tmp_path, sources):
    sources["m"]["id_match"] = "alike"
    write(tmp_path / "m.csv", ids(["a", "A", "b", "c"]))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "a and A are alike: both would be a of the sample table" in message
    write(tmp_path / "s.csv", SAMPLES + "A,y,p1,1\n")
    assert "cannot tell apart: a, A" in build_refusal(tmp_path, sources, samples="s", **SETTINGS)


def test_a_gap_is_located_where_ids_are_only_alike(tmp_path, sources):
    sources["m"]["id_match"] = "alike"
    write(tmp_path / "m.csv", ids("ABCD"))
    write(tmp_path / "s.csv", SAMPLES.replace("b,y,p2", "b,y,"))
    message = build_refusal(tmp_path, sources, samples="s", **SETTINGS)
    assert "s.csv, row 3 (B), column 'plate': there is no plate" in message
