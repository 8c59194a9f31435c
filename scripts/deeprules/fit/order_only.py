"""Fits of whose predictions only the order counts, as a search by AUROC or AUPRC compares them.

To turn scores into probabilities, some estimators are fitted once more for every fold of train. The
map of `deeprules.statistics.platt` keeps the order of two classes; scikit-learn's own may turn it
round.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline

from deeprules.command.tool_estimator import ToolEstimator
from deeprules.fit.label_by_label import OneForEachLabel
from deeprules.statistics.metrics import ORDER_ONLY
from deeprules.statistics.platt import Platt
from deeprules.tasks import task_of_each


def only_order_counts(task: str, objective: str) -> bool:
    """Whether a score of a task depends on the order of the predictions alone."""
    return task_of_each(task) == "binary" and objective in ORDER_ONLY


def without_calibration(estimator: BaseEstimator) -> BaseEstimator:
    """An unfitted classifier that ranks as the given one will, fitted once; others as they are."""
    if isinstance(estimator, OneForEachLabel):
        return OneForEachLabel(without_calibration(estimator.estimator))
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        return Pipeline([*estimator.steps[:-1], (name, without_calibration(last))])
    if isinstance(estimator, ToolEstimator):
        return estimator.set_params(folds=1)
    return Ordering(estimator.estimator) if isinstance(estimator, Platt) else estimator


class Ordering(ClassifierMixin, BaseEstimator):
    """A classifier of two classes whose scores are squeezed into 0..1, in their order."""

    def __init__(self, estimator: BaseEstimator):
        self.estimator = estimator

    def fit(self, features, labels) -> "Ordering":
        """Fit the classifier on features (N, P) and labels (N,)."""
        self.fitted_ = clone(self.estimator).fit(features, labels)
        self.classes_ = self.fitted_.classes_
        return self

    def predict_proba(self, features) -> np.ndarray:
        """Numbers (N, 2) that rank as probabilities do, without ties of their own."""
        if not hasattr(self.fitted_, "decision_function"):
            return self.fitted_.predict_proba(features)
        scores = self.fitted_.decision_function(features)
        high = 0.5 + 0.5 * scores / (1 + np.abs(scores))
        return np.column_stack([1 - high, high])
