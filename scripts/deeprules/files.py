"""Files that are either whole or absent, after a killed job as after a power cut.

A file gets its name only when all of it is on the disk: content, name and folder are synced in
this order (Pillai et al. 2014, "All file systems are not created equal"). Everything that the
workflow keeps is written through this module, and what it reads back is read through it: a file
that is empty or cannot be read is refused by name.
"""

import errno
import hashlib
import json
import math
import os
import shutil
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.errors import InputError


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """An empty folder, gone when the block ends; what a killed job left there is removed first."""
    if path.exists():
        shutil.rmtree(path)
    make_folder(path.parent)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name only when the block ends well."""
    path = Path(path)
    with scratch_folder(path.with_name(f".unfinished-{path.name}")) as folder:
        yield folder / path.name
        take_name(folder / path.name, path)


@contextmanager
def whole_folder(path: str | os.PathLike) -> Iterator[Path]:
    """A new folder beside `path` that takes its name only when the block ends well."""
    path = Path(path)
    with scratch_folder(path.with_name(f".unfinished-{path.name}")) as folder:
        (folder / path.name).mkdir()
        yield folder / path.name
        take_name(folder / path.name, path)


def take_name(unfinished: Path, path: Path) -> None:
    """Rename a finished file or folder; its content reaches the disk before its name does.

    A file or folder that has the name is replaced.
    """
    sync(unfinished)
    if path.is_dir():
        shutil.rmtree(path)
    os.replace(unfinished, path)
    _sync_one(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and its parents, where they are missing, and see them to the disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    _sync_one(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or a folder with all that it holds, is on the disk."""
    if path.is_dir() and not path.is_symlink():
        for one in path.iterdir():
            sync(one)
    if not path.is_symlink():
        _sync_one(path)


def file_sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text as UTF-8."""
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, content) -> None:
    """Write `content` as indented JSON; NaN and infinity are refused."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def write_table(path: str | os.PathLike, table: pd.DataFrame) -> None:
    """Write a table, without its index, as Parquet (`.parquet`) or tab-separated text (`.tsv`)."""
    with whole_file(path) as unfinished:
        if unfinished.suffix == ".parquet":
            table.to_parquet(unfinished, index=False)
        else:
            table.to_csv(unfinished, sep="\t", index=False)


def finite_or_none(number: float) -> float | None:
    """A number for JSON: None where it is not defined."""
    return float(number) if math.isfinite(number) else None


def read_json(path: str | os.PathLike):
    """The content of a JSON file; InputError if it is empty or damaged."""
    with refusing_damage(path):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def read_table(path: str | os.PathLike, **options) -> pd.DataFrame:
    """A table that the workflow wrote; InputError if it is empty or damaged.

    A table without rows has its header, and one without columns its line end. `options` are those
    of `pandas.read_parquet` (`.parquet`) or `pandas.read_csv` (other suffixes).
    """
    path = Path(path)
    with refusing_damage(path):
        if path.suffix == ".parquet":
            return pd.read_parquet(path, **options)
        text = path.read_bytes()
        if not text.endswith(b"\n") or b"\0" in text:
            raise ValueError("its end is missing" if text.strip(b"\0") else "it holds nothing")
        if not text.strip():
            return pd.DataFrame()
        return pd.read_csv(path, sep="\t", **options)


def read_array(path: str | os.PathLike) -> np.ndarray:
    """An array of a `.npy` file, memory-mapped; InputError if it is empty or damaged."""
    with refusing_damage(path, tokenize.TokenError, SyntaxError):
        return np.load(path, mmap_mode="r")


@contextmanager
def refusing_damage(path: str | os.PathLike, *errors: type[Exception]) -> Iterator[None]:
    """Turn what reading a damaged file raises into an InputError that names the file.

    `errors` are raised beside ValueError, OSError, EOFError and RecursionError; that a file is
    missing or may not be read stays an error of its own.
    """
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except (ValueError, OSError, EOFError, RecursionError, *errors) as error:
        raise InputError(
            f"{path}: is empty or damaged ({error}), as a power cut or a full disk can leave a "
            "file. Delete it and run again; what is under version control is restored from there."
        ) from error


def _sync_one(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no such call for folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
