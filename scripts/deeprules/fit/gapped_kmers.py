"""Counts of gapped k-mers: words of which some inner places may hold any base.

The features of Ghandi et al. 2014 (gkm-SVM), as columns and not as a kernel: a motif whose places
matter unequally is one column instead of many rare ones.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from scipy import sparse

from deeprules.fit.kmers import (
    CHUNK_LETTERS,
    KmerCounts,
    kmer_names,
    reverse_complement_index,
    word_indices,
)

MAX_COLUMNS = 2**18
"""Columns above which words share them, by a hash."""
HASH_FACTOR = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: the top bits of a product with it are a hash (Knuth, volume 3)."""


def patterns(k: int, gaps: int) -> list[tuple[int, ...]]:
    """Places of the k bases of a word with 0 to `gaps` places between them that do not count.

    The first and the last place always count: a word that begins or ends with a gap is a shorter
    one.
    """
    found = []
    for width in range(k, k + gaps + 1):
        for inner in combinations(range(1, width - 1), k - 2):
            found.append((0, *inner, width - 1))
    return found


def _mirrors(found: list[tuple[int, ...]]) -> list[int]:
    """Place of the reverse of each pattern."""
    places = {pattern: place for place, pattern in enumerate(found)}
    return [places[tuple(pattern[-1] - place for place in pattern[::-1])] for pattern in found]


class GappedKmerCounts(KmerCounts):
    """Counts of the gapped k-mers that occur in the training sequences.

    Parameters
    ----------
    k : bases of a word that count, 2 at least
    gaps : places between them that do not count, 0 to as many
    fold_strands : count a word and its reverse complement as one
    max_columns : of more possible words than this some share a column; a power of 2

    `transform` takes codes (N, L), `uint8`, and gives a sparse `float32` matrix (N, K) with a
    column for each of the K words seen by `fit`. Each position counts once for each of the
    patterns, of which 6 bases and 2 gaps have 21: time and memory grow with their number.
    """

    def __init__(
        self,
        k: int = 6,
        gaps: int = 2,
        fold_strands: bool = False,
        max_columns: int = MAX_COLUMNS,
    ):
        self.k = k
        self.gaps = gaps
        self.fold_strands = fold_strands
        self.max_columns = max_columns

    def get_feature_names_out(self, input_features=None):
        """The words of the columns, N where any base may stand; several where they share one."""
        words = {}
        for pattern, columns in zip(patterns(self.k, self.gaps), self._columns(), strict=True):
            for name, column in zip(self._names(pattern), columns.tolist(), strict=True):
                words.setdefault(column, []).append(name)
        own = ["|".join(words[column][: 1 if self._fits else None]) for column in self.vocabulary_]
        return np.array(own, dtype=object)

    @property
    def _fits(self) -> bool:
        """Whether every word has a column of its own."""
        return len(patterns(self.k, self.gaps)) * 4**self.k <= self.max_columns

    def _names(self, pattern):
        """Every word of a pattern (4**k), by index."""
        for bases in kmer_names(np.arange(4**self.k), self.k):
            word = ["N"] * (pattern[-1] + 1)
            for place, base in zip(pattern, bases, strict=True):
                word[place] = base
            yield "".join(word)

    def _columns(self) -> Iterator[np.ndarray]:
        """Of each pattern, the column (4**k) of each of its words."""
        found = patterns(self.k, self.gaps)
        own = np.arange(4**self.k, dtype=np.uint64)
        other = reverse_complement_index(self.k).astype(np.uint64)
        for place, mirror in enumerate(_mirrors(found)):
            words = own + np.uint64(place * 4**self.k)
            if self.fold_strands:
                words = np.minimum(words, other + np.uint64(mirror * 4**self.k))
            if not self._fits:
                bits = np.uint64(64 - (self.max_columns - 1).bit_length())
                words = (words * np.uint64(HASH_FACTOR)) >> bits
            yield words.astype(np.int64)

    def _words_in(self, length: int) -> int:
        return sum(max(length - pattern[-1], 0) for pattern in patterns(self.k, self.gaps))

    def _counts(self, codes) -> Iterator[sparse.csr_matrix]:
        """Counts in all columns, some sequences at a time."""
        found, columns = patterns(self.k, self.gaps), list(self._columns())
        size = min(len(found) * 4**self.k, self.max_columns)
        step = max(1, CHUNK_LETTERS // max(1, codes.shape[1] * len(found)))
        for start in range(0, len(codes), step):
            chunk = np.asarray(codes[start : start + step])
            rows, places = [], []
            for pattern, column in zip(found, columns, strict=True):
                indices = word_indices(chunk, pattern)
                row, place = np.nonzero(indices >= 0)
                rows.append(row)
                places.append(column[indices[row, place]])
            where = (np.concatenate(rows), np.concatenate(places))
            counts = np.ones(len(where[0]), dtype=np.float32)
            yield sparse.coo_matrix((counts, where), shape=(len(chunk), size)).tocsr()
