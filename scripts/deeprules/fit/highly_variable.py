"""Highly variable features, learnt from train alone as a step of each model's pipeline."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from deeprules.data import Dataset
from deeprules.feature_store import SparseRows, blocks, column_moments, is_sparse

BINS = 20
LOGARITHMS = ("log1p", "log_cp10k", "log_cpm")
AMOUNTS = ("none", "cpm")
SMALLEST = 1e-12
ROWS = 1024


class HighlyVariable(TransformerMixin, BaseEstimator):
    """Keeps the features of the highest normalised dispersion, or of the highest variance.

    Of amounts that are nowhere below 0, or their log1p, it is the dispersion (variance by mean)
    of the amounts, its logarithm less the mean of its bin and by the standard deviation of its bin;
    the bins are 20 of equal width of log1p of the mean (Satija et al. 2015, doi:10.1038/nbt.3192;
    `scanpy.pp.highly_variable_genes(flavor="seurat")`). Of all other numbers it is the variance.

    Parameters
    ----------
    n_features : how many to keep
    scale : what was done to the numbers, `data: transform` of the configuration
    """

    def __init__(self, n_features: int, scale: str = "none"):
        self.n_features = n_features
        self.scale = scale

    def fit(self, features, labels=None):
        """Learn which features to keep from rows (N, P), NaN where missing."""
        score = variability(features, self.scale)
        order = np.argsort(-score, kind="stable")[: self.n_features]
        self.places_ = np.sort(order)
        return self

    def transform(self, features):
        """The columns that are kept."""
        return features[:, self.places_]


def highly_variable_steps(dataset: Dataset) -> list[HighlyVariable]:
    """The step that `data: highly_variable` asks for; none where it asks for nothing."""
    wanted = dataset.highly_variable
    if wanted is None or wanted >= dataset.n_features:
        return []
    return [HighlyVariable(wanted, dataset.transform)]


def variability(features: np.ndarray | SparseRows, scale: str) -> np.ndarray:
    """How variable each feature (N, P) is, `float64` (P,); -inf where it does not vary."""
    mean, variance, least = _moments(features, scale in LOGARITHMS)
    if least < 0 or scale not in (*LOGARITHMS, *AMOUNTS):
        return np.where(variance > 0, variance, -np.inf)
    with np.errstate(divide="ignore"):
        dispersion = np.log(variance / np.maximum(mean, SMALLEST))
    table = pd.DataFrame({"bin": pd.cut(np.log1p(mean), BINS), "dispersion": dispersion})
    table["dispersion"] = table["dispersion"].replace(-np.inf, np.nan)
    grouped = table.groupby("bin", observed=True)["dispersion"]
    middle, spread = grouped.transform("mean"), grouped.transform("std")
    # A feature alone in its bin has no spread: its score is 1.
    alone = spread.isna()
    spread = spread.mask(alone, middle)
    score = (table["dispersion"] - middle.mask(alone, 0)) / spread
    return score.fillna(-np.inf).to_numpy()


def _moments(features, are_logarithms: bool) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and variance (P,) of the amounts, with N - 1 degrees of freedom, and the least value."""
    if is_sparse(features):
        if are_logarithms:
            data = np.expm1(features.data.astype(np.float64))
            parts = data, features.indices, features.indptr
            features = SparseRows(parts, shape=features.shape)
        mean, variance = column_moments(features)
        n = features.shape[0]
        return mean, variance * n / max(n - 1, 1), float(min(0, features.data.min(initial=0)))

    def amounts(block):
        block = block.astype(np.float64)
        return np.expm1(block) if are_logarithms else block

    n, total, least = 0, 0.0, np.inf
    for _, block in blocks(features, ROWS):
        known = amounts(block)
        n, total = n + (~np.isnan(known)).sum(axis=0), total + np.nansum(known, axis=0)
        least = np.fmin(least, np.fmin.reduce(known, axis=None))
    mean, squares = total / np.maximum(n, 1), 0.0
    for _, block in blocks(features, ROWS):
        squares = squares + np.nansum((amounts(block) - mean) ** 2, axis=0)
    return mean, squares / np.maximum(n - 1, 1), float(least)
