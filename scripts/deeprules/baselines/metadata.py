"""Nuisance baseline: what batch and covariates alone tell about the label.

A model that does not beat it may have learnt where the samples come from.
"""

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from deeprules.fit.covariates import MIN_OF_A_CATEGORY

MODALITIES = ("sequence", "tabular")
TASKS = ("binary", "multiclass", "regression")
KIND = "nuisance"
FLOOR = True
INPUTS = ("metadata",)


def build(hp, train):
    """Random forest on the columns of `Dataset.metadata`."""
    table = make_column_transformer(
        (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore", min_frequency=MIN_OF_A_CATEGORY),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    leaf = hp.Choice("min_samples_leaf", [1, 2, 5, 10, 20, 50], default=10)
    if train.dataset.is_classification:
        forest = RandomForestClassifier(
            n_estimators=200, min_samples_leaf=leaf, class_weight="balanced"
        )
    else:
        forest = RandomForestRegressor(n_estimators=200, min_samples_leaf=leaf)
    return make_pipeline(table, forest)
