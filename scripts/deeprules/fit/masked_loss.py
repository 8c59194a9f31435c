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


@register
def masked_squared_error(truth, predicted):
    """Squared error of each example (batch,), summed over its labels; as `masked_crossentropy`."""
    labels, weights = ops.split(ops.cast(truth, predicted.dtype), 2, axis=1)
    return ops.sum(weights * ops.square(labels - predicted), axis=1)


@register
def masked_huber(truth, predicted):
    """Huber's loss of each example (batch,), summed over its labels; as `masked_crossentropy`.

    It is half of the squared error up to 1, and a line from there (Huber 1964).
    """
    labels, weights = ops.split(ops.cast(truth, predicted.dtype), 2, axis=1)
    error = ops.abs(labels - predicted)
    inside = ops.minimum(error, 1.0)
    return ops.sum(weights * inside * (error - 0.5 * inside), axis=1)


def masked_targets(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What these losses take for truth (N, 2 T).

    Parameters
    ----------
    labels : 0, 1 and NaN, or values and NaN (N, T)
    weights : of absent and present examples of each label (T, 2), or of all of each (T, 1)
    """
    known = np.isfinite(labels)
    filled = np.where(known, labels, 0)
    places = filled.astype(np.int64) if weights.shape[1] == 2 else np.zeros(labels.shape, np.int64)
    each = weights[np.arange(labels.shape[1]), places]
    return np.hstack([filled, np.where(known, each, 0)])


def label_weights(
    labels: np.ndarray, weighting: str = "equal", is_classification: bool = True
) -> np.ndarray:
    """Weights (T, 2) of absent and present examples of each label, from labels (N, T) of train.

    Of values, they are those of all examples of each (T, 1). Every label has the same total
    (`equal`), however few examples it is known of, or one in proportion to these (`by_examples`);
    each class of it has half. The mean over examples is 1.
    """
    kinds = [labels == 0, labels == 1] if is_classification else [np.isfinite(labels)]
    counts = np.stack([kind.sum(axis=0) for kind in kinds], axis=1)
    known = counts.sum(axis=1, keepdims=True)
    shares = known / known.sum() if weighting == "by_examples" else 1 / labels.shape[1]
    return shares * len(labels) / (len(kinds) * np.maximum(counts, 1))
