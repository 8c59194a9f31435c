"""Linear regression with an L2 penalty."""

from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("regression",)
KIND = "baseline"


def build(hp, train):
    """Pipeline of scaled features and ridge regression."""
    return make_pipeline(
        *feature_steps(hp, train),
        Ridge(alpha=hp.Float("alpha", 1e-2, 1e5, sampling="log", default=100.0)),
    )
