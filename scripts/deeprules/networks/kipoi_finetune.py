"""A pretrained model with a new head: the head is trained first, then the top layers with it.

The body always runs in inference mode, also once layers of it are trained: its dropout is off, and
its batch normalisation keeps the means and variances of pretraining, which small batches of other
data would spoil (https://keras.io/guides/transfer_learning).
"""

from deeprules.fit.pretrained_blocks import (
    BODY,
    fresh_body,
    layers_with_weights,
    network_on_body,
)
from deeprules.pretrained.pretrained_layers import InInferenceMode

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"
TWIN_OF = "kipoi_scratch"
WAY = "fine-tuned"


def build(hp, train, pretrained):
    """Network from codes (batch, L), `uint8`, to the outputs of the task; its body is frozen."""
    body = fresh_body(hp, pretrained, pretrained_weights=True)
    body.trainable = False
    _second_stage(hp, body)
    return network_on_body(hp, train, pretrained, InInferenceMode(body, name=BODY))


def unfreeze(model, hp):
    """Make the top layers of the body trainable; returns the factor of the learning rate."""
    body = model.get_layer(BODY).layer
    depth, factor = _second_stage(hp, body)
    layers = layers_with_weights(body)
    body.trainable = True
    for layer in layers[: len(layers) - depth]:
        layer.trainable = False
    return factor


def _second_stage(hp, body):
    """How many layers with weights are trained, from the top, and the learning rate's factor."""
    n_layers = len(layers_with_weights(body))
    depths = [2**power for power in range(n_layers.bit_length()) if 2**power < n_layers]
    depth = hp.Choice("unfrozen_layers", [*depths, n_layers], default=n_layers)
    return depth, hp.Choice("unfrozen_rate", [0.01, 0.03, 0.1, 0.3], default=0.1)
