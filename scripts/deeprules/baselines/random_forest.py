"""Random forest of 300 trees."""

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import dense_for_trees, feature_steps, one_to_one

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"
MAX_SEQUENCES = 100_000
"""Each adds some nodes to each of 300 trees."""


def build(hp, train):
    """Pipeline of unscaled features and a random forest."""
    settings = {
        "n_estimators": 300,
        "n_jobs": -1,
        "max_features": hp.Choice("max_features", ["sqrt", "log2", "0.1"]),
        "min_samples_leaf": hp.Choice("min_samples_leaf", [1, 2, 5, 10]),
    }
    if settings["max_features"] == "0.1":
        settings["max_features"] = 0.1
    # Short k-mers fill a matrix, long ones do not: 7-mers took 15 times as long dense.
    steps = [*feature_steps(hp, train, scale=False), one_to_one(dense_for_trees)]
    if train.dataset.is_classification:
        return make_pipeline(*steps, RandomForestClassifier(class_weight="balanced", **settings))
    return make_pipeline(*steps, RandomForestRegressor(**settings))
