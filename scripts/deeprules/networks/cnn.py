"""Convolutional network on DNA: one to three convolutions, pooling, a dense layer.

The layout of Alipanahi et al. 2015 (DeepBind) and Kelley et al. 2016 (Basset). Before the last
pooling a position sees 11 + 4 x 4 = 27 bases with the first setting, of two convolutions; with
`position: kept` the dense layer sees all of the sequence in place. It has about 9,000 weights at
first.
"""

import keras

from deeprules.fit.blocks import (
    activated,
    layer_settings,
    output_layer,
    pooled,
    sequence_input,
)

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")

POOL = 4
"""Positions that a pooling layer takes together."""
LATER_KERNEL = 5
"""Width of the second and third convolution."""


def build(hp, train):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    given = sequence_input(hp, train)
    return given.network(keras.Sequential(_body(hp, train), name="body"), "cnn")


def _body(hp, train):
    """Layers from one-hot bases (batch, L, 4) to the outputs."""
    settings = layer_settings(hp)
    length = train.dataset.n_features
    filters = hp.Choice("filters", [32, 64, 128])
    kernel = hp.Choice("kernel", [7, 11, 15, 19], default=11)
    layers = []
    for block in range(hp.Int("blocks", 1, 3, default=2)):
        width = kernel if block == 0 else LATER_KERNEL
        conv = keras.layers.Conv1D(filters, width, padding="same", **settings)
        layers += activated(hp, conv)
        if length >= 2 * POOL:
            layers.append(pooled(POOL))
            length = -(-length // POOL)
    if hp.Choice("position", ["ignored", "kept"]) == "kept":
        layers.append(keras.layers.Flatten())
    else:
        layers.append(keras.layers.GlobalMaxPooling1D())
    dropout = hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.3)
    layers.append(keras.layers.Dropout(dropout))
    layers += activated(
        hp, keras.layers.Dense(hp.Choice("units", [32, 64, 128], default=64), **settings)
    )
    return [*layers, keras.layers.Dropout(dropout), output_layer(train, **settings)]
