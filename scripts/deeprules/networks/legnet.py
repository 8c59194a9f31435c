"""Convolutions with squeeze and excitation on DNA, after LegNet (Penzar et al. 2023).

LegNet won the DREAM 2022 challenge on random promoters. A wide convolution, then blocks: channels
are spread out, convolved one by one, weighed by what the whole sequence holds (squeeze and
excitation) and gathered again; block and input together pass a convolution and a pooling by 2. With
the smallest setting a position sees 11 + 16 + 32 bases at most before all are averaged, and it has
about 80,000 weights.
"""

import keras

from deeprules.fit.blocks import (
    activated,
    augmented_bases,
    layer_settings,
    output_layer,
    over_strands,
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
    length = train.dataset.n_features
    codes = keras.Input((length,), dtype="uint8", name="codes")
    bases, average = augmented_bases(hp, train, codes)
    settings = layer_settings(hp)
    inputs = keras.Input((length, 4), name="bases")
    filters = hp.Choice("filters", [32, 64, 96])
    hidden = _through(activated(hp, _convolution(filters, FIRST_KERNEL, settings)), inputs)
    for _ in range(hp.Int("blocks", 1, 4, default=2)):
        both = keras.layers.Concatenate()([hidden, _block(hp, hidden, filters, settings)])
        hidden = _through(activated(hp, _convolution(filters, KERNEL, settings)), both)
        if hidden.shape[1] >= 2 * POOL:
            hidden = keras.layers.MaxPooling1D(POOL)(hidden)
    hidden = _through(activated(hp, _convolution(2 * filters, 1, settings)), hidden)
    hidden = keras.layers.GlobalAveragePooling1D()(hidden)
    hidden = keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1, default=0.1))(hidden)
    hidden = _through(activated(hp, keras.layers.Dense(2 * filters, **settings)), hidden)
    body = keras.Model(inputs, output_layer(train, **settings)(hidden), name="body")
    return keras.Model(codes, over_strands(body, bases, average), name="legnet")


def _block(hp, hidden, filters, settings):
    """Spread out (1), convolve each channel, weigh the channels, gather (1)."""
    inner = SPREAD * filters
    seen = _through(activated(hp, _convolution(inner, 1, settings)), hidden)
    depthwise = keras.layers.DepthwiseConv1D(
        KERNEL, padding="same", depthwise_initializer=settings["kernel_initializer"]
    )
    seen = _through(activated(hp, depthwise), seen)
    squeezed = keras.layers.GlobalAveragePooling1D(keepdims=True)(seen)
    squeezed = keras.layers.Dense(filters, activation="silu", **settings)(squeezed)
    weights = keras.layers.Dense(inner, activation="sigmoid", **settings)(squeezed)
    seen = keras.layers.Multiply()([seen, weights])
    return _through(activated(hp, _convolution(filters, 1, settings)), seen)


def _convolution(filters, width, settings):
    """A convolution that keeps the length."""
    return keras.layers.Conv1D(filters, width, padding="same", **settings)


def _through(layers, hidden):
    """What comes out of one layer after the other."""
    for layer in layers:
        hidden = layer(hidden)
    return hidden
