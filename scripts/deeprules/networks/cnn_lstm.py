"""Convolution and a recurrent layer on DNA, after DanQ (Quang and Xie 2016).

The convolution finds motifs; a long short-term memory reads what was found from both ends, and so
knows order and distance over the whole sequence. With the smallest setting it has about 20,000
weights. It reads one position after the other, and is slow for it.
"""

import keras

from deeprules.fit.blocks import (
    activated,
    convolved,
    layer_settings,
    output_layer,
    pooled,
    sequence_input,
    through,
)

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")


def build(hp, train):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    given, settings = sequence_input(hp, train), layer_settings(hp)
    inputs = keras.Input(given.bases.shape[1:], name="bases")
    filters = hp.Choice("filters", [32, 64, 128])
    kernel = hp.Choice("kernel", [11, 19, 26])
    hidden = convolved(hp, inputs, filters, kernel, settings)
    pool = min(hp.Choice("pool", [8, 4, 13]), inputs.shape[1])
    hidden = pooled(pool)(hidden)
    dropout = hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.2)
    hidden = keras.layers.Dropout(dropout)(hidden)
    memory = keras.layers.LSTM(hp.Choice("memory", [32, 16, 64]), return_sequences=True)
    hidden = keras.layers.Bidirectional(memory)(hidden)
    hidden = keras.layers.GlobalMaxPooling1D()(hidden)
    hidden = keras.layers.Dropout(dropout)(hidden)
    units = keras.layers.Dense(hp.Choice("units", [32, 64, 128]), **settings)
    hidden = through(activated(hp, units), hidden)
    body = keras.Model(inputs, output_layer(train, **settings)(hidden), name="body")
    return given.network(body, "cnn_lstm")
