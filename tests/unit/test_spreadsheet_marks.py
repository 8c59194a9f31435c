"""Names that a spreadsheet changed are told, and refused where they are ids."""

import pytest
from source_files import build, build_refusal, open_source, write

from deeprules.ingest.spreadsheet_marks import note_marks

ROLES = {"modality": "tabular", "label": "kind", "positive": "x"}
SYMBOLS = [f"GENE{i}" for i in range(50)]


def notes(tmp_path, names):
    """What is said of the names of features."""
    source = open_source(write(tmp_path / "m.csv", "x"))
    note_marks(source, names)
    return source.notes


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1-Mar", "turned into dates (1): 1-Mar. Take the names from the original file"),
        ("Mar-01", "turned into dates (1): Mar-01."),
        ("2-Sep", "turned into dates (1): 2-Sep."),
        ("44256", "turned into the number of a day (1): 44256 is 2021-03-01."),
        ("2.31E+19", "turned into numbers with an exponent (1): 2.31E+19."),
    ],
)
def test_genes_that_a_spreadsheet_changed_are_told(tmp_path, name, told):
    [note] = notes(tmp_path, [*SYMBOLS, name])
    assert told in note


@pytest.mark.parametrize(
    "names", [SYMBOLS, [str(44256 + i) for i in range(50)], [*SYMBOLS, "44200", "99999", "MARCH1"]]
)
def test_other_names_of_genes_are_not(tmp_path, names):
    assert notes(tmp_path, names) == []


def matrix(tmp_path, ids):
    """Sources of a matrix with these ids."""
    rows = "".join(f"{name},{'xy'[i % 2]},{i * 7 % 5}\n" for i, name in enumerate(ids))
    path = write(tmp_path / "m.csv", "id,kind,g\n" + rows)
    return {"m": {"url": str(path), "format": "matrix", "metadata": ["kind"]}}


@pytest.mark.parametrize("name", ["1.23457E+11", "1E+05", "2-Sep", "01/03/2021"])
def test_ids_that_a_spreadsheet_changed_are_refused(tmp_path, name):
    sources = matrix(tmp_path, ["a", "b", name, "c"])
    message = build_refusal(tmp_path, sources, **ROLES)
    assert f"row 4 ({name}), column 'id': the id {name!r}" in message and "1 problem" in message
    samples = write(tmp_path / "s.csv", f"id,kind\na,x\nb,y\n{name},x\nc,y\n")
    sources = {
        "m": {"url": str(write(tmp_path / "n.csv", "id,g\na,1\nb,2\n")), "format": "matrix"},
        "s": {"url": str(samples), "format": "table"},
    }
    message = build_refusal(tmp_path, sources, samples="s", **ROLES)
    assert f"s.csv, row 4, column 'id': the id {name!r}" in message


def test_zeros_that_some_ids_may_have_lost_are_noted(tmp_path):
    found = build(tmp_path, matrix(tmp_path, ["0101", "99", "0103", "1200"]), **ROLES).facts[
        "notes"
    ]
    assert any(
        "ids of 4 digits begin with 0 (0101, 0103), others are shorter (99)" in n for n in found
    )


@pytest.mark.parametrize(
    "ids", [["2021-03-01", "2021-03-02", "2021-03-03"], ["001", "002", "103"], ["7", "8", "12"]]
)
def test_ids_of_one_kind_are_left_alone(tmp_path, ids):
    found = build(tmp_path, matrix(tmp_path, ids), **ROLES).facts["notes"]
    assert not [note for note in found if "spreadsheet" in note]
