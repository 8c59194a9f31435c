"""Dilated residual network on DNA: a wide view of the sequence at every position.

The body of Kelley et al. 2018 (Basenji) and Avsec et al. 2021 (BPNet), which ChromBPNet keeps: one
wide convolution, then convolutions of width 3 whose steps double, each added to what it was given.
With n dilated layers a position sees 21 + 2 (2^(n+1) - 2) bases: 33 with 2, 81 with 4, 273 with 6,
1,041 with 8. With F filters it has about 84 F + 3 n F^2 weights, 15,000 at first.
"""

import keras

from deeprules.fit.blocks import (
    convolved,
    layer_settings,
    output_layer,
    sequence_input,
)

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")

FIRST_KERNEL = 21
"""Width of the first convolution."""
KERNEL = 3
"""Width of the dilated convolutions."""


def build(hp, train):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    given, settings = sequence_input(hp, train), layer_settings(hp)
    inputs = keras.Input(given.bases.shape[1:], name="bases")
    filters = hp.Choice("filters", [32, 64, 128])
    dropout = hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.1)
    hidden = convolved(hp, inputs, filters, FIRST_KERNEL, settings)
    for block in range(1, hp.Int("dilated_layers", 2, 8, default=4) + 1):
        seen = convolved(hp, hidden, filters, KERNEL, settings, 2**block)
        hidden = keras.layers.Add()([hidden, keras.layers.Dropout(dropout)(seen)])
    pooled = {
        "maximum": keras.layers.GlobalMaxPooling1D,
        "mean": keras.layers.GlobalAveragePooling1D,
    }[hp.Choice("pooling", ["maximum", "mean"])]()(hidden)
    body = keras.Model(inputs, output_layer(train, **settings)(pooled), name="body")
    return given.network(body, "dilated_residual_cnn")
