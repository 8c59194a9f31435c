"""Scores of a classifier as probabilities, by Platt's method, whose order stays that of the scores.

Scores of held-out examples say nothing, or the opposite, where there is hardly anything to learn:
a fold with fewer examples of a class is predicted by a fit that has seen more of them. A map that
falls would turn the order of the classifier, which was fitted to all of train, upside down.
"""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV

LEAST_SLOPE = 1e-3
"""Of a map that may not fall: probabilities are nearly the same for all, and keep the order."""


class Platt(CalibratedClassifierCV):
    """A classifier and a logistic map, fitted to scores of examples held out in `cv` folds.

    Of two classes, the map rises: where the best one falls, the flattest takes its place.
    """

    def __init__(self, estimator, cv: int = 3):
        super().__init__(estimator, method="sigmoid", cv=cv, ensemble=False)

    def fit(self, features, labels) -> "Platt":
        """Fit both on features (N, P) and labels (N,)."""
        super().fit(features, labels)
        (calibrated,) = self.calibrated_classifiers_
        # Scikit-learn's map is 1 / (1 + exp(a * score + b)).
        if len(self.classes_) == 2 and calibrated.calibrators[0].a_ >= 0:
            share = np.mean(np.asarray(labels) == self.classes_[1])
            flat = calibrated.calibrators[0]
            flat.a_, flat.b_ = -LEAST_SLOPE, float(np.log(1 / share - 1))
        return self
