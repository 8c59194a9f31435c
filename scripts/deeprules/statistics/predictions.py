"""What can be scored: labels and predictions that fit the task and each other."""

import numpy as np

from deeprules.errors import InputError
from deeprules.tasks import is_several, task_of


def checked(
    task: str, labels: np.ndarray, predictions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) and predictions (N, C) or (N,) as numbers fit for scoring; (N, T) of several.

    Raises
    ------
    InputError if there is no example, if shapes do not match, if a prediction is not finite, if a
    row of probabilities does not add up to 1, or if a label is not one of the classes.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions, dtype=np.float64)
    if not len(labels):
        raise InputError("There are no examples to score.")
    if not np.isfinite(predictions).all():
        raise InputError(
            "The model predicts NaN or infinity. Its training has diverged, or it doesn't handle "
            "missing values: lower the learning rate or impute."
        )
    if is_several(task):
        _check_several(task, labels, predictions)
        return labels.astype(np.float64), predictions
    if task == "regression":
        if predictions.shape != (len(labels),) or not np.isfinite(labels).all():
            raise InputError(
                f"Predictions of shape {predictions.shape} for {len(labels)} labels: a regression "
                "needs one finite value for each."
            )
        return labels.astype(np.float64), predictions
    _check_classes(task, labels, predictions)
    return labels.astype(np.int64), predictions


def _check_classes(task: str, labels: np.ndarray, predictions: np.ndarray) -> None:
    """Complain of anything but class indices and rows of probabilities."""
    shape = predictions.shape
    if len(shape) != 2 or len(labels) != shape[0] or (task == "binary" and shape[1] != 2):
        raise InputError(
            f"Predictions of shape {shape} for {len(labels)} labels of a {task} task: they need "
            "one row for each label and one column for each class (two if binary)."
        )
    if predictions.min() < 0 or np.abs(predictions.sum(axis=1) - 1).max() > 1e-3:
        raise InputError(
            "The model's predictions are not probabilities: each row must add up to 1. End a "
            "network with softmax or sigmoid; give a baseline `predict_proba`."
        )
    if not np.isin(labels, np.arange(shape[1])).all():
        raise InputError(
            f"Labels must be class indices from 0 to {shape[1] - 1}; found "
            f"{sorted(set(labels.tolist()) - set(range(shape[1])))[:5]}. An example has a class "
            "that is not among the classes of the data set."
        )


def _check_several(task: str, labels: np.ndarray, probabilities: np.ndarray) -> None:
    """Complain of anything but 0, 1 and NaN (N, T), and a probability for each; or of values."""
    if labels.ndim != 2 or labels.shape != probabilities.shape:
        raise InputError(
            f"Predictions of shape {probabilities.shape} for labels of shape {labels.shape}: of "
            "several labels, a model gives the probability or value of each for each example."
        )
    classes = [task_of(task, number) == "binary" for number in range(labels.shape[1])]
    labels, probabilities = labels[:, classes], probabilities[:, classes]
    if probabilities.min(initial=0) < 0 or probabilities.max(initial=0) > 1:
        raise InputError("The model's predictions are not probabilities: they lie beyond 0 and 1.")
    if not np.isin(labels[np.isfinite(labels)], (0, 1)).all():
        raise InputError("Several labels must be 0, 1 or missing.")


def of_label(
    task: str, labels: np.ndarray, predictions: np.ndarray, label: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One of several labels, as a binary task or a regression.

    Parameters
    ----------
    labels : 0, 1 and NaN, or values and NaN (N, T)
    predictions : probabilities or values (N, T)
    label : its number

    Returns
    -------
    Rows of the K examples of which it is known, their labels (K,) and probabilities (K, 2), or
    values (K,).
    """
    known = np.flatnonzero(np.isfinite(labels[:, label]))
    present = predictions[known, label]
    if task_of(task, label) == "regression":
        return known, labels[known, label], present
    return known, labels[known, label].astype(np.int64), np.column_stack([1 - present, present])
