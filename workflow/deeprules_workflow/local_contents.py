"""The content of local files as parameters of rules, so that content alone decides what runs again.

Snakemake compares dates, and an edited file may carry an older one: from an archive, a copy, a
version control system. A file is read again only when its size, its dates or its place on the
disk have changed; what was read is kept in `.snakemake/deeprules_contents.json`.

It needs the standard library alone.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

KEPT = Path(".snakemake", "deeprules_contents.json")
SETTLED = 2.0
"""Seconds after which a date tells one state of a file from the next."""

MAX_FILES = 10_000


def contents_of(paths: Iterable[str | Path]) -> dict[str, str]:
    """SHA-256 of each plain file, by its path as it is given; others are left out.

    Folders stand for all files in them. Links are followed.
    """
    known, found = _known(), {}
    for path in _files(paths):
        with suppress(OSError):  # the job that reads it says what is wrong
            found[str(path)] = _content(path, known)
    _keep(known)
    return found


def _files(paths: Iterable[str | Path]) -> list[Path]:
    """Plain files, sorted; a folder gives those that lie in it."""
    files = set()
    for path in map(Path, paths):
        with suppress(OSError, RuntimeError, ValueError):  # a circle of links, a zero byte
            inner = path.rglob("*") if path.is_dir() else [path]
            files |= {file for file in inner if file.is_file()}
    return sorted(files)


def _content(path: Path, known: dict) -> str:
    """SHA-256 of a file, from what is known of it if it is as it was."""
    place, facts = str(path.resolve()), _facts(path)
    if known.get(place, [None])[0] == facts:
        return known[place][1]
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    known.pop(place, None)
    is_settled = time.time() - max(facts[1], facts[2]) / 1e9 > SETTLED
    if is_settled and _facts(path) == facts:
        known[place] = [facts, sha256]
    return sha256


def _facts(path: Path) -> list[int]:
    """What changes when a file does; the date of its change of state cannot be set back."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev]


_read: dict = {}


def _known() -> dict:
    """What is known of files, as the working directory keeps it."""
    place = str(KEPT.absolute())
    if place not in _read:
        try:
            content = json.loads(KEPT.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            content = {}
        _read.clear()
        _read[place] = content if isinstance(content, dict) else {}
        _read["kept"] = dict(_read[place])
    return _read[place]


def _keep(known: dict) -> None:
    """Keep what was read, if any of it is new; where nothing can be written, it is read again."""
    if known == _read["kept"]:
        return
    _read["kept"] = dict(known)
    newest = dict(list(known.items())[-MAX_FILES:])
    unfinished = KEPT.with_name(f".unfinished-{KEPT.name}-{os.getpid()}")
    with suppress(OSError):
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(newest), encoding="utf-8")
        os.replace(unfinished, KEPT)
