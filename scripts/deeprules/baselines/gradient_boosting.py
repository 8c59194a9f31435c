"""Gradient-boosted trees on binned features, by LightGBM."""

from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"
MAX_SEQUENCES = 500_000
"""Each takes some 4 kB: its counts, and as many bins."""
ALWAYS = {
    "n_jobs": -1,
    "deterministic": True,
    "force_col_wise": True,
    "colsample_bynode": 0.3,
    "max_bin": 63,
    "verbose": -1,
}
"""What every fit is made with: histograms built in one way, or sums would differ by threads."""
OBJECTIVES = {"mean_squared_error": "regression", "huber": "huber"}
"""Losses of a regression; Huber's is linear from one standard deviation of the labels on."""


def build(hp, train):
    """Pipeline of unscaled features and gradient boosting."""
    settings = {
        "learning_rate": hp.Float("learning_rate", 0.02, 0.3, sampling="log", default=0.1),
        "n_estimators": hp.Choice("max_iter", [50, 100, 200], default=100),
        "num_leaves": hp.Choice("max_leaf_nodes", [4, 8, 16, 31], default=8),
        "reg_lambda": hp.Float("l2", 1e-3, 10.0, sampling="log", default=1.0),
        # Twenty examples a leaf leave a small data set without any split.
        "min_child_samples": min(20, max(1, len(train) // 20)),
        **ALWAYS,
    }
    steps = feature_steps(hp, train, kmers=(4, 5, 6), scale=False)
    if train.dataset.is_classification:
        return make_pipeline(*steps, LGBMClassifier(class_weight="balanced", **settings))
    loss = hp.Choice("loss", ["mean_squared_error", "huber"])
    return make_pipeline(*steps, LGBMRegressor(objective=OBJECTIVES[loss], alpha=1.0, **settings))
