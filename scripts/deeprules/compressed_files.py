"""Files as they are passed on: plain, or compressed by gzip, bgzip, bzip2, xz or zstd."""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from deeprules.gzip_files import GZIP_MAGIC

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, tarfile.TarError, OSError)
"""What reading a compressed file or an archive raises where it is cut short or damaged."""

_SUFFIX = re.compile(r"\.(gz|bgz|bgzf|bz2|xz|zst|zstd)\Z", re.IGNORECASE)


def _zstd(path: Path, _mode: str) -> BinaryIO:
    # The package zstandard ends without a word where a file is cut; Arrow says so.
    return io.BufferedReader(pa.input_stream(str(path), compression="zstd"))


_OPENERS = {
    GZIP_MAGIC: gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
    b"\x28\xb5\x2f\xfd": _zstd,
}
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed in a way that is read here, by its first bytes."""
    return _opener(path) is not None


def open_binary(path: Path) -> BinaryIO:
    """A plain or compressed file, opened to read its uncompressed bytes."""
    return (_opener(path) or open)(path, "rb")


def uncompressed_name(name: str) -> str:
    """A file's name without the suffix of its compression."""
    return _SUFFIX.sub("", name)


def plain_suffix(name: str) -> str:
    """The last suffix of a file's name, in lower case, without that of its compression."""
    return Path(uncompressed_name(name)).suffix.lower()


def _opener(path: Path):
    with open(path, "rb") as file:
        start = file.read(10)
    if start.startswith(b"BZh") and not _BZIP2.match(start):
        return None  # Text may begin so.
    return next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), None)
