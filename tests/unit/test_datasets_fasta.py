import gzip
import signal

import pysam
import pytest
from source_files import build_refusal, cut, open_source, read, read_all, refusal, write

from deeprules.ingest import header_patterns, text_lines

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
    assert "a.fa: 2 times, " in message
    assert "row 2: the header 'y' does not match" in message and "row 4" in message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("(", "not a regular expression"),
        ("(?P<id>a{99999999999})", "not a regular expression"),
        (r"\w+", "no named group"),
    ],
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


@pytest.mark.parametrize(
    "text",
    [
        TWO.replace("\n", "\r"),
        "; a comment\n" + TWO.replace("ACGT\n", "ACGT\n;another\n"),
        TWO.replace("\n", "\n\n"),
        "\ufeff" + TWO,
        TWO.replace("ACGT\n", "  ACGT \n"),
        TWO.rstrip("\n"),
        TWO.replace("first", "\u00e9rste"),
    ],
)
def test_untidy_files_that_say_the_same_are_read_the_same(tmp_path, text):
    path = tmp_path / "a.fa"
    path.write_bytes(text.encode())
    table, sequences = read_all("fasta", open_source(path))
    assert table["id"].tolist() == ["a", "b"] and sequences == ["ACGTAC", "TTTT"]


def test_many_records_with_a_hole_in_the_file_are_not_read_as_fewer(tmp_path):
    content = "".join(f">s{i}\n{'ACGT' * 10}\n" for i in range(100)).encode()
    path = tmp_path / "a.fa"
    path.write_bytes(content[:1000] + bytes(512) + content[1512:])
    message = refusal("fasta", open_source(path))
    assert "line 44: it has bytes of zero" in message and "a.fa" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b">a \xe9\nACGT\n", "line 1: it is not UTF-8 (byte 0xe9)"),
        (gzip.compress(TWO.encode(), mtime=0) + b"garbage", "cut short or damaged"),
        (
            gzip.compress(TWO.encode(), mtime=0) + gzip.compress(TWO.encode(), mtime=0)[:-6],
            "cut short or damaged",
        ),
        (b"; only a comment\n", "the file is empty"),
        (b"ACGT\n>a\nACGT\n", "starts with 'ACGT'"),
        (b"<html><body>not found</body></html>\n", "is a web page (HTML or XML)"),
        (b'{"error": "not found"}\n', "is JSON"),
        (b"@r1\nACGT\n+\n!!!\n", "cut short in the record of line 1"),
        (b"@r1\nACGT\n+\n!!!!\n@r2\nAC", "cut short in the record of line 5"),
        (b"@r1\nACGT\n+\n!!!!\n@r2\nAC\n+", "cut short in the record of line 5"),
        (b"@r1\nACGT\n+\n!!!!!\n", "has 5 qualities for 4 bases"),
        (b"@r1\nACGT\n+\n!!!!\nr2\nAC\n+\n!!\n", "line 5 is no FASTQ header"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content, message):
    path = tmp_path / "a.fa"
    path.write_bytes(content)
    assert message in refusal("fasta", open_source(path))


def test_qualities_may_look_like_headers_or_comments(tmp_path):
    path = write(tmp_path / "a.fq", "@r1\nACGT\n+\n@@@@\n@r2\nAC\nGT\n+r2\n;+\n>@\n")
    assert read_all("fasta", open_source(path))[1] == ["ACGT", "ACGT"]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (">x\n", "row 2 (x), column 'sequence': the sequence is empty"),
        (">x\nACGT>y\nTTTT\n", "row 2 (x), column 'sequence': '>' at position 5 is no base"),
        (">x\nMKLVFE\n", "'L' at position 3 is no base"),
        (">x\nACGT\n<html></html>\n", "'<' at position 5 is no base"),
        (">x\nAC GT\n", "' ' at position 3 is no base"),
        (">\nACGT\n", "column 'id': there is no id"),
        (">a\nACGT\n", "1 ids that several examples have: 'a' (2: "),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_with_its_row(tmp_path, record, message):
    text = ">a 1\nACGT\n" + record
    path = str(write(tmp_path / "a.fa", text))
    sources = {"f": {"url": path, "format": "fasta", "values": {"kind": "a"}}}
    assert message in build_refusal(tmp_path, sources, label="kind", positive="a")


@pytest.mark.parametrize("header", [r"^(?P<id>(\w+\s?)*)!$", r"(?P<id>(a|a?)+)b"])
def test_a_pattern_that_would_never_end_is_stopped(tmp_path, monkeypatch, header):
    monkeypatch.setattr(header_patterns, "SECONDS", 0.3)
    slow = "a" * 60
    path = write(tmp_path / "a.fa", f">b!\nAC\n>{slow}\nAC\n")
    message = refusal("fasta", open_source(path, header=header))
    assert "`header` takes too long" in message and "record 2" in message


def test_a_limit_leaves_no_alarm_behind(tmp_path):
    path = write(tmp_path / "a.fa", TWO)
    before = signal.getsignal(signal.SIGVTALRM)
    read_all("fasta", open_source(path, header=r"(?P<id>\w+)"))
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_groups_that_match_nothing_give_no_empty_ids(tmp_path):
    path = str(write(tmp_path / "a.fa", ">!x\nAC\n"))
    header = r"(?P<id>\w*)"
    sources = {"f": {"url": path, "format": "fasta", "header": header, "values": {"kind": "a"}}}
    message = build_refusal(tmp_path, sources, label="kind", positive="a")
    assert "there is no id" in message


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "LONGEST_LINE", 2**20)
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 2**18)
    path = write(tmp_path / "endless.fa", ">one\n" + "A" * 2**22)
    assert "line 2: it has more than 1,048,576 letters" in refusal("fasta", open_source(path))
