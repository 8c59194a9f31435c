"""The same head on the same architecture of Hugging Face with random weights.

What pretraining is worth is the difference between `huggingface_features` and this: with random
weights such a network already tells sequences apart by their words.
"""

from deeprules.fit.pretrained_blocks import network_on_activations

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"
ORIGIN = "huggingface"
RANDOM_WEIGHTS = True
INPUTS = ("activations",)


def build(hp, train, pretrained):
    """Network from activations (batch, D), `float32`, to the outputs of the task."""
    return network_on_activations(hp, train, pretrained)
