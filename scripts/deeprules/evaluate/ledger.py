"""The ledger of openings of the test set: append-only, hash-chained, under version control.

`openings.jsonl` holds one entry a line. Each entry carries the hash of the entry before it and
its own hash, so an edit, a swap or a cut in the middle is noticed. Each entry has a file of its
own, `examples/<index>-<digest>.txt`, so that a cut at the end leaves a file without its entry. It
holds the examples that the opening has seen, one a line, sorted: the hash of the content and that
of source and id. The digest is the file's SHA-256 and stands in the entry.

That the last entries were removed together with their files, or that the whole ledger was written
anew, shows where commits hold more than the ledger: what any commit before HEAD has must still be
there. Hence the ledger belongs under version control. It guards against oversight, not against
fraud.
"""

import fcntl
import hashlib
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import numpy as np

from deeprules.errors import InputError
from deeprules.files import file_sha256, make_folder, read_array, take_name, whole_file, write_text

NO_ENTRY = "0" * 64
PENDING = "pending-{}.txt"
WRITTEN = {"index", "time", "previous", "examples_sha256", "sha256"}
"""What every entry has."""


def read_ledger(folder: str | Path) -> list[dict]:
    """The entries of a ledger, oldest first, checked; empty if there is none yet.

    Raises
    ------
    InputError that names the line if an entry was edited, moved or removed, or the file if the
    examples of an opening are missing, altered or without an entry.
    """
    folder = Path(folder)
    path = folder / "openings.jsonl"
    lines = _read(path).splitlines() if path.exists() else []
    entries, previous = [], NO_ENTRY
    for number, line in enumerate(lines, start=1):
        entry = parse_entry(line)
        if entry is None or entry.get("sha256") != _entry_sha256(entry):
            raise damage(path, "the entry was edited: its hash doesn't match", number)
        if entry["previous"] != previous or entry["index"] != number:
            raise damage(
                path, "the entry doesn't follow the one before: lines were moved or removed", number
            )
        previous = entry["sha256"]
        read_examples(folder, entry)
        entries.append(entry)
    known = {_examples_path(folder, entry) for entry in entries}
    for file in sorted((folder / "examples").glob("[0-9]*.txt")):
        if file not in known:
            raise damage(path, f"no entry refers to {file}: entries were removed")
    return entries


def append_entry(
    folder: str | Path,
    entries: list[dict],
    facts: dict,
    examples: str,
    sketches: np.ndarray | None = None,
) -> dict:
    """Add an entry; the caller holds the lock of `locked` and has read `entries` under it.

    Parameters
    ----------
    entries : the ledger as it is
    facts : what the entry says; index, time, previous hash and own hash are added
    examples : hashes of the test examples, as `Request.examples_text` gives them
    sketches : what edited examples are known by, as `Sketches.kept` gives them

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
        "sketches_sha256": None if sketches is None else _write_sketches(folder, sketches),
        **facts,
    }
    entry["sha256"] = _entry_sha256(entry)
    for known in entries:
        if _pending_path(folder, known).exists() and not _examples_path(folder, known).exists():
            take_name(_pending_path(folder, known), _examples_path(folder, known))
    for left in (folder / "examples").glob(PENDING.format("*")):
        left.unlink()
    pending = _pending_path(folder, entry)
    write_text(pending, examples)
    write_text(
        folder / "openings.jsonl", "".join(canonical_json(one) + "\n" for one in [*entries, entry])
    )
    take_name(pending, _examples_path(folder, entry))
    return entry


def read_examples(folder: str | Path, entry: dict) -> tuple[set[str], ...]:
    """The examples that an opening has seen, in hexadecimal.

    Returns
    -------
    Their content hashes, their identity hashes (of source and id), those of their names, and of
    their content whatever its orientation. Entries of earlier versions lack the last two, tables
    the last.

    Raises
    ------
    InputError if the file is missing or altered.
    """
    path = _examples_path(Path(folder), entry)
    if not path.exists() and _pending_path(Path(folder), entry).exists():
        path = _pending_path(Path(folder), entry)  # killed before the last step of `append_entry`
    if not path.exists():
        raise damage(path, f"the examples of opening {entry['index']} are missing")
    text = _read(path)
    if text_sha256(text) != entry["examples_sha256"]:
        raise damage(path, f"the examples of opening {entry['index']} were edited")
    lines = [line.split() for line in text.splitlines()]
    return tuple({line[place] for line in lines if len(line) > place} for place in range(4))


def read_sketches(folder: str | Path, entry: dict) -> np.ndarray | None:
    """The sketches of an opening; None for an entry of an earlier version, which has none.

    Raises
    ------
    InputError if the file is missing or altered.
    """
    if not entry.get("sketches_sha256"):
        return None
    path = _sketches_path(Path(folder), entry["sketches_sha256"])
    if not path.exists() or file_sha256(path) != entry["sketches_sha256"]:
        raise damage(path, f"the sketches of opening {entry['index']} are missing or were edited")
    return read_array(path)


@contextmanager
def locked(folder: str | Path, seconds: float = 10) -> Iterator[None]:
    """Keep other runs out of a ledger; the system gives the lock back however a process ends.

    Raises
    ------
    InputError
        If another run holds the lock for longer than `seconds`, the ledger cannot be written, or
        its file system has no locks.
    """
    path = Path(folder) / "openings.lock"
    try:
        make_folder(path.parent)
        file = open(path, "a")  # noqa: SIM115
    except OSError as error:
        raise InputError(
            f"{folder}: the ledger of openings cannot be written ({error.strerror}), so the test "
            "set stays closed. Give this user the right to write there."
        ) from error
    with file:
        _wait_for(file, seconds)
        yield


def _wait_for(file: IO, seconds: float) -> None:
    """Lock an open file."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise InputError(
                    f"{file.name}: another run is opening a test set. Wait for its end."
                ) from None
            time.sleep(0.05)
        except OSError as error:
            raise InputError(
                f"{file.name}: this file system has no locks ({error.strerror}), so two runs could "
                "open a test set at once. Keep the project's folder on one that has them."
            ) from error


def canonical_json(content) -> str:
    """JSON with sorted keys and no spaces: one text for one content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def text_sha256(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _examples_path(folder: Path, entry: dict) -> Path:
    """Where the hashes of an opening's examples are kept."""
    return folder / "examples" / f"{entry['index']}-{entry['examples_sha256']}.txt"


def _pending_path(folder: Path, entry: dict) -> Path:
    """Where they are until the entry is written; without an entry they mean nothing."""
    return folder / "examples" / PENDING.format(entry["examples_sha256"])


def _write_sketches(folder: Path, sketches: np.ndarray) -> str:
    """Keep sketches under the name of their hash, which is returned."""
    file = io.BytesIO()
    np.save(file, sketches)
    sha256 = hashlib.sha256(file.getvalue()).hexdigest()
    with whole_file(_sketches_path(folder, sha256)) as unfinished:
        unfinished.write_bytes(file.getvalue())
    return sha256


def _sketches_path(folder: Path, sha256: str) -> Path:
    """Where sketches with a hash are kept."""
    return folder / "sketches" / f"{sha256}.npy"


def damage(path: Path, problem: str, line: int | None = None) -> InputError:
    """The error for a ledger that isn't what was written."""
    place = f"{path}, line {line}" if line else f"{path}"
    return InputError(
        f"{place}: {problem}. Restore it from version control (`git log -p -- {path}`); "
        "a ledger is never edited."
    )


def parse_entry(line: str) -> dict | None:
    """A line's entry; None if it isn't one."""
    try:
        entry = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and entry.keys() >= WRITTEN else None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _read(path: Path) -> str:
    """The text of a file of the ledger."""
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise damage(path, f"is no text that was written here ({error})") from error


def _entry_sha256(entry: dict) -> str:
    """SHA-256 of an entry without its own hash."""
    return text_sha256(canonical_json({name: entry[name] for name in entry if name != "sha256"}))
