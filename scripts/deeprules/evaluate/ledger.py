"""The ledger of openings of the test set: append-only, hash-chained, under version control.

`openings.jsonl` holds one entry a line. Each entry carries the hash of the entry before it and
its own hash, so an edit, a swap or a cut in the middle is noticed. Each entry has a file of its
own, `examples/<index>-<digest>.txt`, so that a cut at the end leaves a file without its entry. It
holds the examples that the opening has seen, one a line, sorted: the hash of the content and that
of source and id. The digest is the file's SHA-256 and stands in the entry.

What it can't notice: that the last entries were removed together with their files, or that the
whole ledger was written anew. The history in version control shows both, which is why the ledger
belongs there. It guards against oversight, not against fraud.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deeprules.errors import InputError
from deeprules.files import whole_file
from deeprules.git import has_git, run_git

NO_ENTRY = "0" * 64


def read_ledger(folder: str | Path) -> list[dict]:
    """The entries of a ledger, oldest first, checked; empty if there is none yet.

    Raises
    ------
    InputError that names the line if an entry was edited, moved or removed, or the file if the
    examples of an opening are missing, altered or without an entry.
    """
    folder = Path(folder)
    path = folder / "openings.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    entries, previous = [], NO_ENTRY
    for number, line in enumerate(lines, start=1):
        entry = _parse(line)
        if entry is None or entry.get("sha256") != _entry_sha256(entry):
            raise _damage(path, "the entry was edited: its hash doesn't match", number)
        if entry["previous"] != previous or entry["index"] != number:
            raise _damage(
                path, "the entry doesn't follow the one before: lines were moved or removed", number
            )
        previous = entry["sha256"]
        read_examples(folder, entry)
        entries.append(entry)
    known = {_examples_path(folder, entry) for entry in entries}
    for file in sorted((folder / "examples").glob("*.txt")):
        if file not in known:
            raise _damage(
                path,
                f"no entry refers to {file}: entries were removed (or a run was killed between "
                "writing the two; then delete that file)",
            )
    return entries


def append_entry(folder: str | Path, entries: list[dict], facts: dict, examples: str) -> dict:
    """Add an entry; the caller holds the lock of `locked` and has read `entries` under it.

    Parameters
    ----------
    entries : the ledger as it is
    facts : what the entry says; index, time, previous hash and own hash are added
    examples : hashes of the test examples, as `Request.examples_text` gives them

    Returns
    -------
    The entry as written.
    """
    folder = Path(folder)
    entry = {
        "index": len(entries) + 1,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "previous": entries[-1]["sha256"] if entries else NO_ENTRY,
        "examples_sha256": text_sha256(examples),
        **facts,
    }
    entry["sha256"] = _entry_sha256(entry)
    with whole_file(_examples_path(folder, entry)) as unfinished:
        unfinished.write_text(examples)
    with whole_file(folder / "openings.jsonl") as unfinished:
        unfinished.write_text("".join(canonical_json(one) + "\n" for one in [*entries, entry]))
    return entry


def read_examples(folder: str | Path, entry: dict) -> tuple[set[str], set[str]]:
    """The examples that an opening has seen, in hexadecimal.

    Returns
    -------
    Their content hashes and their identity hashes (of source and id).

    Raises
    ------
    InputError if the file is missing or altered.
    """
    path = _examples_path(Path(folder), entry)
    if not path.exists():
        raise _damage(path, f"the examples of opening {entry['index']} are missing")
    text = path.read_text()
    if text_sha256(text) != entry["examples_sha256"]:
        raise _damage(path, f"the examples of opening {entry['index']} were edited")
    words = text.split()
    return set(words[::2]), set(words[1::2])


def is_tracked(folder: str | Path) -> bool:
    """Whether git knows the ledger of a folder; False without git or a repository."""
    if not has_git():
        return False
    return run_git(folder, "ls-files", "--error-unmatch", "openings.jsonl").returncode == 0


@contextmanager
def locked(folder: str | Path, seconds: float = 10) -> Iterator[None]:
    """Keep other runs out of a ledger.

    Raises
    ------
    InputError if another run holds the lock for longer than `seconds`.
    """
    lock = Path(folder) / "openings.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    # A file that must not exist yet is a lock on shared file systems too, where flock may not be.
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise InputError(
                    f"{lock}: another run is opening a test set. If none is, delete this file."
                ) from None
            time.sleep(0.05)
    try:
        yield
    finally:
        lock.unlink()


def canonical_json(content) -> str:
    """JSON with sorted keys and no spaces: one text for one content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def text_sha256(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _examples_path(folder: Path, entry: dict) -> Path:
    """Where the hashes of an opening's examples are kept."""
    return folder / "examples" / f"{entry['index']}-{entry['examples_sha256']}.txt"


def _damage(path: Path, problem: str, line: int | None = None) -> InputError:
    """The error for a ledger that isn't what was written."""
    place = f"{path}, line {line}" if line else f"{path}"
    return InputError(
        f"{place}: {problem}. Restore it from version control (`git log -p -- {path}`); "
        "a ledger is never edited."
    )


def _parse(line: str) -> dict | None:
    """A line's entry; None if it isn't one."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None


def _entry_sha256(entry: dict) -> str:
    """SHA-256 of an entry without its own hash."""
    return text_sha256(canonical_json({name: entry[name] for name in entry if name != "sha256"}))
