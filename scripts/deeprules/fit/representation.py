"""What a baseline sees of an example: the first steps of its scikit-learn pipeline.

Everything here is fitted as part of the pipeline, and so on the training partition alone.
"""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif, f_regression
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.feature_store import (
    BLOCK_VALUES,
    MAX_DENSE_BYTES,
    is_sparse,
    require_dense_fits,
)
from deeprules.fit.batch_directions import batch_steps
from deeprules.fit.highly_variable import highly_variable_steps
from deeprules.fit.kmers import KmerCounts
from deeprules.fit.median_imputer import MedianImputer

READ_CODES = {
    *("DummyClassifier", "DummyRegressor", "FunctionTransformer", "OneHotEncoder"),
    *("ColumnTransformer", "FeatureUnion"),
}
"""Classes of scikit-learn that may be given codes of bases."""
DENSE_FOR_TREES = 0.06
"""Share of values that are not 0 from which on trees grow faster on a dense matrix (measured with
3,000 x 101 and 6,000 x 300 bp, k = 4 to 7)."""


def feature_steps(
    hp, train: Partition, *, kmers=(4, 5, 6, 7), scale: bool = True, dense: bool = False
) -> list:
    """Pipeline steps from an example's features to numbers.

    Sequences become k-mer counts, with `kmer` (one of `kmers`) and, where both strands
    are one, `fold_strands` as hyperparameters. Rows of a matrix lose all but the highly variable
    features, where `data: highly_variable` asks for it, and the directions in which batches differ,
    where `data: batch_correction` does; they get missing values filled with the median,
    constant features dropped and, where there are more than 1,000 features, the
    `selected_features` (0: all) with the highest F statistic kept. `scale` brings all features to
    one variance; `dense` makes the result a dense array, which rows of a matrix are unless they
    are stored sparse. Covariates, where the model takes them, are put beside.
    """
    steps = _feature_steps(hp, train, kmers, scale, dense)
    if train.covariates is None:
        return steps
    return [make_union(make_pipeline(Take(0), *steps), Take(1))]


def one_to_one(function) -> FunctionTransformer:
    """The step of a function that stores or scales features otherwise, each by itself.

    Shapley values of the features after it are those of the features before it.
    """
    return FunctionTransformer(function, feature_names_out="one-to-one")


class UnitVariance(StandardScaler):
    """Sparse columns (N, K) divided by their standard deviations: in place, some numbers at a time.

    That of scikit-learn takes three times the memory of the numbers for it.
    """

    def __init__(self):
        super().__init__(with_mean=False, copy=False)

    def transform(self, counts):
        """The matrix that is given, scaled; what was counted is nobody else's."""
        check_is_fitted(self)
        for start in range(0, counts.nnz, BLOCK_VALUES):
            some = slice(start, start + BLOCK_VALUES)
            counts.data[some] *= (1 / self.scale_)[counts.indices[some]]
        return counts


class Take(TransformerMixin, BaseEstimator):
    """One of several inputs, by its place among them."""

    def __init__(self, place: int):
        self.place = place

    def fit(self, inputs, labels=None):
        """Nothing is learnt."""
        return self

    def transform(self, inputs):
        """The array (N, ...) at the place."""
        return inputs[self.place]


def _feature_steps(hp, train, kmers, scale, dense):
    """The steps for features alone."""
    if train.dataset.modality == "sequence":
        longest = [k for k in kmers if k <= train.dataset.n_features] or [1]
        steps = [
            KmerCounts(
                hp.Choice("kmer", longest, default=longest[len(longest) // 2]),
                train.dataset.both_strands and hp.Boolean("fold_strands", default=True),
            )
        ]
        steps += [UnitVariance()] if scale else []
        return steps + ([one_to_one(_to_dense)] if dense else [])
    if is_sparse(train.features):
        return _sparse_steps(hp, train, scale, dense)
    steps = [
        *_matrix_steps(train),
        MedianImputer(),
        VarianceThreshold(),
    ]
    if _width(train) > 1000:
        steps += _selection(train, hp.Choice("selected_features", [0, 1000, 200]))
    return steps + ([StandardScaler()] if scale else [])


def _sparse_steps(hp, train, scale, dense):
    """The steps for sparse rows, which stay sparse: they are scaled, and keep their mean.

    For a model that takes no sparse rows, as few of them are selected as fit into memory.
    """
    steps, width = [*_matrix_steps(train), VarianceThreshold()], _width(train)
    if width > 1000:
        choices = [0, 1000, 200]
        if dense:
            n_bytes = len(train) * train.features.dtype.itemsize
            choices = [k for k in choices if (k or width) * n_bytes <= MAX_DENSE_BYTES] or [200]
        selected = hp.Choice("selected_features", choices)
        steps += _selection(train, selected)
        width = selected or width
    steps += [StandardScaler(with_mean=False)] if scale else []
    if not dense:
        return steps
    shape = (len(train), width)
    require_dense_fits(shape, train.features.dtype.itemsize, "A model of the configuration")
    return [*steps, one_to_one(_to_dense)]


def _matrix_steps(train):
    """The steps that `highly_variable` and `batch_correction` ask for."""
    steps = highly_variable_steps(train.dataset)
    features = train.features
    for step in steps:
        features = step.fit_transform(features)
    return [*steps, *batch_steps(train, features)]


def _width(train):
    """Features that are left where only the highly variable ones are taken."""
    wanted = train.dataset.highly_variable
    return train.dataset.n_features if wanted is None else min(wanted, train.dataset.n_features)


def _selection(train, selected):
    """The step that keeps the features with the highest F statistic; none where all are kept."""
    score = f_classif if train.dataset.is_classification else f_regression
    return [SelectKBest(score, k=selected)] if selected else []


def refuse_raw_codes(estimator: BaseEstimator, module: str) -> None:
    """Refuse an estimator for sequences that would read the codes of bases as amounts.

    Estimators and transformers of this library, and transformers from anywhere but scikit-learn,
    are taken to know what they read.

    Parameters
    ----------
    estimator : estimator or pipeline that is about to be fitted on codes (N, L), `uint8`
    module : name of the module that built it

    Raises
    ------
    InputError
        Naming the step that reads the codes.
    """
    for step in _first_steps(estimator):
        kind = type(step)
        package = kind.__module__.split(".")[0]
        is_ours = package == "deeprules" or kind.__name__ in READ_CODES
        if not is_ours and (package == "sklearn" or hasattr(step, "predict")):
            raise InputError(
                f"{module}: its {kind.__name__} would read the codes of bases (A 1, C 2, G 4, T 8) "
                "as if T were eight times A. Begin its pipeline with `*feature_steps(hp, train)` "
                "of deeprules.fit.representation, or with a transformer of your own for codes."
            )


def _first_steps(estimator):
    """The estimators within an estimator that are given what it is given."""
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
        yield from _first_steps(steps[0])
    elif isinstance(getattr(estimator, "estimators", None), list):
        for _, part in estimator.estimators:
            yield from _first_steps(part)
    elif isinstance(getattr(estimator, "estimator", None), BaseEstimator):
        yield from _first_steps(estimator.estimator)
    else:
        yield estimator


def dense_for_trees(matrix):
    """A dense array from a sparse matrix on which trees grow faster dense; another as it is.

    That is one with a share of `DENSE_FOR_TREES` or more that is not 0, if it fits into
    `MAX_DENSE_BYTES`. The trees are the same.
    """
    n_values = np.prod(matrix.shape, dtype=float)
    is_full = is_sparse(matrix) and matrix.nnz >= DENSE_FOR_TREES * n_values
    fits = n_values * matrix.dtype.itemsize <= MAX_DENSE_BYTES
    return matrix.toarray() if is_full and fits else matrix


def _to_dense(matrix):
    """A dense array from a sparse matrix."""
    return matrix.toarray()
