"""What a packed model knows of its training examples: ranges, intervals and who is nearest.

Sequences are known by MinHash sketches of their 16-mers, rows of numbers by their random projection
after standardisation (Johnson and Lindenstrauss 1984): neither holds an example, and both find the
nearest of all training examples at once.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.data import Development, Partition
from deeprules.encoding import gc_content
from deeprules.evaluate.sequence_sketches import ABSENT, SIZE, K, sequence_sketches
from deeprules.feature_store import dense, is_sparse
from deeprules.files import read_array, read_table, write_table

DIMENSIONS = 64
CHUNK = 20_000
CHUNK_VALUES = 20_000_000
CHUNK_PAIRS = 5_000_000
OFTEN = 100
"""Training examples that share a hash, above which it tells nothing: a repeat of the genome."""
NEAR_IDENTICAL = {"sequence": 0.95, "tabular": 0.98}
"""Identity, or similarity of rows, from which on an example counts as a copy of a training one."""
SMALL_SHARE = 0.01
"""Share of the features of a row outside their range in train, up to which nothing is said; or the
largest share in tune, where that is larger."""
LOCATION = ("chromosome", "start", "end")


def write_training(
    folder: Path, development: Development, seed: int, is_public: bool, is_private: bool = False
) -> dict:
    """Write what is known of train into a packed model; its ranges are returned.

    So are the covariates that are names. Without `is_public` only these are kept: nothing tells one
    example. Where training was private there are no ranges either, whose ends are values of single
    examples.
    """
    train, tune = development
    modality = train.dataset.modality
    (folder / "training").mkdir()
    covariates = train.examples[list(train.dataset.covariates)]
    known = {"n": len(train), "categories": list(covariates.select_dtypes(exclude="number"))}
    if is_private:
        return known | {"ranges": {}}
    ranges = _ranges(folder, train, tune)
    if is_public:
        columns = ["id", "canonical_hash"]
        columns = [name for name in (*columns, *LOCATION) if name in train.examples]
        write_table(folder / "training" / "examples.parquet", train.examples[columns])
        sketch = _sketch_sequences if modality == "sequence" else _sketch_rows
        sketch(folder / "training", train, seed)
    return known | {"ranges": ranges}


def chunks(n: int, width: int) -> Iterator[slice]:
    """Which of n rows of so many numbers to hold at a time."""
    step = max(1, min(CHUNK, CHUNK_VALUES // max(1, width)))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def parts(features) -> Iterator:
    """Features, as many rows at a time as can be held, dense or sparse as they are."""
    for rows in chunks(*features.shape):
        yield features[rows]


def _ranges(folder: Path, train: Partition, tune: Partition) -> dict:
    """Smallest and largest of what a sequence looks like, or of each feature of a row."""
    if train.dataset.modality == "sequence":
        found = described(train.examples, train.features)
        return {name: [float(one.min()), float(one.max())] for name, one in found.items()}
    low, high = np.inf, -np.inf
    for rows in map(dense, parts(train.features)):
        low = np.fmin(low, np.nanmin(rows, axis=0, initial=np.inf, where=~np.isnan(rows)))
        high = np.fmax(high, np.nanmax(rows, axis=0, initial=-np.inf, where=~np.isnan(rows)))
    np.save(folder / "training" / "ranges.npy", np.stack([low, high, medians(train.features)]))
    shares = [share_outside(low, high, dense(rows)).max() for rows in parts(tune.features)]
    return {"largest_share_outside": float(max(SMALL_SHARE, *shares))}


def medians(features) -> np.ndarray:
    """Median (P,) of what is known of each feature of all rows (N, P); NaN where nothing is."""
    n, width = features.shape
    found, asked = np.zeros(width), np.arange(width)
    if is_sparse(features):  # Where most rows are 0, so is the median.
        asked = np.flatnonzero(2 * np.bincount(features.indices, minlength=width) >= n)
    step = max(1, CHUNK_VALUES // n)
    for some in (asked[start : start + step] for start in range(0, len(asked), step)):
        found[some] = np.nanmedian(dense(features[:, some]), axis=0)
    return found


def share_outside(low: np.ndarray, high: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Share (N,) of the features of each row that lie below `low` or above `high`, both (P,)."""
    return ((rows < low) | (rows > high)).mean(axis=1)


def described(examples: pd.DataFrame, features: np.ndarray) -> dict[str, pd.Series]:
    """Length in the file, GC share and share of unknown bases of sequences; known values only."""
    found = {"length": examples["raw_length"], "n_share": examples["n_share"]}
    found["gc"] = pd.Series(gc_content(features), index=examples.index)
    return {name: one.dropna().astype(float) for name, one in found.items()}


def outside(folder: Path, facts: dict, examples: pd.DataFrame, features: np.ndarray) -> dict:
    """Which examples lie outside the range of train: {flag: (N,) bool}."""
    ranges = facts["training"]["ranges"]
    if features.dtype != np.uint8:
        low, high, _ = read_array(folder / "training" / "ranges.npy")
        share = share_outside(low, high, features)
        return {"outside_features": share > ranges["largest_share_outside"]}
    flags = {}
    for name, values in described(examples, features).items():
        low, high = ranges.get(name, (-np.inf, np.inf))
        values = values.reindex(examples.index).to_numpy()
        slack = 1e-6
        flags[f"outside_{name}"] = (values < low - slack) | (values > high + slack)
    return flags


def _sketch_sequences(folder: Path, train: Partition, seed: int) -> None:
    hashes = np.concatenate([sequence_sketches(np.asarray(one)) for one in parts(train.features)])
    rows = np.repeat(np.arange(len(hashes), dtype=np.uint32), SIZE)[hashes.ravel() != ABSENT]
    known = hashes.ravel()[hashes.ravel() != ABSENT]
    order = np.argsort(known, kind="stable")
    np.save(folder / "hashes.npy", known[order])
    np.save(folder / "rows.npy", rows[order])


def _sketch_rows(folder: Path, train: Partition, seed: int) -> None:
    width = train.dataset.n_features
    total, squares, count = np.zeros(width), np.zeros(width), np.zeros(width)
    for rows in (dense(one, np.float64) for one in parts(train.features)):
        total += np.nansum(rows, axis=0)
        squares += np.nansum(rows**2, axis=0)
        count += (~np.isnan(rows)).sum(axis=0)
    mean = total / np.maximum(count, 1)
    spread = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean**2, 0))
    np.save(folder / "scale.npy", np.stack([mean, spread]))
    dimensions = min(DIMENSIONS, width)
    matrix = np.random.default_rng(seed).normal(size=(width, dimensions)) / np.sqrt(dimensions)
    np.save(folder / "projection.npy", matrix.astype(np.float32))
    projected = [projection(folder, dense(rows)) for rows in parts(train.features)]
    np.save(folder / "projected.npy", np.concatenate(projected))


def projection(folder: Path, rows: np.ndarray) -> np.ndarray:
    """Standardised rows (N, P) in few dimensions (N, D), distances kept; a gap is the mean."""
    mean, spread = read_array(folder / "scale.npy")
    varies = spread > 0
    standard = np.zeros(rows.shape, dtype=np.float32)
    standard[:, varies] = (rows[:, varies] - mean[varies]) / spread[varies]
    np.nan_to_num(standard, copy=False)
    return (
        standard @ np.asarray(read_array(folder / "projection.npy")) / np.sqrt(max(varies.sum(), 1))
    )


class NearestTraining:
    """The nearest training example of each new one.

    Parameters
    ----------
    folder : packed model
    modality : `sequence` or `tabular`
    """

    def __init__(self, folder: Path, modality: str):
        self._folder = folder / "training"
        examples = read_table(self._folder / "examples.parquet")
        self.ids = examples["id"].to_numpy()
        canonical = examples["canonical_hash"].to_numpy(dtype=np.uint64)
        order = np.argsort(canonical, kind="stable")
        self._contents, self._content_rows = canonical[order], order
        self._find = self._by_sketch if modality == "sequence" else self._by_distance
        names = ("hashes", "rows") if modality == "sequence" else ("projected",)
        self._arrays = [np.asarray(read_array(self._folder / f"{name}.npy")) for name in names]

    def nearest(self, features: np.ndarray, canonical: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Id (N,) of the nearest training example, None where none is like it, and the identity.

        For sequences it is the share of equal bases, as the 16-mers in common tell it (Mash
        distance, Ondov et al. 2016); for rows 1 / (1 + root mean square of the standardised
        differences). An example with the content of a training example has identity 1.
        """
        rows, identity = self._find(features)
        place = np.searchsorted(self._contents, canonical)
        place = np.minimum(place, len(self._contents) - 1)
        is_same = self._contents[place] == canonical
        rows = np.where(is_same, self._content_rows[place], rows)
        identity = np.where(is_same, 1.0, np.minimum(identity, 1.0))
        return np.where(rows >= 0, self.ids[rows], None), identity

    def _by_sketch(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hashes, known_rows = self._arrays
        sketches = sequence_sketches(codes)
        first, last = (np.searchsorted(hashes, sketches, side=side) for side in ("left", "right"))
        hits = np.where((sketches == ABSENT) | (last - first > OFTEN), 0, last - first)
        per_example = hits.sum(axis=1)
        queries = np.repeat(np.arange(len(codes)), per_example)
        starts = np.repeat(first.ravel() - np.cumsum(hits.ravel()) + hits.ravel(), hits.ravel())
        found = known_rows[starts + np.arange(len(starts))].astype(np.int64)
        pairs, counts = np.unique(queries * len(self.ids) + found, return_counts=True)
        rows, shared = np.full(len(codes), -1), np.zeros(len(codes))
        order = np.argsort(counts, kind="stable")  # The last one of a query has the most in common.
        rows[pairs[order] // len(self.ids)] = pairs[order] % len(self.ids)
        shared[pairs[order] // len(self.ids)] = counts[order]
        share = shared / np.maximum((sketches != ABSENT).sum(axis=1), 1)
        identity = np.where(share > 0, (2 * share / (1 + share)) ** (1 / K), np.nan)
        return rows, identity

    def _by_distance(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        (known,) = self._arrays
        projected = projection(self._folder, values)
        rows, distance = np.zeros(len(values), dtype=np.int64), np.zeros(len(values))
        squares = (known**2).sum(axis=1)
        step = max(1, CHUNK_PAIRS // len(known))
        for start in range(0, len(values), step):
            part = projected[start : start + step]
            away = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ known.T
            rows[start : start + step] = away.argmin(axis=1)
            distance[start : start + step] = np.sqrt(np.maximum(away.min(axis=1), 0))
        return rows, 1 / (1 + distance)
