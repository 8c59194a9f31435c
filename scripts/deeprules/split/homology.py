"""Clusters of homologous sequences.

Clusters are the connected components of all pairs that were found, so that no pair that was found
is ever separated: greedy clusters would leave pairs between clusters.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from deeprules.cautions import Caution, as_records
from deeprules.split.mmseqs import mmseqs_version, n_bases
from deeprules.split.similar_pairs import (
    SEARCHED_BASES,
    pairs_by_shared_words,
    shared_word_length,
    similar_pairs,
    word_length,
)

NEAR_IDENTITY = 0.95
"""Share of equal bases from which on two sequences are nearly the same."""

MANY_CONTRADICTORY = 0.01
"""Share of the examples nearly the same as one with another label that weighs on the verdict."""

MANY_BASES = (
    "So many sequences are compared only where they share {} bases in a row: in 200 bases nearly "
    "all pairs with 90% identity are found, over half of those with 80%, and few with 70% or less. "
    "More relatives may lie on both sides of the split than are counted."
)

LARGE_CLUSTER = 0.2
"""Share of all examples in one cluster that is worth a warning."""


def cluster_homologs(
    examples: pd.DataFrame,
    features: np.ndarray,
    identity: float,
    coverage: float,
    scratch: str | Path,
    threads: int = 1,
    both_strands: bool = True,
    memory_mb: int = 2000,
) -> tuple[pd.DataFrame, dict]:
    """Cluster sequences by similarity; copies of one content are always together.

    Parameters
    ----------
    examples : id, canonical_hash (N rows) and, for classes, label and keep (what the audit keeps)
    features : codes (N, L)
    identity, coverage : smallest share of equal bases, and of each sequence in the alignment
    scratch : folder for files of the search
    both_strands : whether sequences are compared with reverse complements as well
    memory_mb : memory that a comparison of a large set may take

    Returns
    -------
    The table (id, cluster; a cluster's number is that of its first example) and the facts: version,
    identity, coverage, word, n_examples, n_clusters, n_clustered, largest, n_contradictory
    (examples that are nearly the same as one with another label), warnings, cautions.
    """
    size = n_bases(features)
    is_searched = size <= SEARCHED_BASES
    word = word_length(size, size) if is_searched else shared_word_length(size)
    settings = (coverage, identity, word, scratch, threads, both_strands)
    if is_searched:
        pairs = similar_pairs(features, features, *settings)
    else:
        pairs = pairs_by_shared_words(features, *settings, memory_mb)
    cluster = _components(pairs, examples["canonical_hash"])
    sizes = np.bincount(cluster)
    contradictory = _contradictory(pairs, examples)
    cautions = _cautions(contradictory, len(examples))
    weigh = contradictory >= MANY_CONTRADICTORY * len(examples)
    facts = {
        "version": mmseqs_version(),
        "identity": identity,
        "coverage": coverage,
        "word": word,
        "n_examples": len(examples),
        "n_clusters": int((sizes > 0).sum()),
        "n_clustered": int(sizes[sizes > 1].sum()),
        "largest": int(sizes.max()),
        "n_contradictory": contradictory,
        "warnings": [
            *_warnings(sizes, is_searched, word),
            *(caution.sentence for caution in cautions),
        ],
        "cautions": as_records(cautions if weigh else []),
    }
    return pd.DataFrame({"id": examples["id"], "cluster": cluster}), facts


def _contradictory(pairs: pd.DataFrame, examples: pd.DataFrame) -> int:
    """Kept examples that are nearly, but not quite, the same as a kept one with another label."""
    if not {"label", "keep"} <= set(examples):
        return 0
    keep, label = examples["keep"].to_numpy(), pd.factorize(examples["label"])[0]
    content = examples["canonical_hash"].to_numpy()
    near = pairs[pairs["identity"] >= NEAR_IDENTITY]
    one, other = near["query"].to_numpy(), near["target"].to_numpy()
    found = (
        keep[one] & keep[other] & (label[one] != label[other]) & (content[one] != content[other])
    )
    return len(np.union1d(one[found], other[found]))


def _cautions(n_contradictory: int, n: int) -> list[Caution]:
    if not n_contradictory:
        return []
    return [
        Caution(
            "Nearly the same sequence, another label",
            f"{n_contradictory:,} of {n:,} examples differ in {1 - NEAR_IDENTITY:.0%} or less of "
            "their aligned bases from an example with another label. Unless single bases decide, "
            "as in variants, no model can get both right: find out which label holds.",
            tip=4,
        )
    ]


def _components(pairs: pd.DataFrame, contents: pd.Series) -> np.ndarray:
    """Row number (N,) of the first example of each example's cluster."""
    n = len(contents)
    content = pd.factorize(contents)[0]
    # Contents are nodes behind those of the examples, which ties copies even where they are masked.
    rows = np.concatenate([pairs["query"], np.arange(n)])
    columns = np.concatenate([pairs["target"], n + content])
    size = n + content.max() + 1
    graph = sparse.coo_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), (size, size))
    component = pd.Series(connected_components(graph, directed=False)[1][:n])
    first = component.drop_duplicates()
    return component.map(pd.Series(first.index, index=first)).to_numpy()


def _warnings(sizes: np.ndarray, is_searched: bool, word: int) -> list[str]:
    warnings = [] if is_searched else [MANY_BASES.format(word)]
    if sizes.max() <= LARGE_CLUSTER * sizes.sum():
        return warnings
    return [
        *warnings,
        f"One cluster of similar sequences holds {sizes.max() / sizes.sum():.0%} of the examples. "
        f"Sequences that overlap in a chain, or a repeat that all share, do that; a split by "
        f"homology then has little room. Raise `homology: identity` or `coverage`.",
    ]
