"""A baseline whose fit sleeps: what is left of a search is the cost of sharing it out."""

import time

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary",)
KIND = "baseline"


class Sleeper(LogisticRegression):
    """Logistic regression after four seconds."""

    def fit(self, features, labels):
        time.sleep(4)
        return super().fit(features, labels)


def build(hp, train):
    """Logistic regression on the counts of k-mers, or on scaled features."""
    model = Sleeper(C=hp.Float("C", 1e-3, 1e3, sampling="log"), max_iter=10)
    return make_pipeline(*feature_steps(hp, train), model)
