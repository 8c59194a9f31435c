"""Convolutional network on DNA: one to three convolutions, pooling, a dense layer.

The layout of Alipanahi et al. 2015 (DeepBind) and Kelley et al. 2016 (Basset). With
`strands: average` the prediction is the mean over a sequence and its reverse complement. Where the
strand counts (`data: strand: given`) the other one is never looked at.
"""

import keras

from deeprules.fit.blocks import activated, layer_settings, output_layer
from deeprules.layers import (
    OneHotBases,
    RandomReverseComplement,
    RandomShift,
    ReverseComplement,
)

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")

POOL = 4
"""Positions that a pooling layer takes together."""
LATER_KERNEL = 5
"""Width of the second and third convolution."""


def build(hp, train):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    length = train.dataset.n_features
    codes = keras.Input((length,), dtype="uint8", name="codes")
    augmented = codes
    most = hp.Choice("augment_shift", [0, 3, 10])
    if most:
        augmented = RandomShift(most)(augmented)
    strands = "as_given"
    if train.dataset.both_strands:
        strands = hp.Choice("strands", ["average", "augment", "as_given"])
    if strands == "augment":
        augmented = RandomReverseComplement()(augmented)
    bases = OneHotBases()(augmented)
    body = keras.Sequential(_body(hp, train), name="body")
    outputs = body(bases)
    if strands == "average":
        outputs = keras.layers.Average(name="average")([outputs, body(ReverseComplement()(bases))])
    return keras.Model(codes, outputs, name="cnn")


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
            layers.append(keras.layers.MaxPooling1D(POOL))
            length //= POOL
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
