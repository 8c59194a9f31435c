"""k-nearest neighbours by cosine distance."""

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline

from deeprules.fit.representation import feature_steps

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "baseline"
HOLDS_EXAMPLES = True
"""A fitted one keeps training examples: whoever has it, has them."""
USES_CLASS_WEIGHTS = False
MAX_SEQUENCES = 200_000
"""Each prediction is compared with all of them."""


def build(hp, train):
    """Pipeline of scaled features and k-nearest neighbours."""
    most = min(100, len(train))
    settings = {
        # What was chosen on all of train may be more than a share of it has.
        "n_neighbors": min(
            most, hp.Int("n_neighbors", 1, most, sampling="log", default=min(15, most))
        ),
        "weights": hp.Choice("weights", ["uniform", "distance"]),
        "metric": "cosine",
        "n_jobs": -1,
        "algorithm": "brute",
    }
    steps = feature_steps(hp, train)
    if train.dataset.is_classification:
        return make_pipeline(*steps, KNeighborsClassifier(**settings))
    return make_pipeline(*steps, KNeighborsRegressor(**settings))
