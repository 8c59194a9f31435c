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
    """Huber's loss of each example (batch,), summed over its labels; as `masked_crossentropy`."""
    labels, weights = ops.split(ops.cast(truth, predicted.dtype), 2, axis=1)
    return ops.sum(weights * _huber(labels - predicted), axis=1)


def _huber(errors):
    """Half of the squared error up to 1, and a line from there (Huber 1964)."""
    size = ops.abs(errors)
    inside = ops.minimum(size, 1.0)
    return inside * (size - 0.5 * inside)


@register
def masked_loss_of_each(truth, predicted):
    """Cross-entropy of the labels that are there or not and squared error of values, summed.

    As `masked_crossentropy`; a third block of `truth` is 1 for what is there or not (batch, 3 T).
    """
    return _of_each(truth, predicted, ops.square)


@register
def masked_huber_of_each(truth, predicted):
    """As `masked_loss_of_each`, with Huber's loss of the values."""
    return _of_each(truth, predicted, _huber)


def _of_each(truth, predicted, of_errors):
    """The loss of labels of both kinds (batch,), `of_errors` where they are values."""
    labels, weights, is_class = ops.split(ops.cast(truth, predicted.dtype), 3, axis=1)
    # Of values, what is no probability is cut off, so that no gradient is infinite.
    surprise = ops.binary_crossentropy(labels * is_class, ops.clip(predicted, 1e-7, 1 - 1e-7))
    each = ops.where(is_class > 0, surprise, of_errors(labels - predicted))
    return ops.sum(weights * each, axis=1)


def masked_targets(
    labels: np.ndarray, weights: np.ndarray, are_classes: np.ndarray | None = None
) -> np.ndarray:
    """What these losses take for truth (N, 2 T), or of labels of both kinds (N, 3 T).

    Parameters
    ----------
    labels : 0, 1 and NaN, or values and NaN (N, T)
    weights : of absent and present examples of each label, or of all of its values (T, 2)
    are_classes : which labels (T,) are there or not; all, if it is left out
    """
    are_classes = np.ones(labels.shape[1], bool) if are_classes is None else are_classes
    known = np.isfinite(labels)
    filled = np.where(known, labels, 0)
    places = np.where(are_classes, filled, 0).astype(np.int64)
    each = weights[np.arange(labels.shape[1]), places]
    truth = [filled, np.where(known, each, 0)]
    if len(set(are_classes.tolist())) > 1:
        truth.append(np.broadcast_to(are_classes.astype(np.float64), labels.shape))
    return np.hstack(truth)


def label_weights(
    labels: np.ndarray, weighting: str = "equal", are_classes: np.ndarray | None = None
) -> np.ndarray:
    """Weights (T, 2) of absent and present examples of each label, from labels (N, T) of train.

    Of a label of values (see `masked_targets`) the first is that of all of its examples and the
    second 0. Every label has the same total (`equal`), however
    few examples it is known of, or one in proportion to these (`by_examples`); each class of it has
    half. The mean over examples is 1.
    """
    are_classes = np.ones(labels.shape[1], bool) if are_classes is None else are_classes
    first = np.where(are_classes, labels == 0, np.isfinite(labels)).sum(axis=0)
    counts = np.stack([first, np.where(are_classes, (labels == 1).sum(axis=0), 0)], axis=1)
    known = counts.sum(axis=1, keepdims=True)
    shares = known / known.sum() if weighting == "by_examples" else 1 / labels.shape[1]
    kinds = np.where(are_classes, 2, 1)[:, None]
    weights = shares * len(labels) / (kinds * np.maximum(counts, 1))
    return np.where(np.stack([np.ones_like(are_classes), are_classes], axis=1), weights, 0)
