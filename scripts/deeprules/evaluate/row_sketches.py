"""What a row of numbers is known by although it was rescaled, or a value of it was edited.

Its first 256 bits say which of its values lie above quantiles of their columns in the test set: no
rescaling that keeps the order of a column's values changes them. Four hashes are of every fourth of
its values, rounded to four digits: an edited value changes one of them.
"""

from hashlib import blake2b

import numpy as np

BITS = 256
PARTS = 4
LEAST_AGREEMENT = 0.9
"""Share of bits that two sketches of one row have in common, at least."""
INDEPENDENT = 0.99
"""Share of the rows of one test set whose nearest neighbour in it is taken for another example."""
CHUNK = 256


def row_sketches(values: np.ndarray) -> np.ndarray:
    """Sketches (N, 12) `uint32` of rows (N, P): 8 words of bits, 4 hashes (0 if not telling)."""
    values = np.asarray(values, dtype=np.float32)
    n, n_features = values.shape
    columns = np.unique(np.linspace(0, n_features - 1, min(n_features, BITS)).astype(int))
    n_cuts = max(1, BITS // len(columns))
    cuts = np.arange(1, n_cuts + 1) / (n_cuts + 1)
    chosen = values[:, columns]
    limits = np.nanquantile(np.where(np.isnan(chosen).all(axis=0), 0, chosen), cuts, axis=0)
    bits = np.zeros((n, BITS), dtype=bool)
    bits[:, : n_cuts * len(columns)] = (chosen[:, None] > limits).reshape(n, -1)
    words = np.packbits(bits, axis=1).view(np.uint32)
    parts = [_part(values[:, start::PARTS]) for start in range(PARTS)]
    return np.hstack([words, np.stack(parts, axis=1)])


def similar_rows(current: np.ndarray, earlier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows (M) of a test set are like one of an earlier set, and which (N) of that like them.

    Two rows are alike if all but one of the hashes that tell are equal, or if more of their bits
    agree than those of 99% of the rows of either set agree with their nearest neighbour in it.
    """
    limit = max(LEAST_AGREEMENT, _usual_agreement(current), _usual_agreement(earlier))
    of_current = np.zeros(len(current), dtype=bool)
    of_earlier = np.zeros(len(earlier), dtype=bool)
    for start in range(0, len(current), CHUNK):
        rows = current[start : start + CHUNK]
        alike = (_agreement(rows, earlier) > limit) | _same_parts(rows, earlier)
        of_current[start : start + CHUNK] = alike.any(axis=1)
        of_earlier |= alike.any(axis=0)
    return of_current, of_earlier


def _part(values: np.ndarray) -> np.ndarray:
    """A hash (N) of some values of each row; 0 where another row has the same, or none is left."""
    if not values.shape[1]:
        return np.zeros(len(values), dtype=np.uint32)
    digits = 10.0 ** (3 - np.floor(np.log10(np.where(values == 0, 1, np.abs(values)))))
    rounded = (np.round(values * digits) / digits + 0).astype(np.float32)
    digests = b"".join(blake2b(row, digest_size=4).digest() for row in rounded)
    hashes = np.frombuffer(digests, dtype="<u4")
    _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    return np.where(counts[inverse] > 1, 0, hashes).astype(np.uint32)


def _agreement(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share (M, N) of the bits that two sketches have in common."""
    ours, theirs = (
        np.ascontiguousarray(one[:, : BITS // 32]).view(np.uint64) for one in (rows, others)
    )
    differ = np.zeros((len(rows), len(others)), dtype=np.int32)
    for word in range(BITS // 64):
        differ += np.bitwise_count(ours[:, word, None] ^ theirs[:, word])
    return 1 - differ / BITS


def _same_parts(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether (M, N) all but one of the hashes that tell are equal, and two at least."""
    ours, theirs = rows[:, BITS // 32 :], others[:, BITS // 32 :]
    same = np.zeros((len(rows), len(others)), dtype=np.int8)
    for part in range(PARTS):
        same += (ours[:, part, None] == theirs[:, part]) & (ours[:, part, None] != 0)
    telling = np.minimum((ours != 0).sum(axis=1)[:, None], (theirs != 0).sum(axis=1))
    return (same >= 2) & (same >= telling - 1)


def _usual_agreement(rows: np.ndarray, most: int = 1000) -> float:
    """How well the sketches of one test set agree with their nearest neighbour in it."""
    some = rows[:: max(1, len(rows) // most)][:most]
    if len(some) < 2:
        return LEAST_AGREEMENT
    nearest = []
    for start in range(0, len(some), CHUNK):
        agreement = _agreement(some[start : start + CHUNK], some)
        agreement[np.arange(len(agreement)), start + np.arange(len(agreement))] = 0
        nearest.append(agreement.max(axis=1))
    return float(np.quantile(np.concatenate(nearest), INDEPENDENT))
