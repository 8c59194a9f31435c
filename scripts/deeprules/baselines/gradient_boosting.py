"""Gradient-boosted trees on binned features."""

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"


def build(hp, train):
    """Pipeline of unscaled features and gradient boosting."""
    settings = {
        "learning_rate": hp.Float("learning_rate", 0.02, 0.3, sampling="log", default=0.1),
        "max_iter": hp.Choice("max_iter", [50, 100, 200], default=100),
        "max_leaf_nodes": hp.Choice("max_leaf_nodes", [4, 8, 16, 31], default=8),
        "l2_regularization": hp.Float("l2", 1e-3, 10.0, sampling="log", default=1.0),
        "max_features": 0.3,
        # Scikit-learn's 20 examples a leaf leave a small data set without any split.
        "min_samples_leaf": min(20, max(1, len(train) // 20)),
        "early_stopping": False,
        "max_bins": 64,
    }
    steps = feature_steps(hp, train, kmers=(3, 4, 5), scale=False, dense=True)
    if train.dataset.is_classification:
        return make_pipeline(
            *steps, HistGradientBoostingClassifier(class_weight="balanced", **settings)
        )
    return make_pipeline(*steps, HistGradientBoostingRegressor(**settings))
