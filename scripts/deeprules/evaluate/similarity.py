"""How similar an example is to the training example nearest to it.

Scores that hold only for examples close to train say little of new data (Walsh et al. 2021,
Nature Methods 18:1122). Sequences are compared by the k-mers they share, both strands as one
unless the strand counts; rows of a matrix by their distance after standardisation.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_selection import VarianceThreshold
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.data import Partition
from deeprules.feature_store import dense
from deeprules.fit.kmers import count_kmers
from deeprules.fit.median_imputer import MedianImputer

MAX_TRAIN = 20_000
"""Training examples looked at, at most, drawn at random."""
MAX_NUMBERS = 50_000_000
"""Numbers of training rows held in memory, at most."""
CHUNK_PAIRS = 5_000_000
KMER = 8
"""Unrelated sequences of a few hundred bases share next to no 8-mers; related ones share many."""


@dataclass(frozen=True)
class Reference:
    """Training examples that others are compared with.

    Attributes
    ----------
    measure : what similarity is, in words
    n_train, n_looked_at : training examples, and those that are looked at
    """

    measure: str
    n_train: int
    n_looked_at: int
    _search: object

    def nearest(self, features: np.ndarray) -> np.ndarray:
        """Similarity (N,) in 0..1 of features (N, ...) to the nearest training example."""
        return self._search(features)

    @property
    def facts(self) -> dict:
        """The attributes for a JSON file."""
        names = ("measure", "n_train", "n_looked_at")
        return {name: getattr(self, name) for name in names}


def sampled_rows(n: int, most: int, seed: int) -> np.ndarray:
    """Up to `most` of n row numbers, drawn at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def reference(train: Partition, seed: int) -> Reference:
    """What examples are compared with, learnt from train alone.

    Parameters
    ----------
    train : training partition; at most `MAX_TRAIN` of its examples are read
    seed : seed of their choice
    """
    if train.dataset.modality == "sequence":
        rows = sampled_rows(len(train), MAX_TRAIN, seed)
        k = min(KMER, train.dataset.n_features)
        folds = train.dataset.both_strands
        search = _SharedKmers(train.features[rows], k, folds)
        strands = "both strands as one" if folds else "on the strand as given"
        measure = f"share of {k}-mers in common (Jaccard index), {strands}"
    else:
        most = max(2, min(MAX_TRAIN, MAX_NUMBERS // train.dataset.n_features))
        rows = sampled_rows(len(train), most, seed)
        search = _StandardisedRows(dense(train.features[rows]))
        measure = "1 / (1 + distance), the root mean square of standardised differences"
    return Reference(measure, len(train), len(rows), search)


class _SharedKmers:
    """Jaccard index of the sets of k-mers of sequences; 0 for a sequence without any."""

    def __init__(self, codes: np.ndarray, k: int, fold_strands: bool):
        self.k, self.fold_strands = k, fold_strands
        self.sets = _kmer_sets(codes, k, fold_strands)
        self.sizes = np.diff(self.sets.indptr)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        step = max(1, CHUNK_PAIRS // len(self.sizes))
        parts = [self._nearest(codes[start : start + step]) for start in range(0, len(codes), step)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _nearest(self, codes: np.ndarray) -> np.ndarray:
        sets = _kmer_sets(codes, self.k, self.fold_strands)
        shared = (sets @ self.sets.T).toarray()
        union = np.diff(sets.indptr)[:, None] + self.sizes - shared
        return (shared / np.maximum(union, 1)).max(axis=1)


def _kmer_sets(codes: np.ndarray, k: int, fold_strands: bool) -> sparse.csr_matrix:
    """Which k-mers occur in codes (N, L): ones in (N, 4**k)."""
    sets = sparse.vstack(list(count_kmers(np.asarray(codes), k, fold_strands)), format="csr")
    sets.data[:] = 1
    return sets


class _StandardisedRows:
    """Similarity by the distance of rows, in units of each feature's standard deviation."""

    def __init__(self, values: np.ndarray):
        self.prepare = make_pipeline(
            MedianImputer(),
            VarianceThreshold(),
            StandardScaler(),
        )
        known = self.prepare.fit_transform(np.asarray(values))
        self.width = known.shape[1]
        self.neighbours = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(known)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        step = max(1, CHUNK_PAIRS // values.shape[1])
        parts = [np.zeros((0, 1))]
        for start in range(0, len(values), step):
            rows = self.prepare.transform(dense(values[start : start + step]))
            parts.append(self.neighbours.kneighbors(rows)[0])
        return 1 / (1 + np.concatenate(parts)[:, 0] / np.sqrt(self.width))
