"""How much one feature alone tells of the label, for many features."""

from dataclasses import dataclass
from math import comb, lgamma

import numpy as np
from scipy.stats import mannwhitneyu, rankdata, spearmanr
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from deeprules.feature_store import SparseRows, dense, is_sparse

BINS = 16
"""Bins of a feature's values, equally full, and of the labels of a regression."""
SCREENED = 4000
"""Examples of train, at most, from which features are screened."""
BLOCK_VALUES = 5_000_000
LEAVES, LEAF = 32, 5
"""Leaves of the tree on one feature, at most, and examples of a leaf, at least."""


@dataclass(frozen=True)
class Told:
    """What one feature tells of the label.

    Attributes
    ----------
    train, tune : mean AUROC over classes (of two classes: of the positive one) or R2
    best_class : index of the class that it tells best, and its AUROC on both; -1 for a regression
    p_tune, p_train : chance of as much, before any correction, on held-out tune and on train
    """

    train: float
    tune: float
    best_class: int
    best: float
    p_tune: float
    p_train: float


def screen(features: np.ndarray | SparseRows, labels: np.ndarray, seed: int) -> np.ndarray:
    """Information (P,) in nats that each feature (N, P) has about the labels (N).

    Mutual information of the bins of a feature and the classes, less what chance adds to it
    (Miller 1955): it finds an order, a middle that differs from both ends, and codes alike.

    Parameters
    ----------
    features : values or codes; missing values are a value of their own
    labels : class indices, or values, which are binned
    seed : of the draw of at most `SCREENED` examples
    """
    rows = np.arange(len(labels))
    if len(rows) > SCREENED:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SCREENED, replace=False))
    classes = _classes_of(labels[rows])
    step = max(1, BLOCK_VALUES // len(rows))
    if is_sparse(features):
        features, rows = features[rows].tocsc(), slice(None)
    found = [
        _information(dense(features[rows, start : start + step], np.float32), classes)
        for start in range(0, features.shape[1], step)
    ]
    return np.concatenate(found)


def tell(train: tuple, tune: tuple, is_classification: bool) -> Told:
    """What one feature tells, as it is and by a tree, both fitted on train and asked on tune.

    Parameters
    ----------
    train, tune : values (N,), labels (N,) and groups (N,), each example its own where there are
        none; an observation of the tests is what a group holds of one class, or a group

    Returns
    -------
    The scores of the better of the two; `p_tune` allows for the choice.
    """
    (values, labels, groups), (others, wanted, members) = train, tune
    raw, raw_others = _filled(values, values), _filled(others, values)
    tree = (DecisionTreeClassifier if is_classification else DecisionTreeRegressor)(
        max_leaf_nodes=LEAVES, min_samples_leaf=LEAF, random_state=0
    )
    tree.fit(values[:, None], labels)
    if not is_classification:
        line = np.polyfit(raw, labels, 1) if np.ptp(raw) > 0 else [0.0, labels.mean()]
        asked = [
            (np.polyval(line, raw), np.polyval(line, raw_others)),
            (tree.predict(values[:, None]), tree.predict(others[:, None])),
        ]
        scores = [(r2_score(labels, one), r2_score(wanted, other)) for one, other in asked]
        score = max(scores, key=min)
        p_tune = min(_p_of_order(other, wanted, members, one_sided=True) for _, other in asked)
        p_train = _p_of_order(raw, labels, groups, one_sided=False)
        return Told(*score, -1, min(score), min(1.0, 2 * p_tune), p_train)
    n_classes = len(np.unique(labels))
    shares = [tree.predict_proba(part[:, None]) for part in (values, others)]
    found = []
    for c in range(n_classes) if n_classes > 2 else [1]:
        sign = 1 if roc_auc_score(labels == c, raw) >= 0.5 else -1
        asked = [(sign * raw, sign * raw_others), (shares[0][:, c], shares[1][:, c])]
        scores = [
            (roc_auc_score(labels == c, one), roc_auc_score(wanted == c, other))
            for one, other in asked
        ]
        p_tune = min(_p_of_rank(other, wanted == c, members, one_sided=True) for _, other in asked)
        p_train = _p_of_rank(raw, labels == c, groups, one_sided=False)
        found.append((*max(scores, key=min), p_tune, p_train, c))
    scores, held, p_tune, p_train, classes = map(np.array, zip(*found, strict=True))
    best = int(np.minimum(scores, held).argmax())
    return Told(
        train=float(scores.mean()),
        tune=float(held.mean()),
        best_class=int(classes[best]),
        best=float(min(scores[best], held[best])),
        p_tune=min(1.0, 2 * float(p_tune.min()) * len(found)),
        p_train=min(1.0, float(p_train.min()) * len(found)),
    )


def _classes_of(labels: np.ndarray) -> np.ndarray:
    """Class indices from 0; values in equally full bins."""
    if labels.dtype.kind == "f":
        ranks = rankdata(labels, method="min") - 1
        labels = (ranks * min(BINS, max(2, len(labels) // 20)) / len(labels)).astype(np.int64)
    return np.unique(labels, return_inverse=True)[1]


def _information(values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Mutual information (B,) of each column of the values (N, B) and the classes."""
    n, width = values.shape
    values = np.array(values.T, order="C")  # a copy, however they are stored
    values[np.isnan(values)] = -np.inf
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    starts = np.ones((width, n), dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(starts, np.arange(n), 0), axis=1)
    ends = np.ones((width, n), dtype=bool)
    ends[:, :-1] = starts[:, 1:]
    last = np.where(ends, np.arange(n), n)[:, ::-1]
    last = np.minimum.accumulate(last, axis=1)[:, ::-1]
    n_bins, n_classes = max(4, min(BINS, n // 20)), classes.max() + 1
    # Equal values lie in one bin; few different values have one each.
    run = np.cumsum(starts, axis=1) - 1
    bins = np.where(run[:, -1:] < n_bins, run, (first + last) * n_bins // (2 * n))
    cell = (np.arange(width)[:, None] * n_bins + bins) * n_classes + classes[order]
    counts = np.bincount(cell.ravel(), minlength=width * n_bins * n_classes)
    counts = counts.reshape(width, n_bins, n_classes).astype(np.float64)
    in_bin, in_class = counts.sum(axis=2, keepdims=True), counts.sum(axis=1, keepdims=True)
    expected = np.where(counts > 0, in_bin * in_class / n, 1)
    information = (counts * np.log(np.maximum(counts, 1) / expected)).sum(axis=(1, 2)) / n
    filled = (in_bin > 0).sum(axis=(1, 2))
    return information - (filled - 1) * (n_classes - 1) / (2 * n)


def _filled(values: np.ndarray, of_train: np.ndarray) -> np.ndarray:
    """Values in which what is missing stands below all others of train."""
    known = of_train[~np.isnan(of_train)]
    return np.where(np.isnan(values), (known.min() if len(known) else 0.0) - 1, values)


def _p_of_rank(
    values: np.ndarray, is_class: np.ndarray, groups: np.ndarray, one_sided: bool
) -> float:
    """Chance that values of a class lie as far above the others (or apart from them).

    The rank sum test (Mann and Whitney 1947) with its normal approximation.
    """
    key, index = np.unique(groups * 2 + is_class, return_inverse=True)
    means = np.bincount(index, values) / np.bincount(index)
    inside, outside = means[key % 2 == 1], means[key % 2 == 0]
    if not len(inside) or not len(outside) or np.ptp(means) == 0:
        return 1.0
    alternative = "greater" if one_sided else "two-sided"
    test = mannwhitneyu(inside, outside, alternative=alternative, method="asymptotic")
    # The normal approximation may go below what the best order of so few can reach.
    least = (1 if one_sided else 2) / comb(len(means), len(inside))
    return max(float(test.pvalue), least)


def _p_of_order(
    values: np.ndarray, labels: np.ndarray, groups: np.ndarray, one_sided: bool
) -> float:
    """Chance that values go as well with the labels (in either direction)."""
    index = np.unique(groups, return_inverse=True)[1]
    means = [np.bincount(index, column) / np.bincount(index) for column in (values, labels)]
    if len(means[0]) < 4 or min(map(np.ptp, means)) == 0:
        return 1.0
    test = spearmanr(*means, alternative="greater" if one_sided else "two-sided")
    least = np.exp(-lgamma(len(means[0]) + 1)) * (1 if one_sided else 2)
    return max(float(test.pvalue), least)
