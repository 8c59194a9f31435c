"""Tables as programs and people write them read the same, and what was found is told."""

import bz2
import gzip
import lzma

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from source_files import open_source, read, read_all, refusal, write

from deeprules.errors import InputError
from deeprules.ingest import text_lines

TEXT = "id\tg1\tg2\na\t1\t2.5\nb\t0\t-1e3\n"
VALUES = np.array([[1, 2.5], [0, -1000]])


def zstd(content):
    """Text compressed by zstd."""
    return bytes(pa.Codec("zstd").compress(content))


COMPRESSED = {
    "gz": gzip.compress,
    "bgz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}


def matrix_of(tmp_path, text, name="m.txt", encoding="utf-8", **settings):
    """The values of a matrix with these samples, and the notes."""
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    source = open_source(path, **settings)
    table, values = read_all("matrix", source)
    assert table["id"].tolist() == ["a", "b"]
    return values, source.notes


@pytest.mark.parametrize("block", [10**6, 5])
@pytest.mark.parametrize(
    ("text", "note"),
    [
        (TEXT, None),
        (TEXT.replace("\t", ","), None),
        (TEXT.replace("\t", ";"), "separated by semicolons"),
        (TEXT.replace("\t", "|"), "separated by pipes"),
        (TEXT.replace("\t", " "), "separated by blanks"),
        ("  id   g1  g2 \n  a  1    2.5\n  b   0  -1e3  \n", "separated by blanks"),
        ('"g1" "g2"\n"a" 1 2.5\n"b" 0 -1e3\n', "separated by blanks"),
        ("sep=;\n" + TEXT.replace("\t", ";"), "separated by semicolons"),
        (TEXT.replace("\t", ";").replace(".", ","), "have a decimal comma"),
        (TEXT.replace(".", ","), "have a decimal comma"),
        ("# made by hand\n#\n" + TEXT, "lines of text beside the table were left out (2)"),
        ("## x\n\n" + TEXT, "left out (1)"),
        ("# one, two, three\n" + TEXT.replace("\t", ","), "left out (1)"),
    ],
)
def test_what_is_written_otherwise_reads_the_same(tmp_path, monkeypatch, text, note, block):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    values, notes = matrix_of(tmp_path, text)
    np.testing.assert_array_equal(values, VALUES)
    assert not notes if note is None else note in " ".join(notes)


@pytest.mark.parametrize("block", [10**6, 5])
@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("Table S1; by X\n\n" + TEXT, {"skip_rows": 2}),
        ("% x\n" + TEXT.replace("b\t", "% y\t1\nb\t") + "% end\n", {"comment": "%"}),
        (TEXT.replace("\t", "~"), {"delimiter": "~"}),
        (TEXT.replace("\t", ";").replace("2.5", "2,5"), {"delimiter": "semicolon", "decimal": ","}),
        (TEXT.replace("2.5", "002,5"), {"decimal": ","}),
        (TEXT.replace("-1e3", "-1,000"), {"thousands": ","}),
        (TEXT.replace("-1e3", "-1.000").replace("2.5", "2,5"), {"thousands": ".", "decimal": ","}),
        (TEXT.replace("-1e3", "-1\u00a0000"), {"thousands": " "}),
    ],
)
def test_what_the_configuration_says_is_done(tmp_path, monkeypatch, text, settings, block):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    np.testing.assert_array_equal(matrix_of(tmp_path, text, **settings)[0], VALUES)


GROUPED = ("1.234", "567", "12.890", "0", "102", "1.234.567", "3.100", "999", "-45")


def feature_of(tmp_path, values, separator="\t", **settings):
    """The first feature of a matrix in which it is written as these values."""
    rows = [f"s{at}{separator}{value}{separator}1" for at, value in enumerate(values)]
    path = write(tmp_path / "m.txt", "\n".join([f"id{separator}g1{separator}g2", *rows, ""]))
    return read_all("matrix", open_source(path, **settings))[1][:, 0].tolist()


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_a_point_between_thousands_is_refused_until_it_is_told(tmp_path, separator):
    with pytest.raises(InputError) as caught:
        feature_of(tmp_path, GROUPED, separator)
    told = "line 2, column 'g1': '1.234' seems to have a point between thousands, as other numbers"
    assert told in str(caught.value)
    assert "have three digits and no point, such as '567'. Say what the point is" in str(
        caught.value
    )
    values = feature_of(tmp_path, GROUPED, separator, thousands=".", decimal=",")
    assert values == [1234, 567, 12890, 0, 102, 1234567, 3100, 999, -45]
    decimals = [number for number in GROUPED if number.count(".") < 2]
    assert feature_of(tmp_path, decimals, separator, decimal=".") == [*map(float, decimals)]


@pytest.mark.parametrize("other", ["0.5", "1234", "12.5", "0.123", "1.2345", "1e5", "1234.500"])
def test_a_point_that_some_number_shows_to_be_decimal_is_one(tmp_path, other):
    numbers = ["1.234", "567", "12.890", "102", "3.100", "999", other]
    assert feature_of(tmp_path, numbers) == [*map(float, numbers)]


@pytest.mark.parametrize("numbers", [["1.234", "567", "2.345"], ["1.234", "0", "3.456", "7.100"]])
def test_few_numbers_show_no_thousands(tmp_path, numbers):
    assert feature_of(tmp_path, numbers) == [*map(float, numbers)]


@pytest.mark.parametrize(
    ("encoding", "settings", "note"),
    [
        ("utf-8", {}, None),
        ("utf-8-sig", {}, None),
        ("utf-16", {}, "read as utf-16"),
        ("utf-16-le", {"encoding": "utf-16-le"}, "read as utf-16-le"),
        ("cp1252", {"encoding": "cp1252"}, "read as cp1252"),
        ("latin-1", {"encoding": "latin-1"}, "read as latin-1"),
    ],
)
@pytest.mark.parametrize("block", [10**6, 3])
def test_encodings(tmp_path, monkeypatch, encoding, settings, note, block):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    text = TEXT.replace("g1", "Größe")
    path = tmp_path / "m.tsv"
    path.write_bytes(text.encode(encoding))
    source = open_source(path, **settings)
    assert read("matrix", source)[0].feature_names == ["Größe", "g2"]
    assert source.notes == ([f"made: its text was {note}."] if note else [])


def test_an_encoding_that_is_not_said_is_proposed_with_what_it_gives(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_bytes(TEXT.replace("g1", "Größe").encode("cp1252"))
    message = refusal("matrix", open_source(path))
    assert "line 1: it is not UTF-8 (byte 0xf6)" in message
    assert "Set `encoding: cp1252`" in message and "Größe" in message
    assert "it is not utf-16" in refusal("matrix", open_source(path, encoding="utf-16"))


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_every_text_may_be_compressed(tmp_path, suffix):
    path = tmp_path / f"m.csv.{suffix}"
    path.write_bytes(COMPRESSED[suffix](TEXT.replace("\t", ",").encode()))
    np.testing.assert_array_equal(read_all("matrix", open_source(path))[1], VALUES)
    path = tmp_path / f"a.fa.{suffix}"
    path.write_bytes(COMPRESSED[suffix](b">a\nACGT\n"))
    assert read_all("fasta", open_source(path))[1] == ["ACGT"]
    genome = tmp_path / f"genome.fa.{suffix}"
    genome.write_bytes(COMPRESSED[suffix](b">chr1\nACGT\n"))
    bed = tmp_path / f"a.bed.{suffix}"
    bed.write_bytes(COMPRESSED[suffix](b"chr1\t1\t3\n"))
    assert read_all("bed", open_source(bed, genome))[1] == ["CG"]


@pytest.mark.parametrize("suffix", COMPRESSED)
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_a_compressed_file_that_is_cut_short_is_refused(tmp_path, suffix, share):
    noise = np.random.default_rng(0).normal(size=5000)
    text = "id,g\n" + "".join(f"s{i},{value}\n" for i, value in enumerate(noise))
    content = COMPRESSED[suffix](text.encode())
    path = tmp_path / f"m.csv.{suffix}"
    path.write_bytes(content[: int(share * len(content))])
    assert "is cut short or damaged" in refusal("matrix", open_source(path))


@pytest.mark.parametrize("block", [10**6, 5])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("1\t2.5", "1,5\t2.5"), "column 'g1'"),
        (TEXT.replace("\t0\t", "\t0,5\t"), "'0,5'"),
        (TEXT.replace("2.5", "2,5").replace("-1e3", "1.5"), "'1.5' (line 3, column 'g2')"),
        (TEXT.replace("2.5", "2,500"), "line 2, column 'g2': it is not clear whether '2,500' has"),
        (TEXT.replace("a\t1\t2.5", "a,1,2.5"), "line 2 is separated by commas, the header by tabs"),
        (TEXT.replace("b\t0\t-1e3", "b;0;-1e3"), "line 3 is separated by semicolons, the header"),
        (TEXT + "# end\n", "or set `comment: '#'`"),
    ],
)
def test_mixed_marks_are_one_message(tmp_path, monkeypatch, text, message, block):
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block)
    assert message in refusal("matrix", open_source(write(tmp_path / "m.tsv", text)))


def test_a_point_where_commas_are_declared_is_refused(tmp_path):
    path = write(tmp_path / "m.tsv", TEXT.replace("0\t", "1,5\t"))
    message = refusal("matrix", open_source(path, decimal=","))
    assert "mixed decimal marks: a point in '2.5' (line 2, column 'g2')" in message


def test_text_with_commas_stays_as_it_is(tmp_path):
    text = "id\tsequence\tplace\tage\na\tAC\t1,5-7\t1,5\nb\tGT\tx, y\t2\n"
    table, _ = read_all("table", open_source(write(tmp_path / "t.tsv", text)))
    assert table["place"].tolist() == ["1,5-7", "x, y"] and table["age"].tolist() == ["1.5", "2"]


def test_rows_keep_their_numbers_beside_comments(tmp_path):
    path = write(tmp_path / "m.tsv", "# x\n\n" + TEXT.replace("2.5", "high"))
    assert "row 4 (a), column 'g2': 'high' is no number" in refusal("matrix", open_source(path))


def test_a_declared_setting_may_be_that_of_the_file(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "g1": [1, 0], "g2": [2.5, -1000]})
    frame.to_parquet(tmp_path / "m.parquet")
    assert read_all("matrix", open_source(tmp_path / "m.parquet", decimal="."))[1].shape == (2, 2)
