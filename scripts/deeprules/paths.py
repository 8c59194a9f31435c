"""Names and paths that come from outside: what of them may touch the file system.

It needs the standard library alone.
"""

from __future__ import annotations  # an old framework may come with an old Python

import hashlib
import re
from pathlib import Path, PurePosixPath

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
PLAIN_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,8}){0,2}")


def path_part(text: str) -> str:
    """A file name for `text`, which is nobody's path: itself if it is plain, else its hash.

    The hash keeps a plain ending such as `.tar.gz`, by which other programs know a format.
    """
    if PLAIN_NAME.fullmatch(text):
        return text
    ending = "".join(PurePosixPath(text).suffixes[-2:])
    known = ending if PLAIN_SUFFIX.fullmatch(ending) else ""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16] + known


def is_inside(path: str | Path, root: str | Path) -> bool:
    """Whether a path, with every link in it followed, lies in a folder; no loop of links does."""
    try:
        return Path(path).resolve().is_relative_to(Path(root).resolve())
    except (RuntimeError, OSError, ValueError):  # a loop, a name too long, a zero byte
        return False
