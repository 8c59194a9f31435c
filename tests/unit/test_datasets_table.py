import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from source_files import cut, open_source, read, read_all, refusal, write

from deeprules.ingest import tables, text_lines

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


def test_whole_numbers_that_parquet_holds_as_floats_have_their_digits(tmp_path):
    donors = [12345678901.0, 20230101.0, 9007199254740991.0, -0.0, 0.5, 1e16, float("nan"), None]
    frame = pa.table({"sequence": ["AC"] * 8, "donor": pa.array(donors, pa.float64())})
    pa.parquet.write_table(frame, tmp_path / "t.parquet")
    [chunk] = read("table", open_source(tmp_path / "t.parquet", chunk_rows=8))
    expected = ["12345678901", "20230101", "9007199254740991", "0", "0.5", "1e+16", "nan"]
    assert chunk.table["donor"].tolist()[:7] == expected and chunk.table["donor"].isna()[7]


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
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 200)
    path = write(tmp_path / "t.csv", "sequence\n" + "".join(f"{'A' * 20}\n" for _ in range(50)))
    chunks = read("table", open_source(path))
    assert len(chunks) > 2
    assert [row for chunk in chunks for row in chunk.rows] == list(range(2, 52))


def test_a_line_longer_than_a_block_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 100)
    path = write(tmp_path / "t.csv", f"sequence,label\n{'ACGT' * 100},1\n")
    assert read_all("table", open_source(path))[1] == ["ACGT" * 100]


def test_ragged_rows_are_all_listed_and_the_others_keep_their_numbers(tmp_path):
    path = write(tmp_path / "t.csv", "id,sequence\na,AC\nb\nc,GT\nd,A,C\ne,TT\n")
    source = open_source(path)
    message = refusal("table", source)
    assert "t.csv: 2 times, " in message
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


def test_parquet_that_is_damaged_is_refused(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing more")
    assert "cannot be read as Parquet" in refusal("table", open_source(tmp_path / "t.parquet"))


def test_parquet_that_is_no_utf_8_is_refused(tmp_path):
    column = pa.array([b"Z\xfcrich", b"Bern"])
    as_text = pa.Array.from_buffers(pa.string(), 2, column.buffers())
    for cells in (column, as_text):
        frame = pa.table({"sequence": ["AC", "GT"], "site": cells})
        pa.parquet.write_table(frame, tmp_path / "t.parquet")
        assert "cannot be read as Parquet" in refusal("table", open_source(tmp_path / "t.parquet"))


@pytest.mark.parametrize("at", [0.3, 0.6])
def test_parquet_with_a_hole_is_refused(tmp_path, at):
    rows = {"sequence": ["ACGT"] * 5000, "label": [str(i * i) for i in range(5000)]}
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table(rows), path, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    hole = int(len(content) * at)
    content[hole : hole + 512] = bytes(512)
    path.write_bytes(content)
    assert "cannot be read as Parquet" in refusal("table", open_source(path))


def test_a_column_called_as_parquet_begins_is_text(tmp_path):
    path = write(tmp_path / "t.csv", "PAR1,sequence\nx,ACGT\n")
    assert read_all("table", open_source(path))[0]["PAR1"].tolist() == ["x"]


TEXT = "id,sequence,label\n" + "".join(f"s{i},ACGT,{i}\n" for i in range(100))


def damaged(text, line, old, new):
    """The text with something changed in one of its lines."""
    lines = text.splitlines(keepends=True)
    assert old in lines[line - 1]
    return "".join([*lines[: line - 1], lines[line - 1].replace(old, new, 1), *lines[line:]])


@pytest.mark.parametrize("block", [10**6, 300])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        # Two quotes with ten rows between them: their text would become one cell.
        (damaged(damaged(TEXT, 20, ",ACGT", ',"ACGT'), 30, ",ACGT", ',"ACGT'), "line 20: a quot"),
        (damaged(TEXT, 101, ",ACGT", ',"ACGT'), "line 101: a quot"),
        (damaged(TEXT, 50, "s48", '"s48\ngoes on"'), "line 50: a quot"),
        (damaged(TEXT, 50, "s48", '"s48\rgoes on"'), "line 50: a quot"),
        (damaged(TEXT, 1, "label", '"la\nbel"'), "line 1: a quot"),
        (damaged(TEXT, 50, "ACGT", "\0" * 4), "line 50: it has bytes of zero"),
        (damaged(TEXT, 50, "s48", "\0" * 400), "line 50: it has bytes of zero"),
        (TEXT + TEXT, "line 102: it is the header again"),
        (TEXT.removesuffix("\n") + TEXT, "row 101: 5 values where 3 are expected"),
        (TEXT.removesuffix(",99\n"), "row 101: 2 values where 3 are expected"),
        (TEXT + TEXT.replace(",", ";").partition("\n")[2], "line 102 is separated by semicolons"),
        (damaged(TEXT, 50, "s48", "Zürich").encode("latin-1"), "line 50: it is not UTF-8"),
        (TEXT.encode("utf-16")[:-1], "it is not utf-16"),
        (TEXT.encode("utf-16-le"), "text in UTF-16"),
        (TEXT.encode("utf-32"), "text in UTF-32"),
    ],
)
def test_damaged_text_is_refused_with_its_line(tmp_path, monkeypatch, block, content, message):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert message in refusal("table", open_source(path))


@pytest.mark.parametrize("block", [10**6, 7])
@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("\n", "\r"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r\n", 50),
        "\ufeff" + TEXT,
        "\n" + TEXT + "\n\n",
        TEXT.removesuffix("\n"),
        TEXT.replace("s1,", '"s1",'),
    ],
)
def test_text_written_otherwise_reads_the_same(tmp_path, monkeypatch, block, content):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    (tmp_path / "t.csv").write_bytes(content.encode())
    table, sequences = read_all("table", open_source(tmp_path / "t.csv"))
    assert sequences == ["ACGT"] * 100 and table["id"].tolist() == [f"s{i}" for i in range(100)]
    assert table["label"].tolist() == [str(i) for i in range(100)]


def test_row_numbers_are_line_numbers_beside_empty_lines_and_ragged_rows(tmp_path):
    path = write(tmp_path / "t.csv", "\nid,sequence\n\na,AC\n\n\nb\nc,GT\n")
    source = open_source(path)
    [(_, rows)] = tables.read_batches(source)
    assert rows.tolist() == [4, 8]
    assert "row 7: 1 values" in refusal("table", open_source(path))


@pytest.mark.parametrize("name", ["t.csv", "t.tsv"])
def test_cells_and_names_of_any_length_are_read(tmp_path, monkeypatch, name):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 1000)
    long = "x" * 200_000
    text = f'id,sequence,"{long}"\na,AC,1\nb,{"ACGT" * 50_000},"{long}"\n'
    path = write(tmp_path / name, text.replace(",", "\t") if name == "t.tsv" else text)
    table, sequences = read_all("table", open_source(path))
    assert [len(one) for one in sequences] == [2, 200_000] and table[long].tolist() == ["1", long]


def test_the_separator_is_the_one_that_splits_header_and_row_alike(tmp_path):
    path = write(tmp_path / "t.csv", "id;sequence;age, in years\na;AC;7\nb;GT;8\n")
    assert read_all("table", open_source(path))[0]["age, in years"].tolist() == ["7", "8"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,sequence,\na,AC,\nb,GT,\n", "columns without a name (1), by position: 3"),
        ("id,,sequence\na,1,AC\nb,2,GT\n", "columns without a name (1), by position: 2"),
        ("id, ,sequence\na,1,AC\nb,2,GT\n", "columns without a name (1), by position: 2"),
        ("name,sequence\na,AC,\nb,GT,\n", "the last one is empty"),
        ('name,sequence\na,AC,""\nb,GT,""\n', "the last one is empty"),
        ("\n\n", "the file is empty"),
    ],
)
def test_headers_that_name_the_columns_wrongly_are_refused(tmp_path, text, message):
    assert message in refusal("table", open_source(write(tmp_path / "t.csv", text)))


def test_row_names_of_r_stand_beside_an_empty_last_cell(tmp_path):
    path = write(tmp_path / "t.csv", "sequence,label\na,AC,\nb,GT,1\n")
    table, sequences = read_all("table", open_source(path))
    assert table["id"].tolist() == ["a", "b"] and sequences == ["AC", "GT"]


def test_an_index_beside_ids_keeps_its_name_from_pandas(tmp_path):
    path = write(tmp_path / "t.csv", ",id,sequence\n0,a,AC\n1,b,GT\n")
    table, _ = read_all("table", open_source(path))
    assert table["id"].tolist() == ["a", "b"] and table["Unnamed: 0"].tolist() == ["0", "1"]


def test_an_index_without_a_name_gives_way_to_a_column_id(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b", "c"], "sequence": ["A", "C", "G"]}).iloc[[2, 0, 1]]
    frame.to_parquet(tmp_path / "t.parquet")
    source = open_source(tmp_path / "t.parquet")
    table, sequences = read_all("table", source)
    assert table["id"].tolist() == ["c", "a", "b"] and sequences == ["G", "A", "C"]
    assert "its index without a name was left out" in source.notes[0]


def test_intervals_of_pandas_are_no_single_values(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "sequence": ["A", "C"], "bin": pd.interval_range(0, 2)})
    frame.to_parquet(tmp_path / "t.parquet")
    table, _ = read_all("table", open_source(tmp_path / "t.parquet"))
    assert list(table) == ["id"]
    source = open_source(tmp_path / "t.parquet", columns={"label": "bin"})
    assert "no single values: bin" in refusal("table", source)


@pytest.mark.parametrize(
    ("above", "message"),
    [
        (
            "Table S1. Peaks\n",
            "line 2 has 3 values, and most lines have not the 1 of the first, 'Table S1. Peaks'",
        ),
        ("Peaks, genes, cells, 2020\n,,\n", "most lines have not the 4 of"),
    ],
)
def test_lines_above_the_header_are_one_problem(tmp_path, above, message):
    text = above + "id,sequence,class\n" + "".join(f"s{i},ACGT,x\n" for i in range(30))
    found = refusal("table", open_source(write(tmp_path / "t.csv", text)))
    assert message in found and "\n" not in found


@pytest.mark.parametrize("kind", ["list", "struct", "map"])
def test_nested_columns_of_parquet_matter_only_if_asked_for(tmp_path, kind):
    cells = {"list": [[1], [2, 3]], "struct": [{"a": 1}, {"a": 2}], "map": [[("a", 1)], []]}
    types = {"map": pa.map_(pa.string(), pa.int64())}
    nested = pa.array(cells[kind], types.get(kind))
    frame = pa.table({"sequence": ["AC", "GT"], "tags": nested})
    pa.parquet.write_table(frame, tmp_path / "t.parquet")
    assert list(read_all("table", open_source(tmp_path / "t.parquet"))[0]) == []
    source = open_source(tmp_path / "t.parquet", columns={"label": "tags"})
    assert f"no single values: tags ({kind}<" in refusal("table", source)


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_gzip_file_cut_short_is_refused(tmp_path, share):
    text = "id,sequence\n" + "".join(f"{i},{i * i:040b}\n" for i in range(5000))
    path = cut(write(tmp_path / "t.csv.gz", text), share)
    assert "t.csv.gz is cut short or damaged" in refusal("table", open_source(path))
