"""The input of a pretrained model as layers of a network: what `kipoi_inputs` does.

Written with `keras.ops` alone, so that every Keras backend runs them.
"""

import keras
import numpy as np
from keras import ops

from deeprules.encoding import COMPLEMENT, PADDING
from deeprules.pretrained.kipoi_inputs import (
    CODES,
    axis_order,
    base_table,
    is_reversed,
    plan_windows,
)

register = keras.saving.register_keras_serializable(package="deeprules")


@register
class PretrainedInput(keras.layers.Layer):
    """Codes (batch, L) -> the input of a pretrained model (batch x windows, ...).

    `settings` are those of the contract's `input`, `lengths` is its length policy. The windows of
    one sequence follow each other.
    """

    def __init__(self, settings, lengths, **kwargs):
        super().__init__(**kwargs)
        self.settings, self.lengths = dict(settings), lengths

    def call(self, codes):
        codes = ops.cast(codes, "int32")
        windows = plan_windows(codes.shape[1], self.settings["length"], self.lengths)
        if is_reversed(self.settings):
            complement = ops.convert_to_tensor(COMPLEMENT.astype(np.int32))
            codes = ops.flip(ops.take(complement, codes, axis=0), axis=1)
        if any(windows.padding):
            codes = ops.pad(codes, ((0, 0), windows.padding), constant_values=PADDING)
        seen = [codes[:, start : start + windows.length] for start in windows.starts]
        seen = seen[0] if len(seen) == 1 else ops.stack(seen, axis=1)
        seen = ops.reshape(seen, (-1, windows.length))
        if self.settings["axes"] == CODES:
            return ops.cast(seen, "uint8")
        bases = ops.take(ops.convert_to_tensor(base_table(self.settings)), seen, axis=0)
        channel_first, extra = axis_order(self.settings["axes"])
        bases = ops.transpose(bases, (0, 2, 1)) if channel_first else bases
        for place in extra:
            bases = ops.expand_dims(bases, place)
        return bases

    def get_config(self):
        return {**super().get_config(), "settings": self.settings, "lengths": self.lengths}


@register
class MeanOverWindows(keras.layers.Layer):
    """Activations (batch x windows, D) -> their mean over the windows of a sequence (batch, D)."""

    def __init__(self, windows, **kwargs):
        super().__init__(**kwargs)
        self.windows = windows

    def call(self, activations):
        width = activations.shape[1]
        return ops.mean(ops.reshape(activations, (-1, self.windows, width)), axis=1)

    def compute_output_shape(self, input_shape):
        # Stated, since a backend may try the reshape on a number of rows that does not divide.
        return (None, input_shape[1])

    def get_config(self):
        return {**super().get_config(), "windows": self.windows}


@register
class InInferenceMode(keras.layers.Wrapper):
    """A model that runs as in inference while the network around it is trained.

    Its dropout is off and its batch normalisation uses, and keeps, the means and variances that
    it has. To call a model with `training=False` is not enough: `keras.Model.fit` overrides that
    (https://github.com/keras-team/keras/issues/20285).
    """

    def call(self, inputs):
        return self.layer(inputs, training=False)
