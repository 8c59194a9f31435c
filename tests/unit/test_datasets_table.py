import pandas as pd
import pytest
from source_files import cut, open_source, read, read_all, refusal, write

from deeprules.ingest import tables

COMMAS = "id,sequence,label\na,ACGT,1\nb,TTTT,\n"


@pytest.mark.parametrize(
    ("name", "separator"),
    [("t.csv", ","), ("t.csv", ";"), ("t.tsv", "\t"), ("t.tsv.gz", "\t"), ("t.txt.gz", ",")],
)
def test_separators_and_compression(tmp_path, name, separator):
    path = write(tmp_path / name, COMMAS.replace(",", separator))
    table, sequences = read_all("table", open_source(path))
    assert sequences == ["ACGT", "TTTT"]
    assert list(table) == ["id", "label"]
    assert table["label"][0] == "1" and table["label"].isna()[1]


def test_parquet_is_read_as_text(tmp_path):
    frame = pd.DataFrame(
        {"sequence": ["AC", "GT"], "label": [1, 0], "dose": [0.5, None], "kind": ["x", "y"]}
    )
    frame["kind"] = frame["kind"].astype("category")
    frame.to_parquet(tmp_path / "t.parquet")
    table, sequences = read_all("table", open_source(tmp_path / "t.parquet"))
    assert sequences == ["AC", "GT"]
    assert table["label"].tolist() == ["1", "0"] and table["kind"].tolist() == ["x", "y"]
    assert table["dose"][0] == "0.5" and table["dose"].isna()[1]


def test_the_index_that_pandas_writes_names_the_rows(tmp_path):
    frame = pd.DataFrame({"sequence": ["AC", "GT"]}, index=["a", "b"])
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_csv(tmp_path / "t.csv")
    for name in ("t.parquet", "t.csv"):
        assert read_all("table", open_source(tmp_path / name))[0]["id"].tolist() == ["a", "b"]


def test_a_header_with_one_name_fewer_makes_the_first_column_the_id(tmp_path):
    path = write(tmp_path / "t.csv", '"sequence","label"\n"a","ACGT","1"\n"b","TT","0"\n')
    assert read_all("table", open_source(path))[0]["id"].tolist() == ["a", "b"]


def test_columns_renames_and_copies(tmp_path):
    path = write(tmp_path / "t.csv", "name,seq,kind,label\nx,ACGT,good,7\n")
    columns = {"id": "name", "sequence": "seq", "label": "kind", "group": "kind"}
    table, sequences = read_all("table", open_source(path, columns=columns))
    assert sequences == ["ACGT"]
    assert table.iloc[0].to_dict() == {"id": "x", "label": "good", "group": "good"}


def test_row_numbers_are_those_of_the_file_in_every_block(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_BYTES", 200)
    path = write(tmp_path / "t.csv", "sequence\n" + "".join(f"{'A' * 20}\n" for _ in range(50)))
    chunks = read("table", open_source(path))
    assert len(chunks) > 2
    assert [row for chunk in chunks for row in chunk.rows] == list(range(2, 52))


def test_a_line_longer_than_a_block_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_BYTES", 100)
    path = write(tmp_path / "t.csv", f"sequence,label\n{'ACGT' * 100},1\n")
    assert read_all("table", open_source(path))[1] == ["ACGT" * 100]


def test_ragged_rows_are_all_listed_and_the_others_keep_their_numbers(tmp_path):
    path = write(tmp_path / "t.csv", "id,sequence\na,AC\nb\nc,GT\nd,A,C\ne,TT\n")
    source = open_source(path)
    message = refusal("table", source)
    assert "2 problems" in message
    assert "row 3: 1 values where 2 are expected" in message
    assert "row 5: 3 values where 2 are expected" in message
    source = open_source(path)
    [(_, rows)] = tables.read_batches(source)
    assert rows.tolist() == [2, 4, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("id,seq\na,AC\n", "no column 'sequence'"),
        ("id,sequence,id\na,AC,b\n", "column names that appear more than once (1): id"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, text, message):
    assert message in refusal("table", open_source(write(tmp_path / "t.csv", text)))


def test_a_missing_renamed_column_is_named_with_those_that_exist(tmp_path):
    path = write(tmp_path / "t.csv", COMMAS)
    message = refusal("table", open_source(path, columns={"sequence": "seq"}))
    assert "no column 'seq'" in message and "id, sequence, label" in message


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,sequence\n\xff\xfe,AC\n")
    assert "cannot be read as a table" in refusal("table", open_source(path))
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing more")
    assert "cannot be read as Parquet" in refusal("table", open_source(tmp_path / "t.parquet"))


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_gzip_file_cut_short_is_refused(tmp_path, share):
    text = "id,sequence\n" + "".join(f"{i},{i * i:040b}\n" for i in range(5000))
    path = cut(write(tmp_path / "t.csv.gz", text), share)
    assert "t.csv.gz is cut short or damaged" in refusal("table", open_source(path))
