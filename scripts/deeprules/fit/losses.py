"""Losses of networks: what each takes for the truth, and what classes and labels weigh in it."""

from collections.abc import Callable

import numpy as np

from deeprules.data import Partition
from deeprules.fit.masked_loss import (
    label_weights,
    masked_crossentropy,
    masked_huber,
    masked_huber_of_each,
    masked_loss_of_each,
    masked_squared_error,
    masked_targets,
)
from deeprules.tasks import MIXED, is_mixed

LOSSES = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "mixed": masked_loss_of_each,
    "multilabel": masked_crossentropy,
    "multiregression": masked_squared_error,
    "regression": "mean_squared_error",
}
"""Loss of each task; one of values may choose another (`loss_of`)."""
HUBER = {
    "mixed": masked_huber_of_each,
    "multiregression": masked_huber,
    "regression": "huber",
}


def loss_of(hp, task: str) -> str | Callable:
    """The loss of a network; that of values is a hyperparameter.

    Huber's loss (Huber 1964) is squared up to one standard deviation of the labels of train and
    grows as a line from there, so that a few labels far out do not lead the fit.
    """
    kind = MIXED if is_mixed(task) else task
    if kind not in ("regression", "multiregression", MIXED):
        return LOSSES[kind]
    chosen = hp.Choice("loss", ["mean_squared_error", "huber"])
    return HUBER[kind] if chosen == "huber" else LOSSES[kind]


def weighting_of(hp, train: Partition) -> str:
    """How much each of several labels weighs in the loss, a hyperparameter; see `label_weights`."""
    if not train.dataset.has_several_labels:
        return "equal"
    return hp.Choice("label_weights", ["equal", "by_examples"], default="equal")


def class_weights(train: Partition, weighting: str = "equal") -> np.ndarray | None:
    """Weights (C,) that give every class the same total in the loss; None for a regression.

    Of several labels, weights (T, 2), see `label_weights`.
    """
    if train.dataset.has_several_labels:
        return label_weights(train.labels, weighting, train.dataset.are_classes)
    if not train.dataset.is_classification:
        return None
    counts = np.bincount(train.labels, minlength=len(train.dataset.classes))
    return len(train) / (len(counts) * counts)


def targets_of(
    part: Partition, train: Partition, weighting: str = "equal"
) -> tuple[np.ndarray, np.ndarray]:
    """What the loss takes for the truth of a partition, and the weight (N,) of each example.

    That is its labels; of several, their weights are among the targets.
    """
    weights, even = class_weights(train, weighting), np.ones(len(part))
    if weights is None:
        return part.labels, even
    if weights.ndim == 2:
        return masked_targets(part.labels, weights, train.dataset.are_classes), even
    return part.labels, weights[part.labels]
