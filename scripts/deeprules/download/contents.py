"""Is what came the file that was meant, and all of it?

A data source is FASTA, BED or a table, a model is HDF5 or an archive: none is a web page, an
error in JSON or XML, or a pointer to a file. A compressed file is read to its end, which shows
a cut that nothing else does.
"""

import gzip
import json
import zlib
from pathlib import Path

from deeprules.addresses import local_path
from deeprules.download.watching import readable_size
from deeprules.errors import InputError
from deeprules.gzip_files import GZIP_MAGIC, lacks_end_block

COMPRESSED_NAMES = (".gz", ".bgz", ".bgzf")
ARCHIVE_NAMES = (".zip", ".keras")
POINTERS = (b"version https://git-lfs.github.com/spec/", b"/annex/objects/", b"../.git/annex/")
TAGGED = "an XML or HTML text (an error message?)"
SHOWN_BYTES = 4096
LARGEST_ERROR = 2**20
"""Bytes of an error message; what is larger and begins like JSON is refused by its beginning."""
STEP = 2**20
BOMB_RATIO = 500
SMALLEST_BOMB = 100e6


def check_content(
    path: Path,
    place: str,
    url: str,
    max_bytes: float,
    may_be_json: bool = False,
    may_be_tagged: bool = False,
) -> bool:
    """Refuse a file that is another kind of thing, or not all of it.

    Parameters
    ----------
    path : the file that came
    place : what a message calls it
    url : its final address
    max_bytes : how large it may be unpacked
    may_be_json : whether JSON is what was asked for, as for the architecture of a network
    may_be_tagged : whether it may begin with `<`, as the words of a tokeniser do (`<cls>`), and be
        no page

    Returns
    -------
    Whether the file was seen to be whole: it is compressed, and was read to its end.

    Raises
    ------
    InputError
    """
    with open(path, "rb") as file:
        start = file.read(SHOWN_BYTES)
    name = str(local_path(url) or url.partition("?")[0]).lower()
    is_gzip = start.startswith(GZIP_MAGIC)
    kind = _kind(start, path, may_be_json)
    kind = None if may_be_tagged and kind == TAGGED else kind
    if kind is None and name.endswith(COMPRESSED_NAMES) and not is_gzip:
        kind = "no gzip file, although its name says so"
    if kind is None and name.endswith(ARCHIVE_NAMES) and not start.startswith(b"PK"):
        kind = "no ZIP archive, although its name says so"
    if kind is not None:
        raise InputError(f"{place} is {kind}, not data; nothing was kept. {_remedy(url)}")
    if not is_gzip:
        return False
    inner = _read_to_end(path, place, url, max_bytes)
    kind = _kind(inner, None, may_be_json)
    if kind is not None:
        raise InputError(f"{place} holds {kind}, not data; nothing was kept. {_remedy(url)}")
    if lacks_end_block(path):
        raise _cut(place, "the block that ends a BGZF file is missing", url)
    return True


def _kind(start: bytes, path: Path | None, may_be_json: bool) -> str | None:
    """What a file is that is no data, by its first bytes."""
    text = _as_utf8(start).lstrip()
    if not text:
        is_short = path is None or path.stat().st_size <= SHOWN_BYTES
        return "an empty file" if is_short else None
    if text.startswith(b"<"):
        is_page = any(word in text.lower() for word in (b"<html", b"<!doctype html", b"<head"))
        return "a web page" if is_page else TAGGED
    if text.startswith(POINTERS):
        return "a pointer to a file (of Git LFS or git-annex), which lies elsewhere"
    if text.startswith(b"WARC/"):
        return "a web archive (WARC)"
    if text.startswith(b"%PDF-"):
        return "a PDF document"
    if not may_be_json and text[:1] in b"{[" and _is_json(text, path):
        return "a JSON text (an error message?)"
    return None


def _as_utf8(start: bytes) -> bytes:
    """The beginning of a text without its byte order mark."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if start.startswith(mark):
            return start[2:].decode(encoding, "ignore").encode("utf-8", "ignore")
    return start.removeprefix(b"\xef\xbb\xbf")


def _is_json(text: bytes, path: Path | None) -> bool:
    if path is None or path.stat().st_size > LARGEST_ERROR:
        return text.startswith(b"{") and text[1:].lstrip()[:1] in (b'"', b"}")
    try:
        json.loads(_as_utf8(path.read_bytes()))
    except (ValueError, RecursionError):
        return False
    return True


def _read_to_end(path: Path, place: str, url: str, max_bytes: float) -> bytes:
    """Unpack a gzip file without keeping it; returns how it begins."""
    size, packed = 0, path.stat().st_size
    start = b""
    try:
        with gzip.open(path) as file:
            while block := file.read(STEP):
                start = start or block[:SHOWN_BYTES]
                size += len(block)
                if size > max_bytes or size > max(SMALLEST_BOMB, BOMB_RATIO * packed):
                    raise InputError(
                        f"{place} has {readable_size(packed)} and unpacks to more than "
                        f"{readable_size(size)}; nothing was kept. If it is the right file, "
                        "unpack it yourself (or raise `download.max_gb` in the config) and give "
                        "its path."
                    )
    except (EOFError, zlib.error, OSError) as error:
        raise _cut(place, str(error), url) from error
    return start


def _cut(place: str, found: str, url: str) -> InputError:
    return InputError(
        f"{place} is cut short or damaged ({found}); nothing was kept. "
        + ("Copy it again." if local_path(url) else "Run again; if it stays so, look for another.")
    )


def _remedy(url: str) -> str:
    if local_path(url):
        return "Check how the file was made or copied, or give the path of another one."
    return (
        "Open the address in a browser: it may be the page about the file, or a login page. Give "
        "the address of the file itself."
    )
