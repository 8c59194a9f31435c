"""Counts that come as one file a sample are one matrix."""

import gzip
import io
import tarfile

import numpy as np
import pytest
from source_files import open_source, read, read_all, refusal, write

from deeprules.addresses import local_files
from deeprules.download.download import download
from deeprules.ingest.sample_files import sample_names

STAR = "N_unmapped\t9\t9\t9\nN_multimapping\t1\t1\t1\nN_noFeature\t5\t7\t3\nN_ambiguous\t0\t0\t0\n"
A = {
    "HTSeq": "g1\t1\ng2\t3\n__no_feature\t7\n__ambiguous\t0\n",
    "HTSeq with names": "g1\tA\t1\ng2\tB\t3\n__no_feature\t\t7\n",
    "STAR": STAR + "g1\t9\t0\t1\ng2\t9\t0\t3\n",
    "Salmon": "Name\tLength\tEffectiveLength\tTPM\tNumReads\ng1\t9\t8\t7.5\t1\ng2\t9\t8\t7.5\t3\n",
    "kallisto": "target_id\tlength\teff_length\test_counts\ttpm\ng1\t9\t8\t1\t7\ng2\t9\t8\t3\t7\n",
    "RSEM": (
        "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\n"
        "g1\tt1,t2\t9\t8\t1\t7\t7\ng2\tt3\t9\t8\t3\t7\t7\n"
    ),
    "featureCounts": (
        "# Program:featureCounts\nGeneid\tChr\tStart\tEnd\tStrand\tLength\ta.bam\n"
        "g1\t1\t1\t2\t+\t9\t1\ng2\t1\t1\t2\t+\t9\t3\n"
    ),
    "two columns": "gene,count\ng1,1\ng2,3\n",
    "a sample called by a number": "gene_id\t2045\ng1\t1\ng2\t3\n",
}


def other(text):
    """The file of another sample, with genes in another order."""
    lines = text.replace("\t1\n", "\t2\n").replace(",1\n", ",2\n").replace("0\t1", "0\t2")
    lines = lines.replace("8\t1\t", "8\t2\t").replace("8\t3\t", "8\t4\t").replace("3\n", "4\n")
    return lines


def bundle(tmp_path, files, name="x.tar"):
    """An archive with these files, `{path: text}`."""
    path = tmp_path / name
    with tarfile.open(path, "w:gz" if name.endswith("gz") else "w") as archive:
        for member, text in files.items():
            content = gzip.compress(text.encode()) if member.endswith(".gz") else text.encode()
            info = tarfile.TarInfo(member)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("program", A)
@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz"])
def test_files_of_each_program_are_one_matrix(tmp_path, program, name):
    files = {"GSM1_a.txt.gz": A[program], "GSM2_b.txt.gz": other(A[program]), "x.summary": "y"}
    settings = {"strandedness": "reverse"} if program == "STAR" else {}
    source = open_source(bundle(tmp_path, files, name), chunk_rows=1, **settings)
    table, values = read_all("matrix", source)
    np.testing.assert_array_equal(values, [[1, 3], [2, 4]])
    assert table["id"].tolist() == ["GSM1", "GSM2"]
    assert read("matrix", source)[0].feature_names == ["g1", "g2"]
    assert "made: files left out (1): x.summary." in source.notes


@pytest.mark.parametrize("program", ["STAR", "Salmon", "kallisto", "RSEM"])
def test_one_file_is_one_sample(tmp_path, program):
    path = write(tmp_path / "s1_ReadsPerGene.out.tab", A[program])
    table, values = read_all("matrix", open_source(path, strandedness="reverse"))
    assert table["id"].tolist() == ["s1"] and values.tolist() == [[1, 3]]


def test_the_strand_of_star_has_to_be_said(tmp_path):
    message = refusal("matrix", open_source(write(tmp_path / "a.tab", A["STAR"])))
    assert "(unstranded 18, forward 0, reverse 4 in the first one)" in message
    assert "`strandedness: unstranded | forward | reverse`; these look like reverse" in message


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            "g1\t2\ng3\t4\n",
            "of the first file (g2) and has 1 that the first one lacks (g3)",
        ),
        ("g1\t2\ng1\t4\n", "features that stand more than once in b (1): g1"),
        ("g1\t2\ng2\tx\n", "b.txt, row 'g2': 'x' is no number"),
        ("id\ta\tb\tc\ng1\t1\t2\t3\n", "b.txt has 4 columns (id, a, b, c): it is no file with"),
        ("g1\t2\ng2\n", "b.txt: it is no table"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path, second, message):
    path = bundle(tmp_path, {"a.txt": "g1\t1\ng2\t3\n", "b.txt": second})
    assert message in refusal("matrix", open_source(path))


def test_an_archive_of_nothing_and_one_cut_short_are_refused(tmp_path):
    assert "holds no files" in refusal("matrix", open_source(bundle(tmp_path, {"a.bam": "x"})))
    text = "".join(f"g{i}\t{i * i % 977}\n" for i in range(5000))
    path = bundle(tmp_path, {f"{name}.txt": text for name in "abc"}, "y.tar.gz")
    path.write_bytes(path.read_bytes()[:-2000])
    assert "is cut short or damaged" in refusal("matrix", open_source(path))


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["x/s1ReadsPerGene.out.tab", "x/s2ReadsPerGene.out.tab"], ["s1", "s2"]),
        (["s1_ReadsPerGene.out.tab.gz"], ["s1"]),
        (["s1/quant.sf", "s2/quant.sf"], ["s1", "s2"]),
        (["a_rep1.counts.txt", "b_rep1.counts.txt"], ["a_rep1", "b_rep1"]),
        (["GSM1_x.txt.gz", "GSM2_x.txt.gz"], ["GSM1", "GSM2"]),
        (["a.txt", "a.tsv"], ["a.txt", "a.tsv"]),
        (["a.genes.results", "b.genes.results"], ["a", "b"]),
    ],
)
def test_files_name_their_samples(files, names):
    assert sample_names(files) == names


@pytest.mark.parametrize("url", ["counts", "counts/*.txt.gz", "counts/[ab].txt.gz"])
def test_a_folder_and_a_pattern_are_one_source_with_one_checksum(tmp_path, url):
    folder = tmp_path / "counts"
    folder.mkdir()
    for name, text in (("a", A["HTSeq"]), ("b", other(A["HTSeq"]))):
        write(folder / f"{name}.txt.gz", text)
    write(folder / ".hidden", "x")
    records = []
    for attempt in ("1", "2"):
        path = tmp_path / attempt / "counts"
        pin = tmp_path / "pin.json"
        records.append(download(str(tmp_path / url), path, source="c", pin_path=pin))
    assert records[0]["sha256"] == records[1]["sha256"]
    table, values = read_all("matrix", open_source(path))
    assert table["id"].tolist() == ["a", "b"] and values.tolist() == [[1, 3], [2, 4]]
    assert local_files(str(folder / "a.txt.gz")) == [] and local_files("https://x.org/*.gz") == []
