import pysam
import pytest
from source_files import cut, open_source, read, read_all, refusal, write

TWO = ">a first one\nACGT\nAC\n>b second\nTTTT\n"


@pytest.mark.parametrize("name", ["a.fa", "a.fa.gz", "plain_name"])
def test_records_plain_or_compressed_with_wrapped_lines(tmp_path, name):
    table, sequences = read_all("fasta", open_source(write(tmp_path / name, TWO)))
    assert table["id"].tolist() == ["a", "b"]
    assert sequences == ["ACGTAC", "TTTT"]


def test_fastq_is_read_too(tmp_path):
    path = write(tmp_path / "a.fastq", "@r1 x\nACGT\n+\n!!!!\n")
    assert read_all("fasta", open_source(path))[1] == ["ACGT"]


def test_windows_line_ends(tmp_path):
    path = write(tmp_path / "a.fa", TWO.replace("\n", "\r\n"))
    assert read_all("fasta", open_source(path))[1] == ["ACGTAC", "TTTT"]


def test_header_gives_columns_and_columns_renames_them(tmp_path):
    path = write(tmp_path / "a.fa", ">x chr1:5-9 pos\nACGT\n>y chr2:7-11\nACGT\n")
    header = r"(?P<where>(?P<chromosome>\w+):(?P<start>\d+))-\d+ ?(?P<kind>\w+)?"
    source = open_source(path, header=header, columns={"id": "where", "label": "kind"})
    table, _ = read_all("fasta", source)
    assert table["id"].tolist() == ["chr1:5", "chr2:7"]
    assert table["label"][0] == "pos" and table["label"].isna()[1]
    assert table["start"].tolist() == ["5", "7"]


def test_chunks_number_the_records(tmp_path):
    path = write(tmp_path / "a.fa", "".join(f">s{i}\nAC\n" for i in range(7)))
    chunks = read("fasta", open_source(path, chunk_rows=3))
    assert [chunk.rows.tolist() for chunk in chunks] == [[1, 2, 3], [4, 5, 6], [7]]
    assert chunks[1].place(0, "label") == ("4 (s3)", "label")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("id,sequence\na,ACGT\n", "starts with 'id,sequence"),
    ],
)
def test_a_file_that_is_not_fasta_is_refused(tmp_path, text, message):
    assert message in refusal("fasta", open_source(write(tmp_path / "a.fa", text)))


def test_all_headers_that_do_not_match_are_listed(tmp_path):
    path = write(tmp_path / "a.fa", ">x 1\nAC\n>y\nAC\n>z 2\nAC\n>w\nAC\n")
    message = refusal("fasta", open_source(path, header=r"^(?P<id>\w+) \d$"))
    assert "2 problems" in message
    assert "row 2: the header 'y' does not match" in message and "row 4" in message


@pytest.mark.parametrize(
    ("header", "message"), [("(", "not a regular expression"), (r"\w+", "no named group")]
)
def test_a_wrong_expression_is_explained(tmp_path, header, message):
    source = open_source(write(tmp_path / "a.fa", TWO), header=header)
    assert message in refusal("fasta", source)


def test_a_renamed_column_must_exist(tmp_path):
    source = open_source(write(tmp_path / "a.fa", TWO), columns={"label": "class"})
    message = refusal("fasta", source)
    assert "no column 'class'" in message and "the file has id" in message


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_gzip_file_cut_short_is_refused(tmp_path, share):
    text = "".join(f">s{i}\n{i:032b}\n" for i in range(5000)).replace("0", "A").replace("1", "C")
    path = cut(write(tmp_path / "a.fa.gz", text), share)
    message = refusal("fasta", open_source(path, chunk_rows=10_000))
    assert "a.fa.gz is cut short or damaged" in message and "download it again" in message


def test_a_bgzip_file_cut_between_two_blocks_is_refused(tmp_path):
    path = tmp_path / "a.fa.gz"
    pysam.tabix_compress(str(write(tmp_path / "a.fa", TWO)), str(path))
    assert len(read_all("fasta", open_source(path))[1]) == 2
    path.write_bytes(path.read_bytes()[:-28])
    assert "cut short (no end block)" in refusal("fasta", open_source(path))
