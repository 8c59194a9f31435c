"""The architecture of a pretrained model, with a new head, trained from random weights.

What pretraining is worth is the difference between `kipoi_finetune` and this: the same layers
through the same code with the same budget.
"""

from deeprules.fit.pretrained_blocks import fresh_body, network_on_body

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"


def build(hp, train, pretrained):
    """Network from codes (batch, L), `uint8`, to the outputs of the task."""
    body = fresh_body(hp, pretrained, pretrained_weights=False)
    body.trainable = True
    return network_on_body(hp, train, pretrained, body)
