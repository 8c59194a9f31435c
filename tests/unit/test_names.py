"""Names of categories: one, near-equal, or two; when they are read, split and compared."""

import pytest
from source_files import build, build_refusal, write

from deeprules.names import chromosome_key, near_equal, plain_name, spelt_twice

SETTINGS = {"modality": "tabular", "label": "kind", "positive": "x", "group": "donor"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *[("D00 ", "D00"), ("\tD00", "D00"), ("D00\u00a0", "D00"), ("\ufeffD00\u200b", "D00")],
        *[("D\u00a000", "D 00"), ("e\u0301", "é"), ("D\u200d0", "D0")],
        *[("3.0", "3"), ("3.", "3"), ("-3.00", "-3"), ("03", "03"), ("1e3", "1e3")],
        *[("3.5", "3.5"), ("1.10", "1.10"), ("v1.0", "v1.0"), ("x²", "x²")],
    ],
)
def test_what_no_eye_can_tell_apart_is_one_name(written, read):
    assert plain_name(written) == read
    assert plain_name(plain_name(written)) == read


@pytest.mark.parametrize(
    "names",
    [
        *[("chr1", "1", "Chr1", "CHR01", "chr 1", "chromosome_1"), ("chrX", "x", "X")],
        *[("chrM", "MT", "M", "chrMT", "mt"), ("chr2L", "2L")],
    ],
)
def test_usual_names_of_a_chromosome_are_one(names):
    assert len({chromosome_key(name) for name in names}) == 1


def test_chromosomes_stay_apart():
    names = [
        "chr1",
        "chr10",
        "chr11",
        "2L",
        "2R",
        "X",
        "Y",
        "MT",
        "chr1_alt",
        "chrUn_1",
        "chr",
        "0",
    ]
    assert len({chromosome_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "names",
    [
        *[("D00", "d00"), ("D00", "D 00"), ("D-00", "D_00", "D.00"), ("D01", "D1")],
        *[
            ("Müller", "Muller"),
            ("\u0410B1", "AB1"),
            ("A\u20131", "A-1"),
            ("x²", "x2"),
            ("a  b", "a b"),
        ],
        *[("TCGA-02-0001", "TCGA.02.0001"), ("chr3", "3"), ("B1_", "B1")],
    ],
)
def test_names_that_differ_in_their_writing_are_found(names):
    assert near_equal([*names, "other"]) == [list(names)]


def test_names_that_differ_are_not_called_alike():
    names = ["1_1", "11", "-1", "1", "0.5", "0.05", "CD4", "CD4+", "CD4-", "s1_2", "s12", "+", "-"]
    assert near_equal(names) == []
    assert (
        near_equal([f"{plate}{row}{well}" for plate in "PQ" for row in "AB" for well in (1, 11)])
        == []
    )


def test_long_numbers_are_compared_exactly():
    assert spelt_twice(["3", "03", "3e0", "x", "4"]) == [["3", "03", "3e0"]]
    assert spelt_twice(["12345678901234567890", "12345678901234567891"]) == []


def made(tmp_path, donors, samples=None):
    """A matrix of as many rows, two classes, with the column `donor`."""
    rows = [f"s{i},{i},{'xy'[i % 2]},{donor}" for i, donor in enumerate(donors)]
    path = write(tmp_path / "m.csv", "\n".join(["id,g,kind,donor", *rows, ""]))
    return {"m": {"url": str(path), "format": "matrix", "metadata": ["kind", "donor"]}}


@pytest.mark.parametrize("twin", ["D00 ", "D00\u00a0", "\u200bD00"])
def test_a_donor_with_a_blank_is_the_same_donor(tmp_path, twin):
    built = build(tmp_path, made(tmp_path, ["D00", twin, "D1", "D1"]), **SETTINGS)
    assert built.examples["group"].tolist() == ["D00", "D00", "D1", "D1"]


def test_whole_numbers_with_a_decimal_point_are_the_same_donor(tmp_path):
    built = build(tmp_path, made(tmp_path, ["3", "3.0", "4", "4.00"]), **SETTINGS)
    assert built.examples["group"].tolist() == ["3", "3", "4", "4"]


@pytest.mark.parametrize("twin", ["03", "3e0", "+3", "0.3e1"])
@pytest.mark.parametrize("column", ["group", "batch", "label"])
def test_a_number_spelt_in_two_ways_is_refused(tmp_path, twin, column):
    settings = {**SETTINGS, "group": None, column: "donor"}
    if column == "label":
        settings |= {"positive": "3"}
    message = build_refusal(tmp_path, made(tmp_path, ["3", twin, "3", twin]), **settings)
    assert "column 'donor'" in message and f"'{twin}'" in message and "one number" in message


@pytest.mark.parametrize("cell", ["NA ", "#N/A", " ", "n/a", "\u00a0"])
def test_a_missing_value_is_missing_however_it_is_spelt(tmp_path, cell):
    assert "there is no donor" in build_refusal(
        tmp_path, made(tmp_path, ["a", cell, "b", "b"]), **SETTINGS
    )


def test_ids_meet_the_sample_table_whatever_blanks_they_have(tmp_path):
    matrix = write(tmp_path / "m.csv", "id,g\na ,1\nb,2\n3,3\n4.0,4\n")
    samples = write(tmp_path / "s.csv", "id,kind,donor\na,x,1\nb\u00a0,y,2\n3.0,x,1\n4,y,2\n")
    sources = {
        "m": {"url": str(matrix), "format": "matrix"},
        "s": {"url": str(samples), "format": "table"},
    }
    built = build(tmp_path, sources, samples="s", **SETTINGS)
    assert built.examples["id"].tolist() == ["a", "b", "3", "4"]
    write(samples, "id,kind,donor\na,x,1\na ,y,2\n")
    assert "was there before" in build_refusal(tmp_path, sources, samples="s", **SETTINGS)


def test_names_in_the_config_are_read_as_those_of_the_data(tmp_path):
    sources = made(tmp_path, ["1.0", "2 ", "1", "2"])
    settings = {**SETTINGS, "label": "donor", "group": None}
    built = build(tmp_path, sources, **{**settings, "positive": "2\u00a0"})
    assert built.facts["classes"] == ["1", "2"]
    renamed = {"1.0": "no", " 2": "yes "}
    built = build(tmp_path, sources, **{**settings, "classes": renamed, "positive": "yes"})
    assert built.examples["label"].tolist() == ["no", "yes", "no", "yes"]
    sources["m"] |= {"metadata": ["kind"], "columns": {"g": "g"}, "values": {"donor": "7.0 "}}
    write(tmp_path / "m.csv", "id,g,kind\na,1,x\nb,2,y\n")
    assert build(tmp_path, sources, **SETTINGS).examples["group"].tolist() == ["7", "7"]


def test_chromosomes_are_one_across_sources_and_the_first_spelling_stays(tmp_path):
    head = "sequence,kind,chromosome,start,end\n"
    one = write(tmp_path / "one.csv", head + "ACGT,x,chr1,0,4\nACGA,y,chrM,0,4\n")
    two = write(tmp_path / "two.csv", head + "ACGC,x,1,9,13\nACGG,y,MT,9,13\n")
    sources = {
        name: {"url": str(path), "format": "table"} for name, path in (("one", one), ("two", two))
    }
    built = build(tmp_path, sources, label="kind", positive="x", group="chromosome")
    assert built.examples["chromosome"].tolist() == ["chr1", "chrM", "chr1", "chrM"]
    assert built.examples["group"].tolist() == ["chr1", "chrM", "chr1", "chrM"]
    assert any("'chr1' and '1'; 'chrM' and 'MT'" in note for note in built.facts["notes"])


def test_partitions_may_be_written_in_capitals(tmp_path):
    sources = made(tmp_path, ["Train ", "TEST", "tune", "train"])
    settings = {**SETTINGS, "group": None}
    built = build(tmp_path, sources, "donor", **settings)
    assert built.examples["partition"].tolist() == ["train", "test", "tune", "train"]
    sources = made(tmp_path, ["train", "validation", "tune", "test"])
    assert "'validation' is no partition" in build_refusal(tmp_path, sources, "donor", **settings)
