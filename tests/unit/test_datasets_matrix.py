import numpy as np
import pandas as pd
import pytest
from source_files import cut, open_source, read, read_all, refusal, write

from deeprules.ingest import text_lines

ROWS = "cell\tg1\tkind\tg2\tg3\na\t1\tx\t2.5\t-3\nb\t0\ty\t1e3\tNA\n"
COLUMNS = '"a","b"\n"g1",1,0\n"kind","x","y"\n"g2",2.5,1e3\n"g3",-3,NA\n'
VALUES = np.array([[1, 2.5, -3], [0, 1000, np.nan]], dtype=np.float32)


@pytest.mark.parametrize("name", ["m.tsv", "m.csv.gz"])
def test_samples_in_rows(tmp_path, name):
    text = ROWS.replace("\t", ",") if "csv" in name else ROWS
    [chunk] = read("matrix", open_source(write(tmp_path / name, text), metadata=["kind"]))
    np.testing.assert_array_equal(chunk.features, VALUES)
    assert chunk.features.dtype == np.float32
    assert list(chunk.feature_names) == ["g1", "g2", "g3"]
    assert chunk.table[["id", "kind"]].to_numpy().tolist() == [["a", "x"], ["b", "y"]]
    assert chunk.place(1, "g3") == ("3 (b)", "g3")


@pytest.mark.parametrize("block", [20, 10**6])
def test_samples_in_columns(tmp_path, monkeypatch, block):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    path = write(tmp_path / "m.csv.gz", COLUMNS)
    settings = {"orientation": "samples_in_columns", "metadata": ["kind"]}
    chunks = read("matrix", open_source(path, chunk_rows=1, columns={"label": "kind"}, **settings))
    np.testing.assert_array_equal(np.concatenate([chunk.features for chunk in chunks]), VALUES)
    assert [chunk.table.iloc[0].to_dict() for chunk in chunks] == [
        {"id": "a", "label": "x"},
        {"id": "b", "label": "y"},
    ]
    assert list(chunks[0].feature_names) == ["g1", "g2", "g3"]
    assert chunks[1].place(0, "g3") == ("g3", "b")


def test_parquet_with_the_samples_in_its_index(tmp_path):
    frame = pd.DataFrame(VALUES, index=pd.Index(["a", "b"], name="cell"), columns=list("pqr"))
    frame["r"] = frame["r"].astype("float64")
    frame.to_parquet(tmp_path / "m.parquet")
    chunks = read("matrix", open_source(tmp_path / "m.parquet", chunk_rows=1))
    np.testing.assert_array_equal(np.concatenate([chunk.features for chunk in chunks]), VALUES)
    assert [chunk.table["id"][0] for chunk in chunks] == ["a", "b"]
    assert chunks[0].feature_names == ["p", "q", "r"]


def test_the_id_may_be_another_column(tmp_path):
    source = open_source(write(tmp_path / "m.tsv", ROWS), columns={"id": "kind"}, metadata=["cell"])
    table, values = read_all("matrix", source)
    assert table["id"].tolist() == ["x", "y"] and table["cell"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(values, VALUES)


def test_every_cell_that_is_no_number_is_listed(tmp_path):
    text = "id,g1,g2\na,1,high\nb, 2,3\nc,1_0,\nd,4,5\n"
    message = refusal("matrix", open_source(write(tmp_path / "m.csv", text)))
    assert "2 problems" in message
    assert "row 2 (a), column 'g2': 'high' is no number" in message
    assert "row 4 (c), column 'g1': '1_0' is no number" in message
    turned = "id,a,b\ng1,1,2\ng2,high,3\n"
    source = open_source(write(tmp_path / "t.csv", turned), orientation="samples_in_columns")
    assert "row g2, column 'a': 'high' is no number" in refusal("matrix", source)


@pytest.mark.parametrize(
    ("orientation", "text", "message"),
    [
        ("samples_in_rows", "id,g1,g1\na,1,2\n", "column names that appear more than once (1): g1"),
        (
            "samples_in_columns",
            "id,a,a\ng1,1,2\n",
            "column names that appear more than once (1): a",
        ),
        (
            "samples_in_columns",
            "id,a,b\ng1,1,2\ng1,1,2\n",
            "features that appear more than once (1): g1",
        ),
        ("samples_in_columns", "id,a,b\n,1,2\n", "a feature has no name"),
    ],
)
def test_names_that_appear_twice_or_not_at_all_are_refused(tmp_path, orientation, text, message):
    source = open_source(write(tmp_path / "m.csv", text), orientation=orientation)
    assert message in refusal("matrix", source)


@pytest.mark.parametrize(
    ("orientation", "text"), [("samples_in_rows", ROWS), ("samples_in_columns", COLUMNS)]
)
def test_metadata_must_exist_and_leave_features(tmp_path, orientation, text):
    path = write(tmp_path / "m.txt", text)
    source = open_source(path, orientation=orientation, metadata=["kind", "sex"])
    assert "lacks the metadata 'sex'" in refusal("matrix", source)
    source = open_source(path, orientation=orientation, metadata=["kind", "g1", "g2", "g3"])
    assert "is a feature" in refusal("matrix", source)


def test_a_gzip_file_cut_short_is_refused(tmp_path):
    text = "id,a,b\n" + "".join(f"g{i},{i * i},{i}\n" for i in range(3000))
    path = cut(write(tmp_path / "m.csv.gz", text))
    source = open_source(path, orientation="samples_in_columns")
    assert "m.csv.gz is cut short or damaged" in refusal("matrix", source)
