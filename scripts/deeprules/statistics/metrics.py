"""Scores of predictions: their names, their orientation and their values.

Classes are decided by the highest probability (0.5 for a binary task; a tie goes to the first
class). AUPRC is average precision. Of many classes, AUROC, AUPRC, balanced accuracy and F1 are
the plain mean over classes (one against the rest), MCC, accuracy, Brier score and log loss are
those of all classes together; of two classes, AUROC, AUPRC and F1 are those of the positive one.

What is not defined is NaN, never an average over what is left: AUROC, AUPRC, balanced accuracy
and F1 when a class has no example; R2 and both correlations when all labels are equal. Constant
predictions have correlation 0, as they have MCC 0; labels of a single class have MCC 0 too.
"""

from collections.abc import Mapping

import numpy as np
from scipy import stats
from sklearn import metrics as sk

from deeprules.errors import InputError

METRIC_LABELS = {
    "auprc": "AUPRC",
    "auroc": "AUROC",
    "mcc": "MCC",
    "balanced_accuracy": "balanced accuracy",
    "f1": "F1",
    "brier": "Brier score",
    "log_loss": "log loss",
    "accuracy": "accuracy",
    "r2": "R2",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
}
"""Every metric and how it is written in a sentence."""

CLASS_METRICS = tuple(METRIC_LABELS)[:8]
VALUE_METRICS = tuple(METRIC_LABELS)[8:]
LOWER_IS_BETTER = frozenset({"brier", "log_loss", "mae", "rmse"})
EVERY_CLASS = ("auprc", "auroc", "balanced_accuracy", "f1")
"""Metrics that are not defined unless each class has an example."""

CONSTANT = 1e-12
"""Values whose spread is below this share of their size count as constant."""


def metrics_of(task: str) -> tuple[str, ...]:
    """Names of the metrics of a task (`binary`, `multiclass` or `regression`)."""
    return VALUE_METRICS if task == "regression" else CLASS_METRICS


def smallest_gain(minimum: float | Mapping[str, float], score: float) -> float:
    """Smallest gain over a score that counts.

    Parameters
    ----------
    minimum : a gain, or `{"share_of_error": ...}`: a share of what the score lacks to 1, the
        highest value of every metric that can be an objective
    score : the score that is to be beaten
    """
    if isinstance(minimum, Mapping):
        return float(minimum["share_of_error"]) * (1 - score)
    return float(minimum)


def scores(task: str, labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """All metrics of one set of predictions.

    Parameters
    ----------
    task : `binary`, `multiclass` or `regression`
    labels : class indices (N,) or values (N,)
    predictions : probabilities (N, C) or values (N,)

    Returns
    -------
    {metric: value}; NaN where a metric is not defined (see the module).

    Raises
    ------
    InputError if labels or predictions are not what the task asks for (see `checked`).
    """
    labels, predictions = checked(task, labels, predictions)
    if task == "regression":
        return _value_scores(labels, predictions)
    return _class_scores(labels, predictions)


def checked(
    task: str, labels: np.ndarray, predictions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) and predictions (N, C) or (N,) as numbers fit for scoring.

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
    if task == "regression":
        if predictions.shape != (len(labels),) or not np.isfinite(labels).all():
            raise InputError(
                f"Predictions of shape {predictions.shape} for {len(labels)} labels: a regression "
                "needs one finite value for each."
            )
        return labels.astype(np.float64), predictions
    _check_classes(task, labels, predictions)
    return labels.astype(np.int64), predictions


def normalised(predictions: np.ndarray) -> np.ndarray:
    """Rows of probabilities (N, C) that add up to 1, for losses.

    Not for ranking: the division would tell apart probabilities that are equal.
    """
    return predictions / predictions.sum(axis=1, keepdims=True)


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


def _class_scores(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Metrics of class labels, by scikit-learn."""
    n_classes = predictions.shape[1]
    everything = list(range(n_classes))
    positive = everything[1:] if n_classes == 2 else everything
    predicted, shares = predictions.argmax(axis=1), normalised(predictions)
    n_present = len(np.unique(labels))
    values = dict.fromkeys(CLASS_METRICS, np.nan) | {
        "mcc": sk.matthews_corrcoef(labels, predicted) if n_present > 1 else 0.0,
        "brier": sk.brier_score_loss(labels, shares, labels=everything),
        "log_loss": sk.log_loss(labels, shares, labels=everything),
        "accuracy": sk.accuracy_score(labels, predicted),
    }
    if n_present == n_classes:
        ranked = [(labels == index, predictions[:, index]) for index in positive]
        values |= {
            "auprc": np.mean([sk.average_precision_score(*one) for one in ranked]),
            "auroc": np.mean([sk.roc_auc_score(*one) for one in ranked]),
            "balanced_accuracy": sk.balanced_accuracy_score(labels, predicted),
            "f1": sk.f1_score(labels, predicted, labels=positive, average="macro", zero_division=0),
        }
    return {name: float(value) for name, value in values.items()}


def _value_scores(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """Metrics of real values, by scikit-learn and SciPy."""
    values = dict.fromkeys(VALUE_METRICS, np.nan) | {
        "mae": sk.mean_absolute_error(labels, predictions),
        "rmse": sk.root_mean_squared_error(labels, predictions),
    }
    if not _is_constant(labels):
        flat = _is_constant(predictions)
        values |= {
            "r2": sk.r2_score(labels, predictions),
            "pearson": 0.0 if flat else stats.pearsonr(labels, predictions).statistic,
            "spearman": 0.0 if flat else stats.spearmanr(labels, predictions).statistic,
        }
    return {name: float(value) for name, value in values.items()}


def _is_constant(values: np.ndarray) -> bool:
    """Whether values (N,) are equal but for rounding."""
    return bool(values.std() <= CONSTANT * np.sqrt(np.mean(values**2)))
