"""Naive Bayes: multinomial on k-mer counts, Gaussian on a matrix."""

import numpy as np
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass")
KIND = "baseline"


def build(hp, train):
    """Pipeline of unscaled features and naive Bayes with equal class priors."""
    if train.dataset.modality == "sequence":
        smoothing = hp.Float("smoothing", 1e-2, 1e2, sampling="log", default=1.0)
        return make_pipeline(
            *feature_steps(hp, train, scale=False), MultinomialNB(alpha=smoothing, fit_prior=False)
        )
    n_classes = len(train.dataset.classes)
    smoothing = hp.Float("smoothing", 1e-9, 1.0, sampling="log", default=1e-3)
    return make_pipeline(
        *feature_steps(hp, train),
        GaussianNB(priors=np.full(n_classes, 1 / n_classes), var_smoothing=smoothing),
    )
