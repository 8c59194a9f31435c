"""What the examples of a test set are known by, exactly and although they were edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from deeprules.data import Partition
from deeprules.encoding import COMPLEMENT, PADDING
from deeprules.errors import InputError
from deeprules.evaluate.ledger import canonical_json, text_sha256
from deeprules.evaluate.row_sketches import row_sketches, similar_rows
from deeprules.evaluate.sequence_sketches import sequence_sketches, similar_sequences
from deeprules.files import read_table

KEPT = {"sequence": 20_000, "tabular": 2_000}
"""Sketches that the ledger keeps of an opening, by modality: those of the smallest contents."""


@dataclass(frozen=True)
class Sketches:
    """Sketches of the examples of a test set.

    Attributes
    ----------
    kind : what can be compared: the modality, and for a table its number of features
    rows : one sketch an example (N, ...), `uint32`
    n_features : features of a row, or bases of a sequence
    """

    kind: str
    rows: np.ndarray
    n_features: int

    @classmethod
    def of(cls, test: Partition) -> "Sketches":
        """The sketches of all examples of a partition."""
        if test.dataset.modality == "sequence":
            return cls("sequence", sequence_sketches(test.features), test.features.shape[1])
        n_features = test.dataset.n_features
        return cls(f"tabular, {n_features} features", row_sketches(test.features), n_features)

    def kept(self, contents: np.ndarray) -> np.ndarray:
        """Those that the ledger keeps, given the content hashes (N,) of the examples."""
        return self.rows[np.argsort(contents)[: KEPT[self.kind.partition(",")[0]]]]

    def share_alike(self, earlier: np.ndarray, kind: str) -> float:
        """Share of the examples that are like one of an earlier opening, or of those like one here.

        The larger of the two; 0 if these are sequences and rows of numbers.
        """
        if "sequence" not in (self.kind, kind):
            n_features = self.n_features if kind == self.kind else None
            both = similar_rows(self.rows, earlier, n_features)
        elif self.kind == kind:
            both = similar_sequences(self.rows, earlier)
        else:
            return 0.0
        return float(max(alike.mean() for alike in both))


def example_hashes(test: Partition, prefixes: Mapping[str, str] | None = None) -> dict:
    """What a `Request` knows the test examples and their labels by.

    `prefixes` is what stands before the ids of each source, by its name.
    """
    path = test.folder / "examples.parquet"
    table = read_table(path, columns=["id", "source", "label", "canonical_hash"])
    if table.empty:
        raise InputError(f"{path}: there are no test examples. Give `split: shares: test` more.")
    contents = table["canonical_hash"].to_numpy(dtype=np.uint64)
    return {
        "examples": contents,
        "identities": identity_hashes(table["source"], table["id"]),
        "names": name_hashes(table["source"], table["id"], prefixes or {}),
        "labels_sha256": labels_sha256(contents, table["label"]),
        "turned": turned_hashes(test.features) if test.dataset.modality == "sequence" else None,
        "sketches": Sketches.of(test),
    }


def identity_hashes(sources: Sequence[str], ids: Sequence[str]) -> np.ndarray:
    """Hashes (N,) `uint64` of the sources and ids of examples: 8 bytes of BLAKE2b each."""
    pairs = [canonical_json(pair).encode() for pair in zip(sources, ids, strict=True)]
    return _hashes(pairs)


def name_hashes(
    sources: Sequence[str], ids: Sequence[str], prefixes: Mapping[str, str]
) -> np.ndarray:
    """Hashes (N,) `uint64` of ids without source and prefix; 0 for numbers, which name nothing."""
    names = [
        name.removeprefix(prefixes.get(source, ""))
        for source, name in zip(sources, map(str, ids), strict=True)
    ]
    is_number = np.array([not name.strip("0123456789.") for name in names], dtype=bool)
    return np.where(is_number, np.uint64(0), _hashes([name.encode() for name in names]))


def turned_hashes(codes: np.ndarray) -> np.ndarray:
    """Hashes (N,) `uint64` of byte codes (N, L) without padding, one for all four orientations."""
    smallest = []
    for row in np.asarray(codes):
        bases = row[row != PADDING]
        other = COMPLEMENT[bases]
        smallest.append(min(one.tobytes() for one in (bases, bases[::-1], other, other[::-1])))
    return _hashes(smallest)


def labels_sha256(examples: np.ndarray, labels: np.ndarray) -> str:
    """SHA-256 of the sorted pairs of content hash (N,) and label (N,)."""
    pairs = zip(np.asarray(examples).tolist(), np.asarray(labels).tolist(), strict=True)
    return text_sha256(canonical_json(sorted(pairs)))


def _hashes(contents: Sequence[bytes]) -> np.ndarray:
    digests = b"".join(blake2b(one, digest_size=8).digest() for one in contents)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)
