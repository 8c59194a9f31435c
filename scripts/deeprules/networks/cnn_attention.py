"""Convolution and attention on DNA: what was found looks at all else that was found.

A few blocks of a transformer (Vaswani et al. 2017, normalised before each part) on the maxima of a
convolution, as in Avsec et al. 2021 (Enformer). Positions enter as rotations (Su et al. 2021), so
that attention depends on the distance between two places and on their order; it sees the whole
sequence. With the smallest setting it has about 8,000 weights; its memory grows with the square of
length over `pool`.
"""

import keras

from deeprules.fit.blocks import (
    convolved,
    layer_settings,
    output_layer,
    pooled,
    sequence_input,
)
from deeprules.layers import RotaryAttention

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")

WIDTH_OF_A_HEAD = 8


def build(hp, train):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    given, settings = sequence_input(hp, train), layer_settings(hp)
    inputs = keras.Input(given.bases.shape[1:], name="bases")
    filters = hp.Choice("filters", [32, 64, 128])
    kernel = hp.Choice("kernel", [11, 15, 19])
    hidden = convolved(hp, inputs, filters, kernel, settings)
    hidden = pooled(min(hp.Choice("pool", [8, 4, 16]), inputs.shape[1]))(hidden)
    dropout = hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.1)
    heads = hp.Choice("heads", [2, 4, 8])
    for _ in range(hp.Int("blocks", 1, 4)):
        seen = keras.layers.LayerNormalization()(hidden)
        seen = RotaryAttention(heads, WIDTH_OF_A_HEAD)(seen)
        hidden = keras.layers.Add()([hidden, keras.layers.Dropout(dropout)(seen)])
        seen = keras.layers.LayerNormalization()(hidden)
        seen = keras.layers.Dense(2 * filters, activation="gelu", **settings)(seen)
        seen = keras.layers.Dense(filters, **settings)(seen)
        hidden = keras.layers.Add()([hidden, keras.layers.Dropout(dropout)(seen)])
    hidden = keras.layers.LayerNormalization()(hidden)
    hidden = keras.layers.GlobalMaxPooling1D()(hidden)
    body = keras.Model(inputs, output_layer(train, **settings)(hidden), name="body")
    return given.network(body, "cnn_attention")
