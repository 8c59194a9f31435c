"""Linear model on gapped k-mers: words of which some inner places may hold any base.

The features of gkm-SVM (Ghandi et al. 2014), scaled to unit length a sequence as its kernel does,
under logistic or ridge regression. It costs some 10 times what plain k-mers do, and its memory
grows with examples, length and patterns: 8 bytes for each.
"""

from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from deeprules.fit.gapped_kmers import GappedKmerCounts

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"
MAX_SEQUENCES = 30_000
"""Each takes some 30 kB: 200 bases in the 21 patterns of 6 bases and 2 gaps."""


def build(hp, train):
    """Pipeline of gapped k-mers of unit length and a linear model."""
    bases = [k for k in (6, 5, 4) if k <= train.dataset.n_features] or [2]
    counts = GappedKmerCounts(
        hp.Choice("kmer", bases),
        hp.Choice("gaps", [2, 1, 3]),
        train.dataset.both_strands and hp.Boolean("fold_strands", default=True),
    )
    if not train.dataset.is_classification:
        penalty = hp.Float("alpha", 1e-3, 1e2, sampling="log", default=0.3)
        return make_pipeline(counts, Normalizer(), Ridge(alpha=penalty))
    learner = LogisticRegression(
        C=hp.Float("C", 1e-1, 1e4, sampling="log", default=100.0),
        class_weight="balanced",
        max_iter=1000,
    )
    return make_pipeline(counts, Normalizer(), learner)
