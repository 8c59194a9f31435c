"""Counts of k-mers, the representation that sequence baselines see."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from deeprules.encoding import BASE_INDEX

CHUNK_LETTERS = 5_000_000
"""Letters of the sequences to count at a time; each takes some 60 bytes on the way."""


def kmer_indices(codes: np.ndarray, k: int) -> np.ndarray:
    """Index of the k-mer at each position: codes (N, L) -> `int32` (N, L - k + 1).

    An index reads the k-mer as a number in base 4 (A 0, C 1, G 2, T 3); -1 stands where the
    k-mer holds an ambiguous base or padding.
    """
    return word_indices(codes, range(k))


def word_indices(codes: np.ndarray, pattern: Sequence[int]) -> np.ndarray:
    """`kmer_indices` of the bases at some places, the last one at the end of a word of `width`.

    Codes (N, L) -> `int32` (N, L - width + 1). Bases at other places of a word may be any.
    """
    bases = BASE_INDEX[codes].astype(np.int32)
    width = max(codes.shape[1] - pattern[-1], 0)
    indices = np.zeros((len(codes), width), dtype=np.int32)
    unknown = np.zeros(indices.shape, dtype=bool)
    for place in pattern:
        window = bases[:, place : place + width]
        indices = indices * 4 + window
        unknown |= window == 4
    indices[unknown] = -1
    return indices


def reverse_complement_index(k: int) -> np.ndarray:
    """Index of each k-mer's reverse complement, in the numbering of `kmer_indices` (4**k)."""
    indices = np.arange(4**k)
    reverse = np.zeros_like(indices)
    for _ in range(k):
        reverse = reverse * 4 + (3 - indices % 4)
        indices = indices // 4
    return reverse


def kmer_names(indices: np.ndarray, k: int) -> list[str]:
    """The letters of k-mers given by index."""
    return ["".join("ACGT"[index >> 2 * (k - 1 - i) & 3] for i in range(k)) for index in indices]


def count_kmers(codes: np.ndarray, k: int, fold_strands: bool) -> Iterator[sparse.csr_matrix]:
    """Counts of all 4**k k-mers in codes (N, L), some sequences at a time: (n, 4**k).

    With `fold_strands` a k-mer and its reverse complement are counted as one, under the lower
    index of the two.
    """
    column = np.arange(4**k)
    if fold_strands:
        column = np.minimum(column, reverse_complement_index(k))
    step = max(1, CHUNK_LETTERS // max(1, codes.shape[1]))
    for start in range(0, len(codes), step):
        indices = kmer_indices(np.asarray(codes[start : start + step]), k)
        rows, places = np.nonzero(indices >= 0)
        counts = np.ones(len(rows), dtype=np.float32)
        where = (rows, column[indices[rows, places]])
        yield sparse.coo_matrix((counts, where), shape=(len(indices), 4**k)).tocsr()


class KmerCounts(TransformerMixin, BaseEstimator):
    """Counts of the k-mers that occur in the training sequences.

    Parameters
    ----------
    k : length of the k-mers
    fold_strands : count a k-mer and its reverse complement as one

    `transform` takes codes (N, L), `uint8`, and gives a sparse `float32` matrix (N, K) with a
    column for each of the K k-mers seen by `fit`. K-mers with ambiguous bases are not counted.
    """

    def __init__(self, k: int = 4, fold_strands: bool = False):
        self.k = k
        self.fold_strands = fold_strands

    def fit(self, codes, labels=None):
        """Learn the vocabulary from codes (N, L)."""
        seen = sum(np.asarray(chunk.sum(axis=0)).ravel() for chunk in self._counts(codes))
        self.vocabulary_ = np.flatnonzero(seen)
        self.n_features_in_ = codes.shape[1]
        if not len(self.vocabulary_):
            raise ValueError(f"no sequence holds an unambiguous {self.k}-mer; choose a smaller k")
        return self

    def transform(self, codes):
        """Counts (N, K) of the vocabulary in codes (N, L)."""
        check_is_fitted(self)
        # Room for all that there can be: memory that is not written to is not taken.
        most = len(codes) * self._words_in(codes.shape[1])
        data, columns = np.empty(most, dtype=np.float32), np.empty(most, dtype=np.int32)
        ends = [np.zeros(1, dtype=np.int64)]
        for chunk in self._counts(codes):
            known, begin = chunk[:, self.vocabulary_], ends[-1][-1]
            data[begin : begin + known.nnz] = known.data
            columns[begin : begin + known.nnz] = known.indices
            ends.append(begin + known.indptr[1:])
        ends = np.concatenate(ends)
        counts = data[: ends[-1]], columns[: ends[-1]], ends
        return sparse.csr_matrix(counts, shape=(len(codes), len(self.vocabulary_)))

    def get_feature_names_out(self, input_features=None):
        """The k-mers of the columns."""
        return np.array(kmer_names(self.vocabulary_, self.k), dtype=object)

    def _words_in(self, length: int) -> int:
        """Words of a sequence, each of which is counted once."""
        return max(length - self.k + 1, 0)

    def _counts(self, codes) -> Iterator[sparse.csr_matrix]:
        """Counts in all columns, some sequences at a time."""
        return count_kmers(codes, self.k, self.fold_strands)
