"""A model of Hugging Face with a new head: the head is trained first, then the top blocks with it.

The model always runs in inference mode, also once blocks of it are trained, as that of
`kipoi_finetune`. It is a model of PyTorch, and so is trained on that backend of Keras alone.
"""

from deeprules.fit.pretrained_blocks import BODY, network_on_transformer
from deeprules.pretrained.pretrained_layers import InInferenceMode
from deeprules.pretrained.transformers_layer import TransformersBody

MODALITIES = ("sequence",)
TASKS = ("binary", "multiclass", "regression")
NEEDS = "pretrained"
ORIGIN = "huggingface"
BACKEND = "torch"
TWIN_OF = "huggingface_scratch"
WAY = "fine-tuned"


def build(hp, train, pretrained):
    """Network from codes (batch, L), `uint8`, to the outputs of the task; its body is frozen."""
    body = TransformersBody.of(pretrained)
    body.trainable = False
    _second_stage(hp, body)
    return network_on_transformer(hp, train, InInferenceMode(body, name=BODY))


def unfreeze(model, hp):
    """Make the top blocks of the body trainable; returns the factor of the learning rate."""
    body = model.get_layer(BODY).layer
    depth, factor = _second_stage(hp, body)
    body.train_top(depth)
    return factor


def _second_stage(hp, body):
    """How many blocks are trained, from the top, the embeddings last, and the rate's factor."""
    n_blocks = len(body.blocks) + 1
    depths = [2**power for power in range(n_blocks.bit_length()) if 2**power < n_blocks]
    depth = hp.Choice("unfrozen_blocks", [*depths, n_blocks], default=n_blocks)
    return depth, hp.Choice("unfrozen_rate", [0.003, 0.01, 0.03, 0.1], default=0.01)
