"""Naive Bayes: multinomial on k-mer counts and sparse rows, Gaussian on other matrices."""

import numpy as np
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline

from deeprules.feature_store import is_sparse
from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass")
KIND = "baseline"
MAX_SEQUENCES = 500_000
"""Each takes some 4 kB: its counts, and those with twice the digits."""


def build(hp, train):
    """Pipeline of unscaled features and naive Bayes with equal class priors."""
    if train.dataset.modality == "sequence":
        smoothing = hp.Float("smoothing", 1e-2, 1e2, sampling="log", default=1.0)
        return make_pipeline(
            *feature_steps(hp, train, scale=False), MultinomialNB(alpha=smoothing, fit_prior=False)
        )
    if is_sparse(train.features):
        smoothing = hp.Float("pseudo_count", 1e-2, 1e2, sampling="log", default=1.0)
        # Amounts are read as counts; where some are below 0, whether a feature is there at all.
        amounts = train.features.min() >= 0
        learner = (MultinomialNB if amounts else BernoulliNB)(alpha=smoothing, fit_prior=False)
        return make_pipeline(*feature_steps(hp, train, scale=False), learner)
    n_classes = len(train.dataset.classes)
    smoothing = hp.Float("smoothing", 1e-9, 1.0, sampling="log", default=1e-3)
    return make_pipeline(
        *feature_steps(hp, train),
        GaussianNB(priors=np.full(n_classes, 1 / n_classes), var_smoothing=smoothing),
    )
