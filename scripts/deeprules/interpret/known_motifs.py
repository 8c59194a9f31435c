"""Motifs that are known already: a release of JASPAR, or a MEME file of the user's own."""

import re
import sqlite3
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from deeprules.errors import InputError
from deeprules.files import file_sha256

PSEUDOCOUNT = 0.01
LATEST = """
    SELECT m.ID, m.BASE_ID || '.' || m.VERSION, m.NAME, d.row, d.col, d.val
    FROM (SELECT ID, BASE_ID, max(VERSION) AS VERSION, NAME FROM MATRIX
          WHERE COLLECTION = 'CORE' GROUP BY BASE_ID) AS m
    JOIN MATRIX_DATA AS d ON d.ID = m.ID
    ORDER BY m.BASE_ID, d.col, d.row
"""


@dataclass(frozen=True)
class KnownMotifs:
    """Motifs by name, and what is to be said of where they come from.

    Attributes
    ----------
    matrices : base probabilities (W, 4) in the order A, C, G, T, by name
    source : {"name", "version", "licence", "sha256"}
    """

    matrices: dict[str, np.ndarray]
    source: dict


def load_known_motifs(path: str | Path | None, wanted: bool = True) -> KnownMotifs:
    """The motifs of a MEME file, or without one the latest release of JASPAR that is installed.

    None where they are not `wanted`.

    Raises
    ------
    InputError
        If the file is no MEME file; it names the line.
    """
    if not wanted:
        return KnownMotifs({}, {})
    return read_meme(path) if path else read_jaspar()


def read_jaspar() -> KnownMotifs:
    """The latest matrix of each motif of JASPAR's CORE collection, as the package pyjaspar has it.

    Source: Rauluseviciute et al. 2024, Nucleic Acids Research 52:D174.
    """
    folder = Path(next(iter(find_spec("pyjaspar").submodule_search_locations))) / "data"
    path = max(folder.glob("JASPAR*.sqlite"), key=lambda file: file.name)
    counts: dict[tuple, dict[str, list]] = {}
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        for number, motif, name, row, _, value in connection.execute(LATEST):
            bases = counts.setdefault((number, f"{motif} {name}"), {})
            bases.setdefault(row, []).append(value)
    finally:
        connection.close()
    matrices = {
        name: _probabilities(np.array([rows[base] for base in "ACGT"], dtype=float).T)
        for (_, name), rows in counts.items()
    }
    source = {"name": f"{path.stem} (CORE, latest version of each matrix)"}
    source |= {"version": f"pyjaspar {version('pyjaspar')}", "sha256": file_sha256(path)}
    source |= {"licence": "open for all uses, as JASPAR says; the package is under the MIT licence"}
    return KnownMotifs(matrices, source)


def read_meme(path: str | Path) -> KnownMotifs:
    """Motifs of a file in minimal MEME format (https://meme-suite.org/meme/doc/meme-format.html).

    Raises
    ------
    InputError
        Naming the first line that cannot be read.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}).") from error
    if not lines or not lines[0].startswith("MEME version"):
        raise InputError(
            f"{path}, line 1: `MEME version 4` must stand here. Give `interpret: motifs` a file in "
            "MEME format."
        )
    matrices, name, wanted = {}, "", 0
    for number, line in enumerate(lines, 1):
        words, where = line.split(), f"{path}, line {number}"
        if line.startswith("ALPHABET="):
            _refuse_alphabet(line, where)
        if wanted:
            matrices[name].append(_row(words, where))
            wanted -= 1
        elif line.startswith("MOTIF"):
            _refuse_unfinished(matrices, name, where)
            name = " ".join(words[1:])
            if not name or name in matrices:
                raise InputError(f"{where}: a motif needs a name of its own after `MOTIF`.")
            matrices[name] = []
        elif line.startswith("letter-probability matrix:"):
            wanted = _width(line, name, matrices, where)
    _refuse_unfinished(matrices, name, f"{path}, line {len(lines)}", wanted)
    if not matrices:
        raise InputError(f"{path}: holds no motif (no line begins with `MOTIF`).")
    found = {name: _probabilities(np.array(rows)) for name, rows in matrices.items()}
    source = {"name": Path(path).name, "version": f"{len(found)} motifs"}
    source |= {"licence": "not stated", "sha256": file_sha256(path)}
    return KnownMotifs(found, source)


def _refuse_alphabet(line: str, where: str) -> None:
    if line.removeprefix("ALPHABET=").strip() != "ACGT":
        raise InputError(f"{where}: only the alphabet ACGT is read, not {line[9:].strip()!r}.")


def _refuse_unfinished(matrices: dict, name: str, where: str, wanted: int = 0) -> None:
    if name and (wanted or not matrices[name]):
        raise InputError(f"{where}: the matrix of the motif {name!r} above is not complete.")


def _width(line: str, name: str, matrices: dict, where: str) -> int:
    """Rows of the matrix that a line announces."""
    found = re.search(r"\bw= *([1-9][0-9]*)\b", line)
    if not found or not name or matrices[name]:
        raise InputError(
            f"{where}: `letter-probability matrix: alength= 4 w= <rows>` must stand once a motif."
        )
    return int(found[1])


def _row(words: list[str], where: str) -> list[float]:
    """Four probabilities that add up to 1."""
    try:
        row = [float(word) for word in words]
    except ValueError:
        row = []
    if len(row) != 4 or min(row) < 0 or not 0.97 < sum(row) < 1.03:
        raise InputError(
            f"{where}: four probabilities (A, C, G, T) that add up to 1 must stand here, not "
            f"{' '.join(words)[:60]!r}."
        )
    return row


def _probabilities(counts: np.ndarray) -> np.ndarray:
    """Rows (W, 4) that add up to 1, none of their entries 0."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12) + PSEUDOCOUNT
    return shares / shares.sum(axis=1, keepdims=True)
