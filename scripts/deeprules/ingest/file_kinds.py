"""Files of another kind than the text that is expected, known by their first bytes."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deeprules.compressed_files import DAMAGE, is_compressed, open_binary
from deeprules.gzip_files import GZIP_MAGIC

_TAR_MAGIC_AT = 257
_SHOWN_BYTES = 1024


@dataclass(frozen=True)
class FileKind:
    """What a file is, and what to do with it."""

    name: str
    remedy: str


_EXCEL = FileKind(
    "an Excel file", "Give it as a source of format `table` or `matrix`, or save the sheet as text"
)
_CALC = FileKind("an OpenDocument spreadsheet", "Save the sheet as CSV")
_NUMPY = FileKind("a NumPy file", "Save it with its names as CSV, TSV or Parquet")
_ANNDATA = FileKind(
    "an AnnData file (h5ad)",
    "Choose the format `h5ad`",
)
_LOOM = FileKind("a loom file", "Save its matrix and the column attributes as CSV, TSV or Parquet")
_HDF5 = FileKind("an HDF5 file", "Save the part that you need as CSV, TSV, Parquet or FASTA")
_ARCHIVE = FileKind("an archive of files", "Unpack it, and give the file that you need")
R_DATA = FileKind("a file of R objects (rds or RData)", "Save it with `write.csv` in R")
_ALIGNMENTS = FileKind("a file of aligned reads", "Turn it into counts, BED or FASTA first")
_COMPRESSED = "Decompress it, or compress it with gzip, bzip2, xz or zstd"
_ONCE = "Decompress it once"
_BINARY_GENOME = FileKind("a genome in 2bit format", "Turn it into FASTA with `twoBitToFa`")
_BIG_WIG = FileKind("a bigWig file", "Read it with `format: bigwig` and `regions`")
_BIG_BED = FileKind("a bigBed file", "Turn it into BED with `bigBedToBed`")
_PICTURE = FileKind("a picture", "Give the numbers or sequences that it shows")
_UTF_16 = FileKind(
    "text in UTF-16 without its mark",
    "Set `encoding: utf-16-le` (or `utf-16-be`), or save it as UTF-8",
)
_UTF_32 = FileKind("text in UTF-32", "Save it as UTF-8")
_MARKET = FileKind(
    "a sparse matrix (Matrix Market)",
    "Choose the format `tenx`, and give the folder that holds the names of its rows and columns",
)
_ARROW = FileKind("an Arrow or Feather file", "Save it as Parquet")
_PAGE = FileKind(
    "a web page (HTML or XML)",
    "Download the file itself: the address may be that of a page about it, or ask to sign in",
)
_JSON = FileKind("JSON", "Turn it into CSV, TSV or Parquet")
_POINTER = FileKind("a pointer of Git LFS, not the file itself", "Fetch it with `git lfs pull`")
_CUT = FileKind("an Excel file or an archive that is cut short", "Delete it and download it again")

_TEXTS = {
    b"<!doctype": _PAGE,
    b"<html": _PAGE,
    b"<?xml": _PAGE,
    b'{"': _JSON,
    b'[{"': _JSON,
    b"version https://git-lfs": _POINTER,
}
"""How other text begins, in lower case."""

_MAGIC = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": FileKind(
        "an Excel (or older Office) file", "Save it as xlsx, or the sheet as CSV"
    ),
    b"\x93NUMPY": _NUMPY,
    b"SQLite format 3\0": FileKind("an SQLite database", "Save the table that you need as CSV"),
    b"%PDF-": FileKind("a PDF", "Give the table itself, as CSV or TSV"),
    b"{\\rtf": FileKind("a text document (RTF)", "Save it as plain text, UTF-8"),
    b"BAM\x01": _ALIGNMENTS,
    b"CRAM\x02": _ALIGNMENTS,
    b"CRAM\x03": _ALIGNMENTS,
    b"BCF\x02": FileKind("a file of variants (BCF)", "Turn it into text with `bcftools query`"),
    b"X\n\0\0\0": R_DATA,
    b"A\n2\n": R_DATA,
    b"A\n3\n": R_DATA,
    b"B\n\x02\0\0\0": R_DATA,
    b"B\n\x03\0\0\0": R_DATA,
    b"RDX2\nX\n": R_DATA,
    b"RDX3\nX\n": R_DATA,
    b"RDA2\nA\n": R_DATA,
    b"RDA3\nA\n": R_DATA,
    **{
        b"BZh%d1AY&SY" % level: FileKind("compressed twice, with bzip2", _ONCE)
        for level in range(1, 10)
    },
    b"\xfd7zXZ\0": FileKind("compressed twice, with xz", _ONCE),
    b"\x28\xb5\x2f\xfd": FileKind("compressed twice, with zstd", _ONCE),
    b"\x04\x22\x4d\x18": FileKind("compressed with lz4", _COMPRESSED),
    b"\x1f\x9d": FileKind("compressed with compress", _COMPRESSED),
    GZIP_MAGIC: FileKind("compressed twice with gzip", _ONCE),
    b"7z\xbc\xaf\x27\x1c": _ARCHIVE,
    b"Rar!\x1a\x07": _ARCHIVE,
    b"ARROW1\0\0": _ARROW,
    b"FEA1\0\0\0\0": _ARROW,
    b"Obj\x01": FileKind("an Avro file", "Save it as Parquet"),
    b"MATLAB 5.0 MAT-file": FileKind("a MATLAB file", "Save it as CSV, TSV or Parquet"),
    b"\x43\x27\x41\x1a": _BINARY_GENOME,
    b"\x1a\x41\x27\x43": _BINARY_GENOME,
    b"\x26\xfc\x8f\x88": _BIG_WIG,
    b"\x88\x8f\xfc\x26": _BIG_WIG,
    b"\xeb\xf2\x89\x87": _BIG_BED,
    b"\x87\x89\xf2\xeb": _BIG_BED,
    b"NCBI.sra": FileKind("an SRA file", "Turn it into FASTQ with `fasterq-dump`"),
    b"\x89PNG\r\n": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF87a": _PICTURE,
    b"GIF89a": _PICTURE,
    b"%%MatrixMarket": _MARKET,
    b"\xff\xfe\0\0": _UTF_32,
    b"\0\0\xfe\xff": _UTF_32,
}
"""The longer of two that begin alike comes first."""

_PARQUET = FileKind("a Parquet file", "Give text here, or choose the format `table` or `matrix`")
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PARQUET_MAGIC = re.compile(rb"PAR1(?![\w.,;\t\r\n\"-])")  # PAR1 may be a column, too.
_PICKLE_MAGIC = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes."""
    with open(path, "rb") as file:
        return _PARQUET_MAGIC.match(file.read(5)) is not None


def is_tar(path: Path) -> bool:
    """Whether a file is a tar archive, plain or compressed."""
    try:
        with open_binary(path) as file:
            return file.read(_SHOWN_BYTES)[_TAR_MAGIC_AT:].startswith(b"ustar")
    except DAMAGE:
        return False


def is_workbook(path: Path) -> bool:
    """Whether a file is an Excel workbook (xlsx), by its content."""
    with open(path, "rb") as file:
        start = file.read(4)
    return start in _ZIP_MAGIC and _kind_of_zip(path) is _EXCEL


def find_other_kind(path: Path, encoding: str | None = None) -> FileKind | None:
    """The kind of a file that is no text, plain or compressed; None if nothing says so.

    `encoding` is that of the text, where it was said.
    """
    try:
        with open_binary(path) as file:
            start = file.read(_SHOWN_BYTES)
    except DAMAGE:
        return None  # Damage is reported, with its place, where the file is read.
    if start.startswith(_ZIP_MAGIC) and not is_compressed(path):
        return _kind_of_zip(path)
    kind = _kind_of_start(start, path.name.lower())
    return None if kind is _UTF_16 and encoding is not None else kind


def _kind_of_start(start: bytes, name: str) -> FileKind | None:
    if start.startswith(_HDF5_MAGIC):
        return {"h5ad": _ANNDATA, "loom": _LOOM}.get(name.rpartition(".")[2], _HDF5)
    if _PARQUET_MAGIC.match(start):
        return _PARQUET
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for words, kind in _TEXTS.items():
        if text.startswith(words):
            return kind
    if start[_TAR_MAGIC_AT:].startswith(b"ustar") or start.startswith(_ZIP_MAGIC):
        return _ARCHIVE
    if start.startswith(_PICKLE_MAGIC):
        return FileKind("a Python pickle", "Save it as CSV, TSV or Parquet")
    even, odd = start[::2], start[1::2]
    if len(start) > 3 and (even.count(0) == len(even)) != (odd.count(0) == len(odd)):
        return _UTF_16
    return None


def _kind_of_zip(path: Path) -> FileKind:
    """What a zip archive holds: several formats are one."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return _CUT
    if any(name.startswith("xl/") for name in names):
        return _EXCEL
    if "content.xml" in names:
        return _CALC
    if names and all(name.endswith(".npy") for name in names):
        return _NUMPY
    return _ARCHIVE
