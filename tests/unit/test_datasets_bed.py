import gzip

import pysam
import pytest
from source_files import build, build_refusal, cut, open_source, read, read_all, refusal, write

GENOME = ">chr1 first\nAAAACCCC\nGGGGTTTT\nac\n>chr2\nNNNNACGT\n"
INTERVALS = (
    "track name=x\n#comment\nchr1\t2\t6\tp1\t0\t+\n\nchr1\t10\t18\tp2\t7\t-\nchr2\t4\t8\tp3\t1\t.\n"
)


@pytest.fixture
def genome(tmp_path):
    (tmp_path / "downloads").mkdir()
    return write(tmp_path / "downloads" / "genome.fa", GENOME)


def test_sequences_of_intervals_and_their_strand(tmp_path, genome):
    source = open_source(write(tmp_path / "a.bed", INTERVALS), genome)
    table, sequences = read_all("bed", source)
    assert sequences == ["AACC", "gtAAAACC", "ACGT"]
    assert list(table) == ["chromosome", "start", "end", "name", "score", "strand"]
    assert table["strand"].tolist() == ["+", "-", "."]
    assert [path.name for path in genome.parent.iterdir()] == ["genome.fa"]


def test_rows_are_line_numbers(tmp_path, genome):
    [chunk] = read("bed", open_source(write(tmp_path / "a.bed", INTERVALS), genome))
    assert chunk.rows.tolist() == [3, 5, 6]


def test_three_columns_or_more_than_six_and_new_names(tmp_path, genome):
    path = write(tmp_path / "a.bed.gz", "chr1 0 4\nchr2 4 8\n")
    table, sequences = read_all("bed", open_source(path, genome))
    assert list(table) == ["chromosome", "start", "end"] and sequences == ["AAAA", "ACGT"]
    path = write(tmp_path / "b.bed", "chr1\t0\t4\tn\t0\t+\t9.5\n")
    columns = {"id": "name", "signal": "column7"}
    table, _ = read_all("bed", open_source(path, genome, columns=columns))
    assert table.iloc[0][["id", "signal"]].tolist() == ["n", "9.5"]


def test_chunks(tmp_path, genome):
    path = write(tmp_path / "a.bed", "".join(f"chr1\t{i}\t{i + 2}\n" for i in range(7)))
    assert [len(chunk.rows) for chunk in read("bed", open_source(path, genome))] == [3, 3, 1]


def test_a_genome_compressed_with_gzip_or_bgzip(tmp_path, genome):
    path = write(tmp_path / "a.bed", INTERVALS)
    expected = read_all("bed", open_source(path, genome))[1]
    simple = write(tmp_path / "downloads" / "simple.fa.gz", GENOME)
    blocks = tmp_path / "downloads" / "blocks.fa.gz"
    pysam.tabix_compress(str(genome), str(blocks))
    for packed in (simple, blocks):
        assert read_all("bed", open_source(path, packed))[1] == expected
    assert len(list((tmp_path / "downloads").iterdir())) == 3


def test_every_bad_interval_is_listed_with_its_line(tmp_path, genome):
    lines = ["chr1\t0\t4", "chrX\t0\t4", "chr1\t15\t19", "chr1\t4\t4", "chr1\t9\t3"]
    lines += ["chr1\tx\t4", "chr1\t-1\t4", "chr1\t0", "chr2\t0\t8"]
    path = write(tmp_path / "a.bed", "\n".join(lines) + "\n")
    message = refusal("bed", open_source(path, genome))
    assert "4 problems" in message and "a.bed: 3 times, row 3" in message
    assert "row 2, column 'chromosome': 'chrX' is not in the genome" in message
    assert "genome.fa: chr1, chr2" in message
    assert "row 3, column 'start, end': 15-19 is no interval of chr1 (18 bases)" in message
    assert "row 4, column 'start, end': 4-4" in message and "row 5" in message
    assert "a.bed: 2 times, row 6, column 'start, end': 'x' and '4'" in message
    assert "'-1' and '4'" in message
    assert "row 8: 2 fields where 3 are expected" in message


def test_a_genome_must_be_named(tmp_path):
    message = refusal("bed", open_source(write(tmp_path / "a.bed", INTERVALS)))
    assert "has no genome" in message


def test_a_genome_that_cannot_be_indexed_is_refused(tmp_path):
    genome = write(tmp_path / "genome.fa", ">chr1\nAAAA\nCC\nGGGG\n")
    message = refusal("bed", open_source(write(tmp_path / "a.bed", INTERVALS), genome))
    assert "cannot be indexed" in message and "genome.fa" in message


def test_files_cut_short_are_refused(tmp_path, genome):
    path = write(tmp_path / "a.bed", INTERVALS)
    packed = cut(write(tmp_path / "downloads" / "genome.fa.gz", GENOME))
    message = refusal("bed", open_source(path, packed))
    assert "genome.fa.gz is cut short or damaged" in message
    path = tmp_path / "b.bed.gz"
    path.write_bytes(gzip.compress(INTERVALS.encode())[:-6])
    assert "b.bed.gz is cut short or damaged" in refusal("bed", open_source(path, genome))


def test_a_file_that_is_no_text_is_refused(tmp_path, genome):
    path = tmp_path / "a.bed"
    path.write_bytes(b"chr1\t0\t4\xff\n")
    assert "it is not UTF-8" in refusal("bed", open_source(path, genome))


GOOD = "chr1\t0\t4\tp1\t0\t+\nchr2\t4\t8\tp2\t0\t-\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\t", " "),
        GOOD.replace("\t", "  "),
        GOOD.replace("\n", "\n\n") + "   \n",
        GOOD.replace("\t", " \t"),
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        'track name="a\tb"\nbrowser position chr1\n#chrom\tstart\tend\n' + GOOD,
    ],
)
def test_untidy_files_that_say_the_same_are_read_the_same(tmp_path, genome, text):
    path = tmp_path / "a.bed"
    path.write_bytes(text.encode())
    table, sequences = read_all("bed", open_source(path, genome))
    assert sequences == ["AAAA", "ACGT"] and table["name"].tolist() == ["p1", "p2"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chrom\tstart\tend", "row 3: 'chrom start end' is a header, no interval"),
        ("chr\tchromStart\tchromEnd", "is a header"),
        ("chr1\t0.5\t4.5", "'0.5' and '4.5' are not both whole numbers"),
        ("chr1\t1e1\t14", "'1e1' and '14'"),
        ("chr1\t1,0\t14", "'1,0' and '14'"),
        ("chr1\t8\t4", "8-4 is no interval of chr1"),
        ("chr1\t4\t4", "4-4 is no interval"),
        ("chr1\t4\t", "'4' and ''"),
        ("chr1:0-4", "1 fields where 3 are expected"),
        ("trackless\t0\t4", "'trackless' is not in the genome"),
        ("browser2\t0\t4", "'browser2' is not in the genome"),
        ("chr1\t0\t4\textra", "4 fields where 3 are expected"),
    ],
)
def test_lines_that_are_no_intervals_are_refused_with_their_number(tmp_path, genome, line, message):
    path = write(tmp_path / "a.bed", f"chr1\t0\t4\nchr2\t0\t4\n{line}\n")
    found = refusal("bed", open_source(path, genome))
    assert message in found and "row 3" in found and "a.bed" in found


@pytest.mark.parametrize("text", ["", "\n\n", "#chrom\tstart\tend\n", "track name=x\n"])
def test_a_file_without_intervals_is_refused(tmp_path, genome, text):
    path = str(write(tmp_path / "a.bed", text))
    sources = {
        "a": {"url": path, "format": "bed", "genome": "g", "values": {"kind": "a"}},
        "g": {"url": str(genome), "format": "genome"},
    }
    message = build_refusal(tmp_path, sources, label="kind", positive="a")
    assert "there are no examples in it" in message and "a.bed" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD.encode() + bytes(20), "line 3: it has bytes of zero"),
        (GOOD.encode() + b"chr1\t0\t4\tn\xe9\t0\t+\n", "line 3: it is not UTF-8 (byte 0xe9)"),
        (gzip.compress(GOOD.encode(), mtime=0) + b"garbage", "cut short or damaged"),
        (
            gzip.compress(GOOD.encode(), mtime=0) + gzip.compress(b"chr1\t0\t4", mtime=0)[:-4],
            "cut short or damaged",
        ),
    ],
)
def test_damaged_files_are_refused(tmp_path, genome, content, message):
    path = tmp_path / "a.bed"
    path.write_bytes(content)
    assert message in refusal("bed", open_source(path, genome))


def test_both_lists_of_names_are_shown_where_none_fits(tmp_path, genome):
    path = str(write(tmp_path / "a.bed", "NC_1\t0\t4\nNC_2\t0\t4\n"))
    sources = {
        "a": {"url": path, "format": "bed", "genome": "g", "values": {"kind": "a"}},
        "g": {"url": str(genome), "format": "genome"},
    }
    message = build_refusal(tmp_path, sources, label="kind", positive="a")
    assert "1 problem in the input" in message
    assert "all 2 intervals lie on chromosomes that the genome lacks: NC_1, NC_2" in message
    assert "Take the genome of the intervals; genome.fa has chr1, chr2." in message


def test_some_chromosomes_that_the_genome_lacks_are_one_message_that_contigs_answers(
    tmp_path, genome
):
    path = write(tmp_path / "a.bed", 20 * "chr9_alt\t0\t4\n" + "chr1\t0\t4\nchr2\t4\t8\n")
    sources = {
        "a": {"url": str(path), "format": "bed", "genome": "g", "values": {"kind": "3"}},
        "g": {"url": str(genome), "format": "genome"},
    }
    regression = {"task": "regression", "label": "kind"}
    message = build_refusal(tmp_path, sources, **regression)
    assert "20 of 22 intervals lie on chromosomes that the genome lacks: chr9_alt" in message
    assert "`data: {contigs: {exclude: [chr9_alt, ...]}}`" in message and "1 problem" in message
    path = write(tmp_path / "b.bed", "chr9_alt\t0\t4\t1\nchr1\t0\t4\t1\nchr2\t4\t8\t2\n")
    sources["a"] |= {"url": str(path), "columns": {"kind": "name"}, "values": {}}
    contigs = {"exclude": ["*_alt"]}
    built = build(tmp_path, sources, contigs=contigs, **regression)
    reason = "they are on contigs that data.contigs leaves out"
    assert built.left_out == {("a", reason): 1} and len(built.examples) == 2
    assert any("1 intervals of a were left out: on contigs" in n for n in built.facts["notes"])
    other = tmp_path / "other"
    other.mkdir()
    message = build_refusal(other, sources, contigs={"include": ["X"]}, **regression)
    assert "all its intervals are left out: 3 on contigs that data.contigs leaves out" in message


def test_windows_over_an_end_are_shifted_or_left_out_and_counted(tmp_path, genome):
    path = write(tmp_path / "a.bed", "chr1\t0\t2\t1\nchr1\t8\t10\t2\nchr1\t4\t8\t3\n")
    sources = {
        "a": {"url": str(path), "format": "bed", "genome": "g", "columns": {"kind": "name"}},
        "g": {"url": str(genome), "format": "genome"},
    }
    regression = {"task": "regression", "label": "kind"}
    built = build(tmp_path, sources, intervals={"width": 6}, **regression)
    assert built.facts["intervals"]["shifted"] == 1 and len(built.examples) == 3
    dropping = {"width": 6, "ends": "drop"}
    built = build(tmp_path, sources, intervals=dropping, **regression)
    reason = "they are too near to an end of their contig (data.intervals.ends)"
    assert built.left_out == {("a", reason): 1} and len(built.examples) == 2


def test_a_table_of_intervals_may_have_a_header(tmp_path, genome):
    text = "chrom\tstart\tend\tlog2fc\tstrand\nchr1\t2\t6\t1.5\t-\nchr2\t4\t8\t-2\t+\n"
    table, sequences = read_all("bed", open_source(write(tmp_path / "a.bedgraph", text), genome))
    assert list(table) == ["chromosome", "start", "end", "log2fc", "strand"]
    assert sequences == ["GGTT", "ACGT"] and table["log2fc"].tolist() == ["1.5", "-2"]
    path = write(tmp_path / "twice.bed", text.replace("log2fc", "strand"))
    assert "stand more than once in its header (1): strand" in refusal(
        "bed", open_source(path, genome)
    )


def test_the_table_of_a_peak_caller_that_counts_from_1_is_refused(tmp_path, genome):
    text = "# MACS\nchr\tstart\tend\tlength\tabs_summit\nchr1\t2\t6\t4\t3\n"
    message = refusal("bed", open_source(write(tmp_path / "peaks.xls", text), genome))
    assert "counted from 1. Give the narrowPeak or broadPeak file of the same run" in message


@pytest.mark.parametrize("n", [3, 4, 5, 6, 9, 12])
@pytest.mark.parametrize("packed", [None, "gz", "bgz"])
def test_bed_of_any_width_and_broad_peaks_in_any_packing(tmp_path, genome, n, packed):
    fields = ["chr1", "10", "18", "p1", "7", "-", "4.2", "-1", "3", "1", "8,", "0,"][:n]
    path = write(tmp_path / "a.bed", "\t".join(fields) + "\n")
    if packed == "gz":
        path = write(tmp_path / "a.bed.gz", "\t".join(fields) + "\n")
    if packed == "bgz":
        pysam.tabix_compress(str(path), str(tmp_path / "a.bed.bgz"))
        path = tmp_path / "a.bed.bgz"
    table, sequences = read_all("bed", open_source(path, genome))
    assert sequences == ["gtAAAACC" if n > 5 else "GGTTTTac"]
    assert table.shape == (1, n)
