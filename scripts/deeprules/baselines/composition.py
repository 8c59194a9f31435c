"""Nuisance baseline: what base composition and length alone tell about the label.

A model that does not beat it has not shown that it reads motifs.
"""

import numpy as np
from lightgbm import LGBMClassifier, LGBMRegressor
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.encoding import lengths_of
from deeprules.fit.kmers import count_kmers

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
KIND = "nuisance"
FLOOR = True
ALWAYS = {"n_jobs": -1, "deterministic": True, "force_col_wise": True, "verbose": -1}
"""What all trees are made with: histograms built in one way, or sums would differ by threads."""


class Composition(TransformerMixin, BaseEstimator):
    """Length, base shares and dinucleotide shares: codes (N, L) -> `float64` (N, 21)."""

    def fit(self, codes, labels=None):
        """Nothing is learnt."""
        self.n_features_in_ = codes.shape[1]
        return self

    def transform(self, codes):
        """The length in bases, then the shares of A, C, G, T and of the 16 dinucleotides."""
        codes = np.asarray(codes)
        length = lengths_of(codes)[:, None]
        return np.hstack([length, _shares(codes, 1), _shares(codes, 2)])


def _shares(codes, k):
    """Share of each k-mer among the unambiguous k-mers of a sequence, as in `gc_content`."""
    counts = sparse.vstack(list(count_kmers(codes, k, fold_strands=False))).toarray()
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def build(hp, train):
    """Linear model or boosted trees on composition."""
    learner = hp.Choice("learner", ["linear", "boosting"])
    classify = train.dataset.is_classification
    with hp.conditional_scope("learner", ["linear"]):
        if learner == "linear":
            penalty = hp.Float("C", 1e-3, 1e2, sampling="log", default=1.0)
            linear = (
                LogisticRegression(C=penalty, class_weight="balanced", max_iter=1000)
                if classify
                else Ridge(alpha=1 / penalty)
            )
            return make_pipeline(Composition(), StandardScaler(), linear)
    with hp.conditional_scope("learner", ["boosting"]):
        settings = {
            "learning_rate": hp.Float("learning_rate", 0.02, 0.3, sampling="log", default=0.1),
            "num_leaves": hp.Choice("max_leaf_nodes", [4, 8, 16]),
            **ALWAYS,
        }
        boosting = (
            LGBMClassifier(class_weight="balanced", **settings)
            if classify
            else LGBMRegressor(**settings)
        )
        return make_pipeline(Composition(), boosting)
