import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from source_files import cut, open_source, read, read_all, refusal, write

from deeprules.ingest import text_lines

ROWS = "cell\tg1\tkind\tg2\tg3\na\t1\tx\t2.5\t-3\nb\t0\ty\t1e3\tNA\n"
COLUMNS = '"a","b"\n"g1",1,0\n"kind","x","y"\n"g2",2.5,1e3\n"g3",-3,NA\n'
VALUES = np.array([[1, 2.5, -3], [0, 1000, np.nan]])


@pytest.mark.parametrize("name", ["m.tsv", "m.csv.gz"])
def test_samples_in_rows(tmp_path, name):
    text = ROWS.replace("\t", ",") if "csv" in name else ROWS
    [chunk] = read("matrix", open_source(write(tmp_path / name, text), metadata=["kind"]))
    np.testing.assert_array_equal(chunk.features, VALUES)
    assert chunk.features.dtype == np.float64
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
    assert "m.csv: 2 times, " in message
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


# what is no feature, and no sample


def matrix_text(columns, n=12, separator=","):
    """A matrix with samples in rows: `{name: function of the row's number, or a value}`."""
    cells = [[str(one(i) if callable(one) else one) for one in columns.values()] for i in range(n)]
    return "".join(f"{separator.join(row)}\n" for row in [list(columns), *cells])


def noise(i):
    """Numbers with no order."""
    return round((i * 0.7548776662466927) % 1, 4)


@pytest.mark.parametrize(
    "first",
    [
        {"patient": lambda i: 1000 - 7 * i},
        {"Unnamed: 0": lambda i: i},
        {"X": lambda i: i + 1},
        {"X": lambda i: float(i + 1)},
        {"index": lambda i: (i * 5) % 12},
    ],
)
def test_a_first_column_of_whole_numbers_may_be_ids_or_a_feature(tmp_path, first):
    path = write(tmp_path / "m.csv", matrix_text({**first, "g1": noise, "g2": noise}))
    [name] = first
    message = refusal("matrix", open_source(path))
    assert f"first column, {name!r}, holds numbers: it may be the ids" in message
    table, values = read_all("matrix", open_source(path, columns={"id": name}))
    assert len(set(table["id"])) == 12 and values.shape == (12, 2)
    source = open_source(path, metadata=[name])
    table, values = read_all("matrix", source)
    assert "id" not in table and values.shape == (12, 2)
    assert source.notes == [
        "No column of made names the samples: each is called by the number of its row."
    ]


@pytest.mark.parametrize("first", [noise, lambda i: i % 3])
def test_a_first_column_that_is_a_feature_stays_one(tmp_path, first):
    path = write(tmp_path / "m.csv", matrix_text({"g1": first, "g2": noise}))
    source = open_source(path)
    [*_, chunk] = read("matrix", source)
    assert list(chunk.feature_names) == ["g1", "g2"] and "id" not in chunk.table
    assert "names the samples" in source.notes[0]
    assert chunk.place(0, "g2") == ("2", "g2")


def test_a_first_column_of_text_that_repeats_is_no_id(tmp_path):
    text = matrix_text({"sex": lambda i: "mf"[i % 2], "g1": noise})
    path = write(tmp_path / "m.csv", text)
    assert "'sex', does not name the samples: m, f appear" in refusal("matrix", open_source(path))
    table, _ = read_all("matrix", open_source(path, metadata=["sex"]))
    assert list(table) == ["sex"]


@pytest.mark.parametrize("header", ["id", ""])
def test_a_column_called_id_or_without_a_name_may_hold_numbers(tmp_path, header):
    path = write(tmp_path / "m.csv", matrix_text({header: lambda i: 7 * i, "g1": noise}))
    table, values = read_all("matrix", open_source(path))
    assert table["id"].tolist() == [str(7 * i) for i in range(12)] and values.shape == (12, 1)


@pytest.mark.parametrize("name", ["Unnamed: 0", "Unnamed: 3", "...1"])
@pytest.mark.parametrize("cell", [lambda i: i, noise])
def test_columns_that_lost_their_names_are_no_features(tmp_path, name, cell):
    path = write(tmp_path / "m.csv", matrix_text({"id": lambda i: f"s{i}", name: cell, "g": noise}))
    assert f"lost their names (1): {name}" in refusal("matrix", open_source(path))
    _, values = read_all("matrix", open_source(path, metadata=[name]))
    assert values.shape == (12, 1)
    turned = pd.read_csv(path).set_index("id").T.to_csv().replace("s3,", f"{name},")
    source = open_source(write(tmp_path / "t.csv", turned), orientation="samples_in_columns")
    assert f"lost their names (1): {name}" in refusal("matrix", source)


def test_an_index_beside_the_ids_is_no_feature(tmp_path):
    pd.read_csv(io.StringIO(matrix_text({"id": lambda i: f"s{i}", "g": noise}))).to_csv(
        tmp_path / "m.csv"
    )
    assert "lost their names (1): Unnamed: 0" in refusal("matrix", open_source(tmp_path / "m.csv"))


HTSEQ = ["__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned"]
HTSEQ += ["__alignment_not_unique"]
STAR = ["N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"]


@pytest.mark.parametrize("block", [40, 10**6])
@pytest.mark.parametrize(
    "counters", [HTSEQ, [name[2:] for name in HTSEQ], STAR, ["Unassigned_NoFeatures", "_empty"]]
)
@pytest.mark.parametrize("orientation", ["samples_in_rows", "samples_in_columns"])
def test_counts_of_reads_of_no_gene_are_left_out(
    tmp_path, monkeypatch, block, counters, orientation
):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    frame = pd.DataFrame({"g1": [1, 2], "g2": [3, 4]}, index=["a", "b"])
    frame = pd.concat(
        [frame[["g1"]], frame[["g2"]].assign(**dict.fromkeys(counters, 10**6))], axis=1
    )
    if orientation == "samples_in_columns":
        frame = frame.T
    frame.to_csv(tmp_path / "m.csv")
    source = open_source(tmp_path / "m.csv", orientation=orientation)
    chunks = read("matrix", source)
    assert all(list(chunk.feature_names) == ["g1", "g2"] for chunk in chunks)
    values = np.concatenate([chunk.features for chunk in chunks])
    np.testing.assert_array_equal(values, [[1, 3], [2, 4]])
    assert source.notes == [
        f"made: {len(counters)} counts of reads that belong to no gene were left out "
        f"({', '.join(counters)})."
    ]
    source = open_source(tmp_path / "m.csv", orientation=orientation, metadata=counters[:1])
    chunk = read("matrix", source)[0]
    assert list(chunk.feature_names) == ["g1", "g2"] and counters[0] in chunk.table


@pytest.mark.parametrize(
    ("text", "orientation", "message"),
    [
        ("N_unmapped\t100\t200\nN_multimapping\t1\t2\n", "samples_in_columns", "is no header"),
        ("a\t1.5\t0.5\t2.5\nb\t1\t2\t3\n", "samples_in_rows", "the first line is no header"),
        ("a\tb\tc\n1.5\t2\t3\n2.5\t2\t3\n", "samples_in_columns", "not the names of the features"),
        (
            "n\ta\n" + "".join(f"{i}\t{noise(i)}\n" for i in range(12)),
            "samples_in_columns",
            "not the names of the features",
        ),
    ],
)
def test_numbers_are_no_names(tmp_path, text, orientation, message):
    path = write(tmp_path / "m.tsv", text)
    assert message in refusal("matrix", open_source(path, orientation=orientation))


def test_wavelengths_and_numbers_of_genes_are_names(tmp_path):
    path = write(tmp_path / "m.csv", "id,400.5,401.5,403\na,1,2,3\n")
    assert read_all("matrix", open_source(path))[1].shape == (1, 3)
    path = write(tmp_path / "g.csv", "gene,a,b\n7157,1,2\n672,3,4\n")
    source = open_source(path, orientation="samples_in_columns")
    assert read("matrix", source)[0].feature_names == ["7157", "672"]


@pytest.mark.parametrize("cell", ["1,5", "1,234.5", "1.234,5", "1,234", "-1,5"])
def test_commas_in_numbers_are_refused(tmp_path, cell):
    path = write(tmp_path / "m.csv", f'id,g1\na,1\nb,"{cell}"\n')
    message = refusal("matrix", open_source(path))
    assert f"row 3 (b), column 'g1': {cell!r} is no number. Write numbers with a decimal" in message


def test_nested_columns_are_no_features(tmp_path):
    frame = pa.table({"id": ["a", "b"], "g1": [1, 2], "tags": [[1], [2, 3]]})
    pa.parquet.write_table(frame, tmp_path / "m.parquet")
    source = open_source(tmp_path / "m.parquet")
    assert read("matrix", source)[0].feature_names == ["g1"]
    assert source.notes == [
        "made: the column tags was left out, its cells are no single values (list<element: int64>)."
    ]
    source = open_source(tmp_path / "m.parquet", metadata=["tags"])
    assert "no single values: tags (list<" in refusal("matrix", source)


@pytest.mark.parametrize("text", ["gene\nA\nB\n", "gene s1\nA 1\nB 2 3\n"])
def test_a_matrix_of_one_column_has_no_samples(tmp_path, text):
    source = open_source(write(tmp_path / "m.txt", text), orientation="samples_in_columns")
    assert "it has no column with a sample: gene" in refusal("matrix", source)
