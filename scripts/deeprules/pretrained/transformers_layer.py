"""A model of Hugging Face as a layer of a network, so that its weights can be trained.

It is of PyTorch, and so needs that backend of Keras. The layer keeps the model's configuration and
its tokeniser, so that a saved network stands by itself.
"""

import base64
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from deeprules.encoding import encode
from deeprules.errors import InputError
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.transformers_program import (
    CONFIG,
    TOKENISER,
    open_model,
    states_of,
    texts,
)

READ = ("name", "layer", "pooling", "input", "lengths", "data_length", "n_outputs")
"""What of a contract the layer goes by."""


@keras.saving.register_keras_serializable(package="deeprules")
class TransformersBody(keras.layers.TorchModuleWrapper):
    """Codes (batch, L) -> pooled states (batch, D) of a model of Hugging Face.

    Parameters
    ----------
    files : configuration and tokeniser, {name: content in base64}
    contract : content of `contract.json`, or the part of it that `READ` names
    opened : the model and its tokeniser; without it, weights are drawn at random
    """

    def __init__(self, files: Mapping, contract: Mapping, opened=None, **kwargs):
        model, tokeniser = opened or _drawn(files, contract)
        shape = (None, contract["n_outputs"])
        super().__init__(model, output_shape=shape, **{"dtype": "float32", **kwargs})
        self.files, self.contract, self.tokeniser = dict(files), dict(contract), tokeniser
        # The order is that in which Keras takes the parameters over.
        self.names = [name for name, _ in model.named_parameters()]

    @classmethod
    def of(cls, pretrained: Pretrained) -> "TransformersBody":
        """The layer of a model that was fetched and checked, or of its twin of random weights.

        Raises
        ------
        InputError
            If this environment has not what such a model runs in.
        """
        given = [pretrained.folder / name for name in (CONFIG, *TOKENISER)]
        files = {
            path.name: base64.b64encode(path.read_bytes()).decode()
            for path in given
            if path.is_file()
        }
        contract = {key: pretrained.contract[key] for key in READ}
        is_random = "random_weights" in pretrained.contract
        opened = None if is_random else _opened(pretrained.folder, contract)
        return cls(files, contract, opened, name="transformer")

    @property
    def blocks(self) -> list[int]:
        """Numbers of the blocks that follow each other, from the input up."""
        return sorted({number for number in map(_number, self.names) if number is not None})

    def train_top(self, depth: int) -> None:
        """Make the top `depth` blocks trainable, and all where `depth` is above their number.

        What follows the blocks is trained with them, and what the states do not depend on never.
        """
        self.trainable = True
        chosen, first = self.blocks[-depth:], depth > len(self.blocks)
        for variable, name, is_used in zip(self.variables, self.names, self._used(), strict=True):
            number = _number(name)
            first = first or number is not None
            variable.trainable = is_used and (first if number is None else number in chosen)

    def call(self, codes, training=None):
        """Pooled states; the text is made of the codes on the way."""
        import torch

        if codes.device.type == "meta":  # Keras asks for the shape alone
            return torch.empty((len(codes), self.contract["n_outputs"]), device="meta")
        self.module.train(bool(training))
        words = texts(keras.ops.convert_to_numpy(codes).astype(np.uint8), self.contract)
        given = (self.module, self.tokeniser, words, self.contract, codes.shape[1])
        pooled = torch.cat([_pooled(*one, self.contract["pooling"]) for one in states_of(*given)])
        return pooled.reshape(len(codes), -1, pooled.shape[1]).mean(dim=1)

    def get_config(self):
        # That of the class above would pickle the model.
        found = keras.layers.Layer.get_config(self)
        return {**found, "files": dict(self.files), "contract": dict(self.contract)}

    def _used(self):
        """Whether the pooled states depend on each parameter, in their order."""
        import torch

        text = ("ACGT" * self.contract["data_length"])[: self.contract["data_length"]]
        codes = keras.ops.convert_to_tensor(np.stack(encode([text])))
        total = self(codes, training=False).sum()
        found = torch.autograd.grad(total, list(self.module.parameters()), allow_unused=True)
        return [one is not None for one in found]


def _drawn(files, contract):
    """The model with weights drawn at random from the state of PyTorch, and its tokeniser."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(base64.b64decode(content))
        return _opened(folder, {**contract, "random_weights": None})


def _opened(folder, contract):
    try:
        return open_model(folder, contract)
    except ModuleNotFoundError as error:
        raise InputError(
            f"pretrained.{contract['name']}: to train its weights, the environment that trains "
            f"needs torch and transformers, and has no {error.name}. Run with --use-conda, or "
            "install envs/requirements-huggingface.lock and PyTorch beside requirements.lock."
        ) from None


def _number(name):
    """The number of the block that a parameter is of; None for what no block holds."""
    return next((int(part) for part in name.split(".") if part.isdecimal()), None)


def _pooled(states, keep, how):
    """`transformers_program.pooled_states` in PyTorch: it has gradients."""
    import torch

    if how == "first":
        return states[:, 0]
    kept = torch.as_tensor(keep, device=states.device)[:, :, None]
    if how == "max":
        return states.masked_fill(~kept, -np.inf).amax(dim=1)
    return states.masked_fill(~kept, 0).sum(dim=1) / kept.sum(dim=1)
