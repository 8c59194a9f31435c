"""Head on the activations of a pretrained model, whose weights stay as they are.

The activations are computed once for all trials and fits: `train.features` holds them.
"""

from deeprules.fit.pretrained_blocks import network_on_activations

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"
INPUTS = ("activations",)
TWIN_OF = "kipoi_scratch"
WAY = "features"


def build(hp, train, pretrained):
    """Network from activations (batch, D), `float32`, to the outputs of the task."""
    return network_on_activations(hp, train, pretrained)
