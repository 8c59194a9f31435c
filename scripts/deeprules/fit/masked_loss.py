"""The loss of networks that predict several labels at once, some of which are missing."""

import keras
import numpy as np
from keras import ops

register = keras.saving.register_keras_serializable(package="deeprules")


@register
def masked_crossentropy(truth, predicted):
    """Cross-entropy of each example (batch,), summed over its labels.

    Parameters
    ----------
    truth : labels, 0 where they are missing, and beside them their weights (batch, 2 T)
    predicted : probabilities (batch, T)
    """
    labels, weights = ops.split(ops.cast(truth, predicted.dtype), 2, axis=1)
    return ops.sum(weights * ops.binary_crossentropy(labels, predicted), axis=1)


def masked_targets(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What `masked_crossentropy` takes for truth (N, 2 T).

    Parameters
    ----------
    labels : 0, 1 and NaN (N, T)
    weights : of absent and present examples of each label (T, 2)
    """
    known = np.isfinite(labels)
    filled = np.where(known, labels, 0)
    each = weights[np.arange(labels.shape[1]), filled.astype(np.int64)]
    return np.hstack([filled, np.where(known, each, 0)])


def label_weights(labels: np.ndarray, weighting: str = "equal") -> np.ndarray:
    """Weights (T, 2) of absent and present examples of each label, from labels (N, T) of train.

    Every label has the same total (`equal`), however few examples it is known of, or one in
    proportion to these (`by_examples`); each class of it has half. The mean over examples is 1.
    """
    counts = np.stack([(labels == value).sum(axis=0) for value in (0, 1)], axis=1)
    known = counts.sum(axis=1, keepdims=True)
    shares = known / known.sum() if weighting == "by_examples" else 1 / labels.shape[1]
    return shares * len(labels) / (2 * np.maximum(counts, 1))
