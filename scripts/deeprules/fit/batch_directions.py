"""Batch correction, learnt from train alone as a step of each model's pipeline."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.feature_store import blocks, is_sparse

ROWS = 1024
NEGLIGIBLE = 1e-6
"""Part of the largest effect below which a direction is rounding error."""
SMALLEST = 1e-8


@dataclass(frozen=True)
class Directions:
    """Directions in which batches differ, for features in standard units.

    Attributes
    ----------
    mean, deviation : of each feature (P,) in train
    axes : orthonormal directions (P, K)
    """

    mean: np.ndarray
    deviation: np.ndarray
    axes: np.ndarray


class WithoutBatch(TransformerMixin, BaseEstimator):
    """Takes the directions in which the batches of train differ out of each row.

    A row needs no batch for that, so that samples of a batch that was never seen are treated like
    all others: of what sets it apart, that part goes which lies in the same directions. Missing
    values are filled with the mean of train.

    Parameters
    ----------
    directions : what `batch_directions` learnt from train
    """

    def __init__(self, directions: Directions):
        self.directions = directions

    def fit(self, features, labels=None):
        """Nothing more is learnt."""
        return self

    def transform(self, features):
        """Rows (N, P) without these directions, `float32`."""
        learnt = self.directions
        rows = _standardised(features, learnt.mean, learnt.deviation)
        rows -= (rows @ learnt.axes) @ learnt.axes.T
        return (rows * learnt.deviation + learnt.mean).astype(np.float32)


def batch_steps(train: Partition, features: np.ndarray) -> list[WithoutBatch]:
    """The step that `data: batch_correction` asks for; none where it asks for nothing.

    Parameters
    ----------
    features : the rows (N, P) of train as they come into the step

    Raises
    ------
    InputError
        If the rows are sparse: correction leaves no zeros.
    """
    if train.dataset.batch_correction == "none":
        return []
    if is_sparse(features):
        raise InputError(
            "data.batch_correction in the config: the numbers are sparse, and a correction leaves "
            "no zeros. Leave it away, or set `transform: clr` or `quantile`, which leave none."
        )
    return [WithoutBatch(batch_directions(features, train))]


def batch_directions(features: np.ndarray, train: Partition) -> Directions:
    """Directions in which the batches of train differ beside what their labels explain.

    The effects are those of batch in a linear model of each feature by batch and label, as in
    `limma::removeBatchEffect` (Ritchie et al. 2015, doi:10.1093/nar/gkv007); the space that they
    span is projected out, not the mean of each batch taken off, so that no batch has to be known
    (Ravfogel et al. 2020, doi:10.18653/v1/2020.acl-main.647).
    """
    mean, deviation = _moments(features)
    wanted = _effects_of_batch(train)
    effects = np.zeros((len(wanted), features.shape[1]))
    for rows, block in blocks(features, ROWS):
        effects += wanted[:, rows] @ _standardised(block, mean, deviation)
    _, sizes, axes = np.linalg.svd(effects, full_matrices=False)
    is_real = sizes > NEGLIGIBLE * max(sizes.max(initial=0), 1)
    return Directions(mean, deviation, axes[is_real].T)


def _effects_of_batch(train: Partition) -> np.ndarray:
    """What gives the effects of batch (B - 1, P) when rows (N, P) are multiplied by it: (B - 1, N).

    It is the pseudo-inverse of the columns of batch less what the label explains of them.
    """
    batch = pd.get_dummies(train.examples["batch"].astype(str), dtype=float).to_numpy()[:, 1:]
    labels = train.labels.astype(float).reshape(len(train), -1)
    labels = np.where(np.isnan(labels), np.nanmean(labels, axis=0), labels)
    if train.dataset.classes:
        labels = (labels == np.arange(1, len(train.dataset.classes))).astype(float)
    others = np.column_stack([np.ones(len(train)), labels])
    left = batch - others @ np.linalg.lstsq(others, batch, rcond=None)[0]
    left[np.abs(left) < SMALLEST] = 0  # A batch of one class tells nothing beside the class.
    return np.linalg.pinv(left, rcond=NEGLIGIBLE)


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (P,) of what is known; 1 where a feature does not vary."""
    n, total, squares = 0, 0.0, 0.0
    for _, block in blocks(features, ROWS):
        known = block.astype(np.float64)
        n = n + (~np.isnan(known)).sum(axis=0)
        total = total + np.nansum(known, axis=0)
    mean = total / np.maximum(n, 1)
    for _, block in blocks(features, ROWS):
        squares = squares + np.nansum((block.astype(np.float64) - mean) ** 2, axis=0)
    deviation = np.sqrt(squares / np.maximum(n, 1))
    return mean, np.where(deviation > SMALLEST, deviation, 1.0)


def _standardised(rows: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Rows (N, P) in standard units, `float64`, 0 where missing."""
    return np.nan_to_num((np.asarray(rows, dtype=np.float64) - mean) / deviation)
