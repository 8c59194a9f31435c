"""Head on the activations of a pretrained model, whose weights stay as they are.

The activations are computed once for all trials and fits: `train.features` holds them.
"""

import keras

from deeprules.fit.pretrained_blocks import head, standardised
from deeprules.pretrained.activations import input_name

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"
INPUTS = ("activations",)
TWIN_OF = "kipoi_scratch"
WAY = "features"


def build(hp, train, pretrained):
    """Network from activations (batch, D), `float32`, to the outputs of the task."""
    name = input_name(pretrained)
    activations = keras.Input((train.features.shape[1],), dtype="float32", name=name)
    hidden = standardised(train.features)(activations)
    for layer in head(hp, train):
        hidden = layer(hidden)
    return keras.Model(activations, hidden, name="kipoi_features")
