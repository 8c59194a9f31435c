"""Features that are the label in other words, or the number of the row."""

from collections.abc import Sequence

import numpy as np

from deeprules.data import Partition
from deeprules.feature_store import blocks

MIN_ROWS = 10
"""Rows of train in order that no chance explains."""
CHUNK_VALUES = 5_000_000
LARGEST_LOG = 10.0
"""Logarithm up to which `float32` tells whole numbers apart."""


def is_copy(values: Sequence[np.ndarray], parts: Sequence[Partition]) -> bool:
    """Whether each class has one value of its own, or values lie on one line with the labels.

    Parameters
    ----------
    values : of one feature in train (N,) and tune (M,)
    parts : train and tune
    """
    joined = np.concatenate(values)
    labels = np.concatenate([part.labels for part in parts])
    if np.isnan(joined).any():
        return False
    if labels.dtype.kind == "f":
        return np.ptp(joined) > 0 and abs(np.corrcoef(joined, labels)[0, 1]) > 1 - 1e-6
    if _one_to_one(joined, labels):
        return True
    if parts[0].dataset.modality != "tabular" or not _has_few(joined, labels):
        return False
    counts = np.concatenate([_as_counts(*pair) for pair in zip(values, parts, strict=True)])
    return not np.isnan(counts).any() and _one_to_one(counts, labels)


def is_row_number(values: Sequence[np.ndarray]) -> bool:
    """Whether whole numbers rise, or fall, from each row of train (N,) and of tune to the next."""
    return len(values[0]) > MIN_ROWS and all(map(_is_in_order, values))


def _is_in_order(values: np.ndarray) -> bool:
    steps = np.diff(values)
    # A matrix of counts may be stored as their logarithms.
    forms = [values, np.expm1(np.minimum(values, LARGEST_LOG))]
    whole = any((np.abs(form - np.round(form)) < 1e-2).all() for form in forms)
    return bool(whole and ((steps > 0).all() or (steps < 0).all()))


def _one_to_one(values: np.ndarray, labels: np.ndarray) -> bool:
    pairs = len(np.unique(np.stack([values, labels]), axis=1).T)
    return pairs == len(np.unique(values)) == len(np.unique(labels))


def _has_few(values: np.ndarray, labels: np.ndarray) -> bool:
    """Whether values may be counts that differ by sample: none below 0, one class of 0 alone."""
    zero = [bool((values[labels == one] == 0).all()) for one in np.unique(labels)]
    return bool((values >= 0).all()) and sum(zero) == 1


def _as_counts(values: np.ndarray, part: Partition) -> np.ndarray:
    """Values (N,) as multiples of the smallest of their row, before a logarithm; else NaN.

    Counts per 10,000 and log1p hide that a feature is 1 in every row of a class.
    """
    rows = max(1, CHUNK_VALUES // part.features.shape[1])
    smallest = [
        np.where(chunk > 0, chunk, np.inf).min(axis=1) for _, chunk in blocks(part.features, rows)
    ]
    multiples = np.expm1(values) / np.expm1(np.concatenate(smallest).astype(np.float64))
    whole = np.round(multiples)
    return np.where(np.abs(multiples - whole) < 1e-3, whole, np.nan)
