"""What a row of numbers is known by although it was rescaled, or a value of it was edited.

Its first 256 bits say which of its values lie above quantiles of their columns in the test set: no
rescaling that keeps the order of a column's values changes them. Four hashes are of every fourth of
its values, rounded to four digits: an edited value changes one of them. The rest are hashes of some
values that stand in no other row: wherever their columns are now, and whatever the sign.
"""

from hashlib import blake2b

import numpy as np

from deeprules.evaluate.sequence_sketches import ABSENT, mixed, sort_distinct
from deeprules.feature_store import SparseRows, blocks, dense

BITS = 256
PARTS = 4
MIN_AGREEMENT = 0.9
"""Share of bits that two sketches of one row have in common, at least."""
INDEPENDENT = 0.99
"""Share of the rows of one test set whose nearest neighbour in it is taken for another example."""
MIN_FEATURES = 5
"""Among fewer features, ranks alone tell no row from another: those of one feature are always 1 to
N."""
VALUES, TRIED_VALUES = 16, 64
"""Hashes of values that are kept of a row, and those from which they are taken."""
MIN_VALUES = 3
MIN_SHARE = 0.25
"""Values that two sketches of one row have in common, at least: so many, and such a share."""
START_OF_VALUES = BITS // 32 + PARTS
CHUNK = 256


def row_sketches(values: np.ndarray | SparseRows) -> np.ndarray:
    """Sketches (N, 28) `uint32` of rows (N, P): 8 words of bits, 4 hashes, 16 hashes of values.

    A hash that tells nothing is 0, one of a value is `ABSENT`.
    """
    n, n_features = values.shape
    columns = np.unique(np.linspace(0, n_features - 1, min(n_features, BITS)).astype(int))
    n_cuts = max(1, BITS // len(columns))
    cuts = np.arange(1, n_cuts + 1) / (n_cuts + 1)
    chosen = dense(values[:, columns], np.float32)
    limits = np.nanquantile(np.where(np.isnan(chosen).all(axis=0), 0, chosen), cuts, axis=0)
    bits = np.zeros((n, BITS), dtype=bool)
    bits[:, : n_cuts * len(columns)] = (chosen[:, None] > limits).reshape(n, -1)
    words = np.packbits(bits, axis=1).view(np.uint32)
    parts = np.zeros((n, PARTS), dtype=np.uint32)
    tried = np.full((n, TRIED_VALUES), ABSENT)
    for rows, block in blocks(values, CHUNK):
        block = block.astype(np.float32, copy=False)
        tried[rows, : min(TRIED_VALUES, n_features)] = _value_hashes(block)
        parts[rows] = np.stack([_hashes(block[:, i::PARTS]) for i in range(PARTS)], axis=1)
    return np.hstack([words, _telling(parts), _values(tried)])


def similar_rows(
    current: np.ndarray, earlier: np.ndarray, n_features: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows (M) of a test set are like one of an earlier set, and which (N) of that like them.

    Two rows are alike if they have values in common that no other row of their set has. Where both
    sets have the same number of features, `n_features` (else None), they are alike as well if all
    but one of the hashes that tell are equal, or if more of their bits agree than those of 99% of
    the rows of either set agree with their nearest neighbour in it.
    """
    of_current, of_earlier = _share_values(current, earlier)
    if n_features is not None:
        same = _same_places(current, earlier, n_features)
        of_current, of_earlier = of_current | same[0], of_earlier | same[1]
    return of_current, of_earlier


def _same_places(
    current: np.ndarray, earlier: np.ndarray, n_features: int
) -> tuple[np.ndarray, np.ndarray]:
    """As `similar_rows`, by what depends on the order of the features."""
    limit = max(MIN_AGREEMENT, _usual_agreement(current), _usual_agreement(earlier))
    of_current = np.zeros(len(current), dtype=bool)
    of_earlier = np.zeros(len(earlier), dtype=bool)
    for start in range(0, len(current), CHUNK):
        rows = current[start : start + CHUNK]
        alike = _same_parts(rows, earlier)
        if n_features >= MIN_FEATURES:
            alike |= _agreement(rows, earlier) > limit
        of_current[start : start + CHUNK] = alike.any(axis=1)
        of_earlier |= alike.any(axis=0)
    return of_current, of_earlier


def _hashes(values: np.ndarray) -> np.ndarray:
    """A hash (N) of some values of each row; 0 where there are none."""
    if not values.shape[1]:
        return np.zeros(len(values), dtype=np.uint32)
    digits = 10.0 ** (3 - np.floor(np.log10(np.where(values == 0, 1, np.abs(values)))))
    rounded = (np.round(values * digits) / digits + 0).astype(np.float32)
    digests = b"".join(blake2b(row, digest_size=4).digest() for row in rounded)
    return np.frombuffer(digests, dtype="<u4")


def _telling(parts: np.ndarray) -> np.ndarray:
    """Hashes (N, PARTS) with 0 where another row has the same."""
    found = np.zeros_like(parts)
    for part in range(PARTS):
        _, inverse, counts = np.unique(parts[:, part], return_inverse=True, return_counts=True)
        found[:, part] = np.where(counts[inverse] > 1, 0, parts[:, part])
    return found


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
    ours, theirs = (one[:, BITS // 32 : START_OF_VALUES] for one in (rows, others))
    same = np.zeros((len(rows), len(others)), dtype=np.int8)
    for part in range(PARTS):
        same += (ours[:, part, None] == theirs[:, part]) & (ours[:, part, None] != 0)
    telling = np.minimum((ours != 0).sum(axis=1)[:, None], (theirs != 0).sum(axis=1))
    return (same >= 2) & (same >= telling - 1)


def _usual_agreement(rows: np.ndarray, most: int = 1000) -> float:
    """How well the sketches of one test set agree with their nearest neighbour in it.

    Few rows say little of that, and get a higher limit.
    """
    some = rows[:: max(1, len(rows) // most)][:most]
    if len(some) < 2:
        return 1.0
    nearest = []
    for start in range(0, len(some), CHUNK):
        agreement = _agreement(some[start : start + CHUNK], some)
        agreement[np.arange(len(agreement)), start + np.arange(len(agreement))] = 0
        nearest.append(agreement.max(axis=1))
    usual = float(np.quantile(np.concatenate(nearest), INDEPENDENT))
    return 1 - (1 - usual) * max(0, 1 - 2 * len(some) ** -0.5)


def _value_hashes(values: np.ndarray) -> np.ndarray:
    """Hashes (N, K) of up to `TRIED_VALUES` different values of each row, the smallest first."""
    rows = np.abs(values)
    hashes = mixed(rows.view(np.uint32).astype(np.uint64)).astype(np.uint32)
    hashes[(rows == 0) | np.isnan(rows)] = ABSENT
    sort_distinct(hashes)
    return hashes[:, :TRIED_VALUES]


def _values(tried: np.ndarray) -> np.ndarray:
    """Those of the hashes (N, `TRIED_VALUES`) that stand in no other row, the smallest 16."""
    _, inverse, counts = np.unique(tried, return_inverse=True, return_counts=True)
    tried[counts[inverse].reshape(tried.shape) > 1] = ABSENT
    tried.sort(axis=1)
    return tried[:, :VALUES]


def _share_values(current: np.ndarray, earlier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows (M) and (N) have enough values in common; sketches of earlier versions have none.

    A value stands in one row of its set, so each that is in both belongs to one pair of rows.
    """
    ours, theirs = current[:, START_OF_VALUES:], earlier[:, START_OF_VALUES:]
    _, at_ours, at_theirs = np.intersect1d(ours, theirs, return_indices=True)
    present = ours.ravel()[at_ours] != ABSENT
    pairs = np.stack([at_ours[present] // VALUES, at_theirs[present] // VALUES])
    (first, second), counts = np.unique(pairs, axis=1, return_counts=True)
    known = [(one != ABSENT).sum(axis=1) for one in (ours, theirs)]
    fewer = np.minimum(known[0][first], known[1][second])
    enough = counts >= np.maximum(MIN_VALUES, MIN_SHARE * fewer)
    of_current, of_earlier = (np.zeros(len(one), dtype=bool) for one in (current, earlier))
    of_current[first[enough]], of_earlier[second[enough]] = True, True
    return of_current, of_earlier
