"""Files that are no text are named for what they are, wherever a source may stand."""

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import tarfile
import zipfile
from itertools import product

import numpy as np
import pandas as pd
import pytest
from source_files import build_refusal, open_source, refusal, write

from deeprules.ingest.file_kinds import find_other_kind

CSV = b"id,sequence\na,ACGT\n"
GENES = "PAR1 CRAM FEA1 ORC1 PARE BAM BZh9 GIF8 RDX2 A X PK7 MATLAB Obj"


def zipped(names):
    """A zip archive with these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


def saved(save, content):
    """What `save` writes into a file."""
    file = io.BytesIO()
    save(file, content)
    return file.getvalue()


def tarred():
    """A tar archive with one file."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return content.getvalue()


KINDS = {
    "t.xlsx": (zipped(["[Content_Types].xml", "xl/workbook.xml"]), "is an Excel file. Give it"),
    "t.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an Excel (or older Office)"),
    "t.ods": (zipped(["mimetype", "content.xml"]), "is an OpenDocument spreadsheet"),
    "t.npz": (saved(np.savez, np.zeros(3)), "is a NumPy file"),
    "t.npy": (saved(np.save, np.zeros(3)), "is a NumPy file"),
    "t.zip": (zipped(["a.csv"]), "is an archive of files"),
    "t.tar": (tarred(), "is an archive of files"),
    "t.tar.gz": (gzip.compress(tarred()), "is an archive of files"),
    "t.h5ad": (b"\x89HDF\r\n\x1a\n" + bytes(100), "is an AnnData file (h5ad)"),
    "t.loom": (b"\x89HDF\r\n\x1a\n" + bytes(100), "is a loom file"),
    "t.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "is an HDF5 file"),
    "t.rds": (gzip.compress(b"X\n\0\0\0\3"), "is a file of R objects"),
    "t.RData": (gzip.compress(b"RDX3\nX\n"), "is a file of R objects"),
    "t.bam": (gzip.compress(b"BAM\x01\0\0"), "is a file of aligned reads"),
    "t.pdf": (b"%PDF-1.7\n", "is a PDF"),
    "t.pkl": (pickle.dumps({"a": 1}), "is a Python pickle"),
    "t.csv.bz2.gz": (gzip.compress(bz2.compress(CSV)), "is compressed twice, with bzip2"),
    "t.csv.xz.xz": (lzma.compress(lzma.compress(CSV)), "is compressed twice, with xz"),
    "t.csv.gz.gz": (gzip.compress(gzip.compress(CSV)), "is compressed twice with gzip"),
    "t.mtx": (b"%%MatrixMarket matrix coordinate real general\n", "is a sparse matrix"),
    "t.2bit": (b"\x43\x27\x41\x1a\0\0\0\0", "is a genome in 2bit format"),
    "t.bw": (b"\x26\xfc\x8f\x88\4\0", "is a bigWig file"),
    "t.png": (b"\x89PNG\r\n\x1a\n", "is a picture"),
    "t.txt": ("id,seq".encode("utf-16-le"), "is text in UTF-16"),
}


READ = {*(("t.xlsx", "table"), ("t.xlsx", "matrix"), ("t.tar", "matrix"), ("t.tar.gz", "matrix"))}


@pytest.mark.parametrize(
    ("name", "format"), sorted({*product(KINDS, ("table", "matrix", "fasta", "bed"))} - READ)
)
def test_every_reader_names_a_file_of_another_kind(tmp_path, name, format):
    content, message = KINDS[name]
    path = tmp_path / name
    path.write_bytes(content)
    genome = write(tmp_path / "genome.fa", ">chr1\nACGT\n") if format == "bed" else None
    assert f"{path}: {name} {message}" in refusal(format, open_source(path, genome))


def test_a_genome_and_a_sample_table_are_named_as_well(tmp_path):
    excel = tmp_path / "t.xlsx"
    excel.write_bytes(KINDS["t.xlsx"][0])
    bed = write(tmp_path / "a.bed", "chr1\t0\t4\n")
    assert "t.xlsx is an Excel file" in refusal("bed", open_source(bed, genome=excel))
    sources = {
        "m": {"url": str(write(tmp_path / "m.csv", "id,g\na,1\n")), "format": "matrix"},
        "s": {"url": str(excel), "format": "table"},
    }
    settings = {"modality": "tabular", "label": "kind", "positive": "x"}
    assert "the workbook cannot be opened" in build_refusal(
        tmp_path, sources, samples="s", **settings
    )


def test_databases_and_parquet_are_known(tmp_path):
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as database:
        database.execute("create table t (a)")
    assert find_other_kind(path).name == "an SQLite database"
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "t.parquet")
    assert find_other_kind(tmp_path / "t.parquet").name == "a Parquet file"


@pytest.mark.parametrize("separator", [",", "\t", "\n"])
@pytest.mark.parametrize("gene", GENES.split())
def test_genes_called_as_a_file_begins_are_text(tmp_path, gene, separator):
    path = write(tmp_path / "t.txt", separator.join([gene, "g2", "g3"]) + f"\n1{separator}2\n")
    assert find_other_kind(path) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"\x1f\x8b", "Zürich,µ,日本\n".encode()])
def test_what_says_nothing_is_left_to_its_reader(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert find_other_kind(path) is None
