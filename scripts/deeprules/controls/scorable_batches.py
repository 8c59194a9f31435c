"""Which batches can be left out: those that a model can be scored on, and trained without."""

import numpy as np
import pandas as pd

from deeprules.data import Dataset

MIN_OF_A_CLASS = 5
"""Examples of each class without which the batches that are left cannot be trained on."""

MIN_HELD_OUT = 2
"""Examples below which a batch has no score."""


def batch_notes(batches: pd.Series, labels: np.ndarray, dataset: Dataset) -> dict[str, str]:
    """Why each batch cannot be left out, the largest batch first; empty where it can.

    Parameters
    ----------
    batches, labels : of all examples (N,), see `deeprules.data.Partition.labels`
    """
    labels = np.asarray(labels)
    return {
        batch: _undefined(labels, np.asarray(batches == batch), dataset)
        for batch in batches.value_counts().index
    }


def _undefined(labels: np.ndarray, is_held: np.ndarray, dataset: Dataset) -> str:
    """Why one batch cannot be scored; empty if it can."""
    if not dataset.is_classification:
        few = is_held.sum() < MIN_HELD_OUT or np.ptp(labels[is_held]) == 0
        if few or (~is_held).sum() < MIN_OF_A_CLASS:
            return "Undefined: too few different values in the batch or outside it."
        return ""
    n_classes = len(dataset.classes)
    inside, outside = (
        np.bincount(labels[rows], minlength=n_classes) for rows in (is_held, ~is_held)
    )
    missing = [name for name, n in zip(dataset.classes, inside, strict=True) if not n]
    if missing:
        return f"Undefined: the batch has no example of {', '.join(missing)}."
    few = [name for name, n in zip(dataset.classes, outside, strict=True) if n < MIN_OF_A_CLASS]
    if few:
        return f"Undefined: the other batches have too few examples of {', '.join(few)}."
    return ""
