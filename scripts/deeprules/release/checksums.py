"""The SHA-256 of every file of a released folder."""

from pathlib import Path

from deeprules.errors import InputError
from deeprules.files import file_sha256, write_text

CHECKSUMS = "checksums.sha256"


def write_checksums(folder: Path) -> int:
    """Write the SHA-256 of every file, in the form of `sha256sum`; returns their number."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    lines = [f"{file_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    write_text(folder / CHECKSUMS, "".join(lines))
    return len(files)


def check_release(folder: str | Path) -> None:
    """Check a released folder against its checksums.

    Raises
    ------
    InputError
        That names the files that are missing or were altered.
    """
    folder = Path(folder)
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    wrong = []
    for sha256, _, name in (line.partition("  ") for line in lines):
        path = folder / name
        if not path.is_file() or file_sha256(path) != sha256:
            wrong.append(name)
    if wrong:
        raise InputError(f"{folder}: {', '.join(wrong[:5])} is missing or was altered.")
