"""Residual perceptron on the rows of a matrix, with numbers spread out over their range.

The ResNet of Gorishniy et al. 2021, with the piecewise linear encoding of Gorishniy et al. 2022:
each feature becomes as many numbers as it has bins, which makes thresholds easy to learn. Matrices
of more than 1,000 features, and sparse ones, are standardised only. With the smallest setting of
32 units (U) and P features in 8 bins it has about 8 P U + 5 U^2 weights.
"""

import keras

from deeprules.feature_store import is_sparse
from deeprules.fit.blocks import layer_settings, output_layer, prepared_rows
from deeprules.layers import PiecewiseLinear, Standardise

MODALITIES = ("tabular",)
TASKS = ("binary", "multiclass", "regression")

MAX_ENCODED = 1000
"""Features up to which each may have bins of its own."""


def build(hp, train):
    """Network from rows (batch, P), `float32`, to the outputs of the task."""
    settings = layer_settings(hp)
    rows = keras.Input((train.dataset.n_features,), dtype="float32", name="rows")
    hidden, features = prepared_rows(train, rows)
    bins = 0
    if features.shape[1] <= MAX_ENCODED and not is_sparse(features):
        bins = hp.Choice("bins", [8, 0, 32])
    spread = PiecewiseLinear(bins) if bins else Standardise()
    hidden = spread.adapt(features)(hidden)
    units = hp.Choice("units", [32, 64, 128, 256])
    dropout = hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.2)
    hidden = keras.layers.Dense(units, **settings)(hidden)
    for _ in range(hp.Int("blocks", 1, 4)):
        seen = keras.layers.BatchNormalization(momentum=0.9)(hidden)
        seen = keras.layers.Dense(2 * units, activation="relu", **settings)(seen)
        seen = keras.layers.Dropout(dropout)(seen)
        seen = keras.layers.Dense(units, **settings)(seen)
        hidden = keras.layers.Add()([hidden, seen])
    hidden = keras.layers.BatchNormalization(momentum=0.9)(hidden)
    hidden = keras.layers.Activation("relu")(hidden)
    return keras.Model(rows, output_layer(train, **settings)(hidden), name="residual_mlp")
