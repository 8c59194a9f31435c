"""Log odds: the score that models are explained by and that variants change."""

import numpy as np

from deeprules.tasks import is_mixed, is_several, predicts_values, task_of

SMALLEST = 1e-7
"""Probabilities below count as that: 32 bits say little of smaller ones, and 0 has no odds."""


def log_odds(predictions: np.ndarray, task: str) -> np.ndarray:
    """Natural log odds (N, C) of probabilities (N, C); values (N,) as they are: (N, 1).

    The odds of a class are against the sum of all others, which keeps its digits where a
    probability is close to 1; those of one of several labels against its absence.
    """
    predictions = np.asarray(predictions, dtype=np.float64)
    if predicts_values(task):
        return predictions.reshape(len(predictions), -1)
    if is_mixed(task):
        return _of_both_kinds(predictions, task)
    if is_several(task):
        others = 1 - predictions
    else:
        classes = range(predictions.shape[1])
        others = [np.delete(predictions, one, axis=1).sum(axis=1) for one in classes]
        others = np.stack(others, axis=1)
    return np.log(np.maximum(predictions, SMALLEST)) - np.log(np.maximum(others, SMALLEST))


def _of_both_kinds(predictions: np.ndarray, task: str) -> np.ndarray:
    """Log odds of the labels that are there or not, values as they are (N, T)."""
    found = predictions.copy()
    for number, values in enumerate(predictions.T):
        if task_of(task, number) == "binary":
            found[:, number] = log_odds(np.column_stack([1 - values, values]), "binary")[:, 1]
    return found
