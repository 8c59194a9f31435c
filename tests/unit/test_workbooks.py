"""Excel files are read as text tables are; what a sheet hides is told."""

import datetime

import numpy as np
import openpyxl
import pytest
from source_files import build, build_refusal, open_source, read, read_all, refusal

ROWS = [["id", "g1", "g2"], ["a", 1, 2.5], ["b", 0, -1000.0]]
VALUES = np.array([[1, 2.5], [0, -1000]])


def workbook(path, *, change=None, **sheets):
    """A workbook with these sheets, `{title: rows}`."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change is not None:
        change(book)
    book.save(path)
    return path


def test_a_sheet_is_a_matrix_in_any_direction(tmp_path):
    source = open_source(workbook(tmp_path / "m.xlsx", data=ROWS), chunk_rows=1)
    table, values = read_all("matrix", source)
    np.testing.assert_array_equal(values, VALUES)
    assert table["id"].tolist() == ["a", "b"] and source.notes == []
    turned = [["", "a", "b"], ["g1", 1, 0], ["g2", 2.5, -1000]]
    path = workbook(tmp_path / "t.xlsx", data=turned)
    [chunk] = read("matrix", open_source(path, orientation="samples_in_columns"))
    np.testing.assert_array_equal(chunk.features, VALUES)


def test_the_rows_of_a_sheet_have_its_numbers(tmp_path):
    rows = [["Table S1"], [], *ROWS, [], ["c", "high", None]]
    path = workbook(tmp_path / "m.xlsx", data=rows)
    message = refusal("matrix", open_source(path, skip_rows=1))
    assert "row 7 (c), column 'g1': 'high' is no number" in message
    message = refusal("matrix", open_source(path))
    assert "row 1 has one value, 'Table S1', and the row below has 3" in message
    assert "`skip_rows: 1`" in message


def test_of_two_sheets_one_has_to_be_named(tmp_path):
    path = workbook(tmp_path / "m.xlsx", counts=ROWS, key=[["x"], ["y"]], empty=[])
    assert "it has 2 sheets: counts, key. Say which, with `sheet: its name`" in refusal(
        "matrix", open_source(path)
    )
    assert read_all("matrix", open_source(path, sheet="counts"))[1].shape == (2, 2)
    message = refusal("matrix", open_source(path, sheet="count"))
    assert "no sheet 'count'. Correct `sheet`; it has counts, key, empty" in message


@pytest.mark.parametrize("row", [1, 2])
@pytest.mark.parametrize("gap", [0, 2])
def test_a_remark_beside_the_table_moves_no_column(tmp_path, row, gap):
    rows = [list(cells) for cells in ROWS]
    rows[row] += [*[None] * gap, "checked"]
    path = workbook(tmp_path / "m.xlsx", data=rows)
    cell = f"{'DEF'[gap]}{row + 1}"
    message = refusal("matrix", open_source(path, chunk_rows=1))
    assert f"the cell {cell} ('checked') stands beside the table, under no name" in message


def test_names_of_rows_for_which_the_header_has_none_are_ids(tmp_path):
    path = workbook(tmp_path / "m.xlsx", data=[ROWS[0][1:], *ROWS[1:]])
    table, values = read_all("matrix", open_source(path))
    assert table["id"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(values, VALUES)


def test_hidden_and_empty_sheets_are_passed_over(tmp_path):
    def hide(book):
        book["old"].sheet_state = "hidden"

    path = workbook(tmp_path / "m.xlsx", change=hide, old=ROWS, now=ROWS, empty=[])
    source = open_source(path)
    assert len(read("matrix", source)) == 1
    assert source.notes == ["made: the sheet 'now' was read, the only one to see that is filled."]


def test_cells_become_the_text_that_they_show(tmp_path):
    day = datetime.datetime(2026, 3, 1)
    rows = [
        ["id", "sequence", "day", "is", "n"],
        ["a", "AC", day, True, 3.0],
        ["b", "GT", None, False, "NA"],
    ]
    source = open_source(workbook(tmp_path / "t.xlsx", data=rows))
    table, _ = read_all("table", source)
    assert table.loc[0].tolist() == ["a", "2026-03-01", "TRUE", "3"]
    assert table.loc[1].isna().tolist() == [False, True, False, True]
    assert source.notes == [
        "made: dates in the column 'day' were read as text, such as 2026-03-01."
    ]


def test_formulas_need_a_saved_result(tmp_path):
    rows = [*ROWS, ["c", "=B2+1", 1]]
    message = refusal("matrix", open_source(workbook(tmp_path / "m.xlsx", data=rows)))
    assert "formulas without a saved result (1): B4" in message


@pytest.mark.parametrize("cells", ["A2:A3", "B1:C1"])
def test_merged_cells_of_the_table_are_refused(tmp_path, cells):
    def merge(book):
        book["data"].merge_cells(cells)

    path = workbook(tmp_path / "m.xlsx", change=merge, data=ROWS)
    assert f"merged cells in the sheet 'data' (1): {cells}" in refusal("matrix", open_source(path))


def test_a_merged_title_above_the_table_does_no_harm(tmp_path):
    def merge(book):
        book["data"].merge_cells("A1:C1")

    path = workbook(tmp_path / "m.xlsx", change=merge, data=[["Title"], *ROWS])
    assert read_all("matrix", open_source(path, skip_rows=1))[1].shape == (2, 2)


def test_hidden_rows_are_told_and_a_hidden_header_is_refused(tmp_path):
    def hide(number):
        def change(book):
            book["data"].row_dimensions[number].hidden = True

        return change

    source = open_source(workbook(tmp_path / "m.xlsx", change=hide(3), data=ROWS))
    assert read_all("matrix", source)[1].shape == (2, 2)
    assert source.notes == ["made: hidden rows were read as all others (1): 3."]
    path = workbook(tmp_path / "h.xlsx", change=hide(1), data=ROWS)
    assert "would be the header, but it is hidden" in refusal("matrix", open_source(path))


def test_errors_of_excel_are_reported_with_their_cell(tmp_path):
    rows = [*ROWS, ["c", "#DIV/0!", "#N/A"]]
    message = refusal("matrix", open_source(workbook(tmp_path / "m.xlsx", data=rows)))
    assert "1 problem" in message and "row 4, column 'g1': it holds the error #DIV/0!" in message


def test_sheets_build_a_data_set(tmp_path):
    samples = [["name", "kind"], ["a", "x"], ["b", "y"]]
    sources = {
        "m": {"url": str(workbook(tmp_path / "m.xlsx", data=ROWS)), "format": "matrix"},
        "s": {
            "url": str(workbook(tmp_path / "s.xlsx", data=samples)),
            "format": "table",
            "columns": {"id": "name"},
        },
    }
    roles = {"modality": "tabular", "label": "kind", "positive": "x", "samples": "s"}
    built = build(tmp_path, sources, **roles)
    np.testing.assert_array_equal(built.features, VALUES.astype("float32"))
    (tmp_path / "s.xlsx").write_bytes((tmp_path / "s.xlsx").read_bytes()[:900])
    for name in ("examples.parquet", "features.npy", "dataset.json", "feature_names.txt"):
        (tmp_path / name).unlink()
    assert "is cut short" in build_refusal(tmp_path, sources, **roles)
