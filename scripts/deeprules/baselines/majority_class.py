"""The floor: the class shares of train (or its mean) for every example."""

from sklearn.dummy import DummyClassifier, DummyRegressor

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "nuisance"
FLOOR = True


def build(hp, train):
    """Estimator that looks at no feature."""
    return DummyClassifier() if train.dataset.is_classification else DummyRegressor()
