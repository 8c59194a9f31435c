"""What stands at the end of a scikit-learn pipeline, and which features of a table reach it."""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from deeprules.feature_store import dense
from deeprules.fit.highly_variable import HighlyVariable
from deeprules.fit.median_imputer import MedianImputer
from deeprules.fit.models import FittedBaseline

TREES = ("DecisionTree", "RandomForest", "ExtraTrees", "LGBM")
ONE_BY_ONE = (MedianImputer, SimpleImputer, StandardScaler)
"""Steps that fill or scale each feature by itself."""


@dataclass(frozen=True)
class Unrolled:
    """A fitted pipeline whose steps leave features as they are, drop, fill or scale them.

    Attributes
    ----------
    pipeline : the whole of it
    columns : (M,) places among all features of those that its last step sees, in its order
    """

    pipeline: Pipeline
    columns: np.ndarray

    @property
    def last(self):
        """The estimator at its end."""
        return self.pipeline.steps[-1][1]

    @property
    def is_linear(self) -> bool:
        """Whether it ends in a linear model."""
        return type(self.last).__module__.startswith("sklearn.linear_model")

    @property
    def is_trees(self) -> bool:
        """Whether it ends in trees of scikit-learn or LightGBM."""
        return type(self.last).__name__.startswith(TREES)

    def seen(self, rows: np.ndarray) -> np.ndarray:
        """What the last step sees (N, M) of rows (N, P)."""
        return dense(self.pipeline[:-1].transform(rows), np.float64)


def unroll(model: object, n_features: int) -> Unrolled | None:
    """The pipeline of a baseline; None for other models, and where features are mixed."""
    pipeline = model.estimator if isinstance(model, FittedBaseline) else None
    if not isinstance(pipeline, Pipeline):
        return None
    columns = np.arange(n_features)
    for _, step in pipeline.steps[:-1]:
        if isinstance(step, HighlyVariable):
            columns = columns[step.places_]
        elif isinstance(step, SelectorMixin):
            columns = columns[step.get_support(indices=True)]
        elif not isinstance(step, ONE_BY_ONE) and not _is_one_to_one(step):
            return None
    return Unrolled(pipeline, columns)


def _is_one_to_one(step) -> bool:
    """Whether a function says of itself that it changes features one by one."""
    return isinstance(step, FunctionTransformer) and step.feature_names_out == "one-to-one"
