"""A genome is whole, and every chromosome in it is found under its name or not at all."""

import gzip

import pysam
import pytest
from source_files import open_source, read_all, refusal, write

from deeprules.ingest import genomes

GOOD = ">chr1 first\nAAAACCCC\nGGGGTTTT\nac\n>chr2\nNNNNACGT\n"


def source(tmp_path, genome, bed="chr1\t0\t4\n", name="genome.fa"):
    path = tmp_path / name
    path.write_bytes(genome if isinstance(genome, bytes) else genome.encode())
    return open_source(write(tmp_path / "a.bed", bed), path)


def test_a_whole_genome_is_read_in_blocks_of_any_size(tmp_path, monkeypatch):
    expected = read_all("bed", source(tmp_path, GOOD))[1]
    for size in (1, 7, 12, 30):
        monkeypatch.setattr(genomes, "BLOCK_BYTES", size)
        assert read_all("bed", source(tmp_path, GOOD))[1] == expected == ["AAAA"]


def test_windows_line_ends(tmp_path):
    assert read_all("bed", source(tmp_path, GOOD.replace("\n", "\r\n")))[1] == ["AAAA"]


@pytest.mark.parametrize(
    ("genome", "message"),
    [
        (GOOD + ">chr1\nGGGGGGGG\n", "row 7: 'chr1' was there before, in row 1"),
        (GOOD + ">chr2 again\nGG\n", "row 7: 'chr2' was there before, in row 5"),
        (GOOD.replace("GGGG", "GG\0\0"), "row 3: zero bytes"),
        (GOOD.encode()[:20] + bytes(40) + GOOD.encode()[40:], "zero bytes"),
        (GOOD.replace("ac\n>chr2", "ac>chr2"), "row 4: '>' in a sequence"),
        (GOOD.replace("CCCC", "CC\u00e9C").encode("latin-1"), "row 2: '\u00e9' in a sequence"),
        (GOOD.replace("\n", "\r"), "row 1: its lines end in carriage returns alone"),
        ("<html>\n<body>no</body>\n", "is a web page"),
        ('{"error": 404}\n', "is JSON"),
        (GOOD + "<html>\n", "row 7: '<' in a sequence"),
        ("ACGT\n" + GOOD, "row 1: letters before the first header"),
        ("", "there is no sequence in it"),
        (">\nACGT\n", "row 1: the header names no sequence"),
        ("> chr1\nACGT\n", "row 1: the header names no sequence"),
        (">chr\u00e9\nACGT\n", "row 1: the header names no sequence"),
        (">chr1\nAAAA\nCC\nGGGG\n", "cannot be indexed"),
    ],
)
@pytest.mark.parametrize("block", [5, 2**24])
def test_a_damaged_genome_is_refused_with_file_and_row(
    tmp_path, monkeypatch, genome, message, block
):
    monkeypatch.setattr(genomes, "BLOCK_BYTES", block)
    found = refusal("bed", source(tmp_path, genome))
    assert message in found and "genome.fa" in found


def test_damage_between_two_members_of_a_compressed_genome(tmp_path):
    whole = gzip.compress(GOOD[:30].encode()) + gzip.compress(GOOD[30:].encode())
    assert read_all("bed", source(tmp_path, whole, name="genome.fa.gz"))[1] == ["AAAA"]
    for broken in (whole[:-5], whole + b"garbage", whole[: len(whole) // 2 + 3]):
        found = refusal("bed", source(tmp_path, broken, name="genome.fa.gz"))
        assert "genome.fa.gz is cut short or damaged" in found


def test_a_name_twice_in_a_genome_of_bgzip(tmp_path):
    plain = write(tmp_path / "plain.fa", GOOD + ">chr2\nAC\n")
    pysam.tabix_compress(str(plain), str(tmp_path / "packed.fa.gz"))
    packed = (tmp_path / "packed.fa.gz").read_bytes()
    assert "row 7: 'chr2' was" in refusal("bed", source(tmp_path, packed, name="genome.fa.gz"))


@pytest.mark.parametrize(
    ("genome", "name", "own"),
    [
        (">chr1\nACGT\n", "1", "chr1"),
        (">1\nACGT\n", "chr1", "1"),
        (">MT\nACGT\n", "chrM", "MT"),
        (">chrM\nACGT\n", "MT", "chrM"),
        (">Chr01\nACGT\n", "chr1", "Chr01"),
        (">X\nACGT\n", "chrx", "X"),
    ],
)
def test_a_chromosome_under_another_usual_name_is_found_and_noted(tmp_path, genome, name, own):
    found = source(tmp_path, genome, f"{name}\t0\t4\n{name}\t1\t4\n")
    table, sequences = read_all("bed", found)
    assert sequences == ["ACGT", "CGT"] and table["chromosome"].tolist() == [own, own]
    assert f"{name} is {own}" in found.notes[0]


def test_a_name_that_could_be_two_chromosomes_is_refused(tmp_path):
    found = source(tmp_path, ">1\nACGT\n>chr01\nTTTT\n", "chr1\t0\t4\n")
    message = refusal("bed", found)
    assert "'chr1' is not in the genome" in message and "genome.fa: 1, chr01" in message
