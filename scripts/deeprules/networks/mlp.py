"""Multilayer perceptron on the rows of a matrix.

With one hidden layer of U units and P features it has about P U weights; U is 64 at first.
"""

import keras

from deeprules.fit.blocks import activated, layer_settings, output_layer, prepared_rows
from deeprules.layers import Standardise

MODALITIES = ("tabular",)
TASKS = ("binary", "multiclass", "regression")


def build(hp, train):
    """Network from rows (batch, P), `float32`, to the outputs of the task."""
    settings = layer_settings(hp)
    rows = keras.Input((train.dataset.n_features,), dtype="float32", name="rows")
    hidden, features = prepared_rows(train, rows)
    hidden = Standardise().adapt(features)(hidden)
    hidden = keras.layers.Dropout(hp.Float("input_dropout", 0.0, 0.5, step=0.1, default=0.1))(
        hidden
    )
    units = hp.Choice("units", [16, 32, 64, 128, 256], default=64)
    dropout = hp.Float("dropout", 0.0, 0.6, step=0.1, default=0.3)
    for _ in range(hp.Int("hidden_layers", 1, 3)):
        for layer in activated(hp, keras.layers.Dense(units, **settings)):
            hidden = layer(hidden)
        hidden = keras.layers.Dropout(dropout)(hidden)
    return keras.Model(rows, output_layer(train, **settings)(hidden), name="mlp")
