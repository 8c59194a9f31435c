"""The files that pass between the workflow and a user's tool: examples, labels, model and scores.

Examples are numbered anew in the order of the file, which is drawn at random: an id such as
`promoters:12`, or its place among the others, would tell the class.
"""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.command.tool import Tool
from deeprules.command.tool_commands import Finished
from deeprules.data import Dataset
from deeprules.encoding import LETTERS
from deeprules.errors import InputError
from deeprules.feature_store import dense_within_limit
from deeprules.paths import is_inside

SHOWN = 3
SUFFIXES = {"fasta": ".fa", "tsv": ".tsv"}


def example_ids(n: int) -> list[str]:
    """Ids of n examples in the order of their file."""
    return [f"example{number}" for number in range(1, n + 1)]


def write_examples(path: Path, ids: Sequence[str], features: np.ndarray, tool: Tool) -> None:
    """Write examples as FASTA, or as a table of `id` and `sequence` or the features by name.

    Parameters
    ----------
    features : codes (N, L), `uint8`, without their padding in the file; or values (N, P)
    """
    if tool.feature_names:
        values = dense_within_limit(features, f"The tool {tool.name}")
        table = pd.DataFrame(values, columns=list(tool.feature_names))
        table.insert(0, "id", ids, allow_duplicates=True)
        table.to_csv(path, sep="\t", index=False, na_rep="NA")
        return
    letters = np.frombuffer(LETTERS.encode(), dtype=np.uint8)
    sequences = (letters[codes].tobytes().strip(b"-").decode() for codes in features)
    pattern = ">{}\n{}\n" if tool.format == "fasta" else "{}\t{}\n"
    with path.open("w") as file:
        file.write("" if tool.format == "fasta" else "id\tsequence\n")
        file.writelines(pattern.format(*pair) for pair in zip(ids, sequences, strict=True))


def write_labels(path: Path, ids: Sequence[str], labels: np.ndarray, dataset: Dataset) -> None:
    """Write a table of `id` and `label`: the name of the class, or the value."""
    named = np.array(dataset.classes)[labels] if dataset.is_classification else labels
    pd.DataFrame({"id": ids, "label": named}).to_csv(path, sep="\t", index=False)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Content of every file in a folder, by its path from there, in order.

    Raises
    ------
    InputError
        If one of them is a link: it may lead to what the command could not see itself.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    for path in paths:
        if path.is_symlink():
            raise InputError(
                f"The command left a link, {path.name}, where its model belongs. Let it write "
                "files alone."
            )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Put files back where `read_folder` found them."""
    for name, content in files.items():
        path = folder / name
        if not is_inside(path, folder):
            raise InputError(f"A file of a saved tool, {name!r}, would lie outside of its folder.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def read_scores(text: str, ids: Sequence[str], dataset: Dataset, done: Finished) -> np.ndarray:
    """Scores in the order of `ids`, from a tab-separated table of ids and scores in any order.

    A first line that begins with `id` names the columns: `score` (or the positive class, or
    whatever the only other column is called), or each class of several. Without it, a line is an
    id and a score.

    Returns
    -------
    (N, 1), or (N, C) in the order of the classes for a multiclass task.

    Raises
    ------
    InputError
        If a column or an example is missing, an id is unknown or repeated, or a score is no
        finite number.
    """
    lines = [line.split("\t") for line in text.splitlines() if line.strip()]
    if not lines:
        raise done.error("the command wrote no scores")
    has_header = lines[0][0].lstrip("#").strip().lower() == "id"
    header = [name.strip() for name in lines[0]] if has_header else None
    places = _places(header, dataset, done)
    width = len(header) if header else 2
    rows = lines[1:] if header else lines
    for row in rows:
        if len(row) != width:
            found = "\t".join(row)
            raise done.error(f"a line of its scores has {len(row)} fields, not {width}: {found!r}")
    _check_ids([row[0].strip() for row in rows], ids, done)
    scores = {
        row[0].strip(): [_number(row[place], row[0], done) for place in places] for row in rows
    }
    return np.array([scores[name] for name in ids])


def _places(header: list[str] | None, dataset: Dataset, done: Finished) -> list[int]:
    """Places of the columns that hold the scores."""
    if dataset.task == "multiclass":
        missing = [name for name in dataset.classes if name not in (header or [])[1:]]
        if missing:
            raise done.error(
                f"its scores lack a column for {_some(missing)}: with several classes the first "
                "line is `id` and the names of the classes"
            )
        return [header.index(name, 1) for name in dataset.classes]
    if header is None or len(header) == 2:
        return [1]
    for name in ("score", *dataset.classes[1:]):
        if name in header[1:]:
            return [header.index(name, 1)]
    raise done.error(f"its scores have no column `score`, only {_some(header[1:])}")


def _check_ids(found: list[str], ids: Sequence[str], done: Finished) -> None:
    """Every example once, and nothing else."""
    counts, known = Counter(found), set(ids)
    faults = {
        "unknown": [name for name in counts if name not in known],
        "repeated": [name for name, count in counts.items() if count > 1],
        "missing": [name for name in ids if name not in counts],
    }
    for fault, names in faults.items():
        if names:
            raise done.error(
                f"{fault} ids in its scores: {len(names)} for {len(ids)} examples ({_some(names)})"
            )


def _number(value: str, name: str, done: Finished) -> float:
    """A finite number."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise done.error(f"the score of {name} is no finite number: {value.strip()!r}")
    return number


def _some(names: Sequence[str]) -> str:
    """The first few of some names."""
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
