"""Words and numbers that a test plants in data, and a search for them in files of every kind."""

import base64
import gzip
import html
import io
import re
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

WORD = "ZQXPERSON"
"""What every planted name begins with."""
DIGITS = "7351928"
"""Digits that every planted number begins with."""
NUMBER = 7351928.4613
SHARE = 0.73519284613

RAW = [np.array(one, kind).tobytes() for one in (NUMBER, SHARE) for kind in ("f8", "f4")]
"""Planted numbers as they stand in a pickle, an array or any other file of bytes."""

ARRAY = re.compile(r'"dtype":\s*"(\w+)",\s*"bdata":\s*"([^"]+)"')


def found_in(folder: Path) -> list[str]:
    """Every planted word or number in the files of a folder, with its file and what is around."""
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return [
        f"{path.relative_to(folder)}{inside}: {text[max(at - 40, 0) : at + 40]!r}"
        for path in files
        for inside, text in texts(path.name, path.read_bytes())
        for at in (text.find(word) for word in (WORD, DIGITS, DIGITS[:3] + "e+06", "7.35e+06"))
        if at >= 0
    ]


def texts(name: str, content: bytes):
    """All that stands in a file as text, also in packed files, tables, arrays and drawings."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for inner in packed.namelist():
                yield f"/{inner}", inner
                for inside, text in texts(inner, packed.read(inner)):
                    yield f"/{inner}{inside}", text
    elif content[:2] == b"\x1f\x8b":
        yield from texts(name.removesuffix(".gz"), gzip.decompress(content))
    elif content[:4] == b"PAR1":
        yield "", pd.read_parquet(io.BytesIO(content)).to_csv(sep="\t")
    elif content[:6] == b"\x93NUMPY":
        yield "", _numbers(np.load(io.BytesIO(content), allow_pickle=False))
    elif content[:4] == b"%PDF":
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.S):
            yield "", _inflated(stream)
    elif content[:1] == b"\x78" and _inflates(content):
        yield from texts(name, zlib.decompress(content))
    elif content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as packed:
            for inner in (one for one in packed.getmembers() if one.isfile()):
                yield f"/{inner.name}", inner.name
                for inside, text in texts(inner.name, packed.extractfile(inner).read()):
                    yield f"/{inner.name}{inside}", text
    elif content[:4] == b"\x89HDF":
        for inside, values in _datasets(content):
            yield f"/{inside}", f"{inside} {_numbers(values)}"
    else:
        if any(one in content for one in RAW):
            yield " (bytes)", DIGITS
        text = html.unescape(content.decode("utf-8", "replace"))
        yield "", text
        for kind, data in ARRAY.findall(text):
            yield " (an array)", _numbers(np.frombuffer(base64.b64decode(data), dtype=kind))


def _inflates(content: bytes) -> bool:
    """Whether it is what joblib and zlib compress, and no text that begins with an x."""
    try:
        zlib.decompress(content)
    except zlib.error:
        return False
    return True


def _datasets(content: bytes) -> list[tuple[str, np.ndarray]]:
    """Name and values of every dataset of an HDF5 file."""
    import h5py

    found = []
    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(
            lambda name, one: (
                found.append((name, one[()])) if isinstance(one, h5py.Dataset) else None
            )
        )
    return [(name, np.asarray(values)) for name, values in found]


def _numbers(values: np.ndarray) -> str:
    return " ".join(map(str, values.ravel().tolist()))


def _inflated(stream: bytes) -> str:
    try:
        return zlib.decompress(stream).decode("latin-1")
    except zlib.error:
        return stream.decode("latin-1")
