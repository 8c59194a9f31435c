"""Similar nucleotide sequences, found by MMseqs2 on both strands.

Words are as short as the size of the data allows. What is found was measured on 150 planted pairs
each, half of them on opposite strands, among 300 other random sequences (identity .6, coverage .7;
a pair is found if one finds the other):

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
bases is .83: an alignment at that identity often ends before its ends.

That search compares all with all: its time grows with the square of the data. In a set of more
than `SEARCHED_BASES` bases a sequence is therefore aligned only with the one that stands for each
group that shares a word with it (the first step of Linclust, Steinegger and Soeding 2018, Nat
Commun 9:2542), which is linear, and the words are so long that few are shared by chance. Of 300
pairs planted for each identity among 100,000 random sequences of 200 bases were found:

    word    .95    .9    .8    .7    .65
      15   1.00  1.00   .77   .25    .11
      17   1.00  1.00   .62   .12    .05

So large data lose distant homologs, and are told so.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.files import scratch_folder
from deeprules.split.mmseqs import alignment, run_mmseqs, write_fasta

SHORTEST_WORD, LONGEST_WORD = 7, 13
WORD_MATCHES = 2e9
"""Chance matches of words, in all, up to which words may be shorter."""

SEARCHED_BASES = 100_000_000
"""Bases of a set up to which every sequence is searched in all of it."""

GROUP_MATCHES = 0.03
"""Chance matches of a base's word, at most, in a set that is not searched."""

MAX_HITS = 300
"""Hits of a sequence, at most, that are aligned."""

MIN_UNGAPPED = 20
"""Score without gaps (+2/-3) below which a pair is not aligned."""

COLUMNS = {"query": np.int64, "target": np.int64, "fident": np.float64}
ENDS = {"qstart": np.int64, "qend": np.int64, "tstart": np.int64, "tend": np.int64}


def word_length(n_queries: int, n_targets: int) -> int:
    """Length of the words, given the bases of queries and of targets.

    The shortest length with at most `WORD_MATCHES` matches by chance on both strands.
    """
    wanted = np.log2(max(2.0 * n_queries * n_targets / WORD_MATCHES, 1)) / 2
    return int(np.clip(np.ceil(wanted), SHORTEST_WORD, LONGEST_WORD))


def shared_word_length(n: int) -> int:
    """Length of the words for `pairs_by_shared_words` in a set of n bases."""
    return int(np.ceil(np.log2(2.0 * n / GROUP_MATCHES) / 2))


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
    with scratch_folder(Path(scratch)) as folder:
        files = {"queries": folder / "queries.fasta", "targets": folder / "targets.fasta"}
        for path, features in zip(files.values(), (queries, targets), strict=True):
            write_fasta(path, features)
        run_mmseqs(
            *("easy-search", *files.values(), folder / "found.tsv", folder / "work"),
            *("--search-type", 3, "--strand", 2 if both_strands else 1, "-k", word),
            *("--max-seqs", MAX_HITS, "--min-ungapped-score", MIN_UNGAPPED),
            *alignment(folder, coverage, identity),
            *("--format-output", ",".join(COLUMNS), "--threads", threads, "-v", 1),
        )
        return _read_pairs(folder / "found.tsv", COLUMNS)


def pairs_by_shared_words(
    features: np.ndarray,
    coverage: float,
    identity: float,
    word: int,
    scratch: str | Path,
    threads: int = 1,
    both_strands: bool = True,
    memory_mb: int = 2000,
) -> pd.DataFrame:
    """Pairs within one large set that share a word and align well, in time linear in the set.

    Of those that share a word each is aligned with one of them alone: pairs are links of a
    cluster, not all that there are. Parameters, table and errors are those of `similar_pairs`;
    `word` is that of `shared_word_length`, and words that are sorted at a time take half of
    `memory_mb`.
    """
    with scratch_folder(Path(scratch)) as folder:
        fasta, sequences, groups = (folder / name for name in ("fasta", "sequences", "groups"))
        found, table = folder / "found", folder / "found.tsv"
        write_fasta(fasta, features)
        common = ("--threads", threads, "-v", 1)
        run_mmseqs("createdb", fasta, sequences, "--dbtype", 2, "-v", 1)
        run_mmseqs(
            *("kmermatcher", sequences, groups, "-k", word, "--kmer-per-seq", features.shape[1]),
            *("--kmer-per-seq-scale", "nucl:0,aa:0", "--split-memory-limit", f"{memory_mb // 2}M"),
            *("--cov-mode", 0, "-c", coverage, "--min-seq-id", identity, *common),
        )
        hits = alignment(folder, coverage, identity)
        run_mmseqs("align", sequences, sequences, groups, found, *hits, *common,
                   "--alignment-mode", 3)  # fmt: skip
        run_mmseqs("convertalis", sequences, sequences, found, table, *common,
                   "--search-type", 3, "--format-output", ",".join(COLUMNS | ENDS))  # fmt: skip
        pairs = _read_pairs(table, COLUMNS | ENDS)
    if both_strands:
        return pairs[["query", "target", "identity"]]
    is_forward = (pairs["qend"] > pairs["qstart"]) == (pairs["tend"] > pairs["tstart"])
    return pairs.loc[is_forward, ["query", "target", "identity"]]


def _read_pairs(path: Path, columns: dict) -> pd.DataFrame:
    pairs = pd.read_csv(path, sep="\t", names=list(columns), dtype=columns)
    return pairs.rename(columns={"fident": "identity"})
