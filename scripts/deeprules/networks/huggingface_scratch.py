"""The architecture of a model of Hugging Face, with a new head, trained from random weights.

What pretraining is worth is the difference between `huggingface_finetune` and this: the same layers
through the same code with the same budget. PyTorch draws the weights, anew for every seed of a fit.
"""

from deeprules.fit.pretrained_blocks import network_on_transformer
from deeprules.pretrained.transformers_layer import TransformersBody

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"
ORIGIN = "huggingface"
BACKEND = "torch"
RANDOM_WEIGHTS = True


def build(hp, train, pretrained):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    body = TransformersBody.of(pretrained)
    body.train_top(len(body.blocks) + 1)
    return network_on_transformer(hp, train, body)
