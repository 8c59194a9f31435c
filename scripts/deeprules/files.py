"""Files that are either whole or absent."""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """An empty folder, gone when the block ends; what a killed job left there is removed first."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
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
        os.replace(folder / path.name, path)


def file_sha256(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: str | os.PathLike, content) -> None:
    """Write `content` as indented JSON; NaN and infinity are refused."""
    with whole_file(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")


def finite_or_none(number: float) -> float | None:
    """A number for JSON: None where it is not defined."""
    return float(number) if math.isfinite(number) else None


def read_json(path: str | os.PathLike):
    """The content of a JSON file."""
    return json.loads(Path(path).read_text())


def write_table(path: str | os.PathLike, table: pd.DataFrame) -> None:
    """Write a table, without its index, as Parquet (`.parquet`) or tab-separated text (`.tsv`)."""
    with whole_file(path) as unfinished:
        if unfinished.suffix == ".parquet":
            table.to_parquet(unfinished, index=False)
        else:
            table.to_csv(unfinished, sep="\t", index=False)
