"""Logistic regression with an L2 penalty."""

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass")
KIND = "baseline"


def build(hp, train):
    """Pipeline of scaled features and logistic regression."""
    return make_pipeline(
        *feature_steps(hp, train),
        LogisticRegression(
            C=hp.Float("C", 1e-4, 10.0, sampling="log", default=1e-2),
            class_weight="balanced",
            max_iter=1000,
        ),
    )
