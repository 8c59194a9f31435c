"""Convolutions with squeeze and excitation on DNA, after LegNet (Penzar et al. 2023).

LegNet won the DREAM 2022 challenge on random promoters. A wide convolution, then blocks: channels
are spread out, convolved one by one, weighed by what the whole sequence holds (squeeze and
excitation) and gathered again; block and input together pass a convolution and a pooling by 2. Its
groups are of one channel, as in the authors' later network for MPRAs (Agarwal et al. 2025); those
of 2022 were of two, with products of pairs in the squeeze and no pooling. With the smallest setting
a position sees 11 + 16 + 32 bases at most before all are averaged, and it has about 80,000 weights.
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

FIRST_KERNEL = 11
KERNEL = 9
SPREAD = 4
"""Channels within a block over those that it is given."""
POOL = 2


def build(hp, train):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    given, settings = sequence_input(hp, train), layer_settings(hp)
    inputs = keras.Input(given.bases.shape[1:], name="bases")
    filters = hp.Choice("filters", [32, 64, 96])
    hidden = convolved(hp, inputs, filters, FIRST_KERNEL, settings)
    for _ in range(hp.Int("blocks", 1, 4, default=2)):
        both = keras.layers.Concatenate()([hidden, _block(hp, hidden, filters, settings)])
        hidden = convolved(hp, both, filters, KERNEL, settings)
        if hidden.shape[1] >= 2 * POOL:
            hidden = pooled(POOL)(hidden)
    hidden = convolved(hp, hidden, 2 * filters, 1, settings)
    hidden = keras.layers.GlobalAveragePooling1D()(hidden)
    hidden = keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.1))(hidden)
    hidden = through(activated(hp, keras.layers.Dense(2 * filters, **settings)), hidden)
    body = keras.Model(inputs, output_layer(train, **settings)(hidden), name="body")
    return given.network(body, "legnet")


def _block(hp, hidden, filters, settings):
    """Spread out (1), convolve each channel, weigh the channels, gather (1)."""
    inner = SPREAD * filters
    seen = convolved(hp, hidden, inner, 1, settings)
    depthwise = keras.layers.DepthwiseConv1D(
        KERNEL, padding="same", depthwise_initializer=settings["kernel_initializer"]
    )
    seen = through(activated(hp, depthwise), seen)
    squeezed = keras.layers.GlobalAveragePooling1D(keepdims=True)(seen)
    squeezed = keras.layers.Dense(filters, activation="silu", **settings)(squeezed)
    weights = keras.layers.Dense(inner, activation="sigmoid", **settings)(squeezed)
    seen = keras.layers.Multiply()([seen, weights])
    return convolved(hp, seen, filters, 1, settings)
