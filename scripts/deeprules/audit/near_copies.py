"""Nearest neighbours of the rows of a matrix: whether rows come in sets of near copies."""

from dataclasses import dataclass

import numpy as np

from deeprules.feature_store import dense, is_sparse

QUERIES = 500
"""Rows whose neighbours are looked for, at most."""
REFERENCES = 8000
"""Rows among which they are looked for, at most."""
BLOCK = 100
"""Rows drawn together: repeats of one subject often follow each other."""
FEATURES = 1000
NEAREST = 40
"""Neighbours of a row whose distances are compared."""
LARGEST_SET, LARGEST_SHARE = 25, 20
"""Size of a set of near copies, at most, that is told from a cluster: also 1 in 20 rows."""
RARE = 1e-4
"""Chance of a gap between two of a row's nearest neighbours, in independent rows."""
MIN_ROWS = 60


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of some rows.

    Attributes
    ----------
    rows : places of the rows that were asked (Q), among those that were looked at
    nearest : place of the nearest other row of each (Q)
    gapped : share of the rows with a gap behind a few near neighbours that independent rows lack
    """

    rows: np.ndarray
    nearest: np.ndarray
    gapped: float


def find_neighbours(
    features: np.ndarray, looked_at: np.ndarray, seed: int = 0
) -> Neighbours | None:
    """Nearest neighbours among the rows with the numbers `looked_at` of features (N, P).

    Features are scaled to variance 1. None where there are fewer than `MIN_ROWS` rows.

    Around an independent row others lie as a Poisson process, whatever the clusters and
    correlations, as long as a cluster holds more than `LARGEST_SET`: with m dimensions, the
    spacings j m log(d[j + 1] / d[j]) of its distances are exponential (Facco et al. 2017,
    doi:10.1038/s41598-017-11873-y, for j = 1). Repeats of one subject leave one spacing that is far
    too large. m is that of the median spacing of the row.
    """
    random = np.random.default_rng(seed)
    rows = _references(len(looked_at), random)
    values = _scaled(features, looked_at[rows], random)
    if len(values) < MIN_ROWS or values.shape[1] == 0:
        return None
    asked = np.sort(random.choice(len(values), min(QUERIES, len(values)), replace=False))
    squares = np.einsum("ij,ij->i", values, values)
    apart = squares[asked, None] + squares[None] - 2 * values[asked] @ values.T
    apart[np.arange(len(asked)), asked] = np.inf
    k = min(NEAREST, len(values) - 2)
    near = np.argpartition(apart, k, axis=1)[:, : k + 1]
    distances = np.take_along_axis(apart, near, axis=1)
    order = np.argsort(distances, axis=1)
    near, distances = (np.take_along_axis(part, order, axis=1) for part in (near, distances))
    # Below this lie copies, which are found as such: their distance is rounding alone.
    least = 1e-6 * np.median(distances)
    return Neighbours(
        rows[asked], rows[near[:, 0]], _gapped(np.maximum(distances, least), least, len(values))
    )


def _gapped(squared: np.ndarray, least: float, n: int) -> float:
    """Share of rows (Q, K squared distances in order) with a gap that chance does not make."""
    place = np.arange(1, squared.shape[1])
    spacings = place * np.diff(np.log(squared), axis=1) / 2
    usual = np.median(spacings, axis=1, keepdims=True)
    known = (usual[:, 0] > 0) & (squared[:, 0] > least)
    largest = max(1, min(LARGEST_SET, n // LARGEST_SHARE))
    gaps = (spacings[:, :largest].max(axis=1) * np.log(2))[known] / usual[known, 0]
    limit = np.log(largest / RARE)
    return float((gaps > limit).sum() / len(squared))


def _references(n: int, random: np.random.Generator) -> np.ndarray:
    """Numbers of the rows that are compared, in blocks where there are too many."""
    if n <= REFERENCES:
        return np.arange(n)
    starts = np.arange(0, n - BLOCK + 1, BLOCK)
    chosen = np.sort(random.choice(starts, REFERENCES // BLOCK, replace=False))
    return (chosen[:, None] + np.arange(BLOCK)).ravel()


def _scaled(features: np.ndarray, rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Rows (R, P) of features that vary, each of mean 0 and variance 1; missing values are 0."""
    columns = np.arange(features.shape[1])
    if len(columns) > FEATURES:
        columns = np.sort(random.choice(columns, FEATURES, replace=False))
    if is_sparse(features):
        values = dense(features[rows][:, columns], np.float32)
    else:
        values = np.asarray(features[rows], dtype=np.float32)[:, columns]
    known = ~np.isnan(values)
    values = values[:, known.any(axis=0)].astype(np.float64)
    centred = values - np.nanmean(values, axis=0)
    spread = np.sqrt(np.nanmean(centred**2, axis=0))
    centred, spread = centred[:, spread > 0], spread[spread > 0]
    return np.nan_to_num(centred / spread)
