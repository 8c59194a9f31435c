"""A network cut behind the layer that makes one-hot bases, so that a score has gradients there.

The score is the log odds of a class, or the value of a regression in standard units of train: a
probability near 0 or 1 has no gradient to speak of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
import pandas as pd
from keras import ops

from deeprules.encoding import BASE_SHARES
from deeprules.fit.models import FittedNetwork, in_memory
from deeprules.interpret.log_odds import scores_of
from deeprules.interpret.one_hot import BASES
from deeprules.statistics.log_odds import SMALLEST


@dataclass(frozen=True)
class SplitNetwork:
    """A network from one-hot bases on.

    Attributes
    ----------
    network : the whole network
    rest : the `keras.Model` from one-hot bases (batch, L, 4), and further inputs, to its outputs
    channels : place of A, C, G and T among the channels of the layer
    """

    network: FittedNetwork
    rest: keras.Model
    channels: tuple[int, ...]

    @classmethod
    def of(cls, network: FittedNetwork) -> "SplitNetwork | None":
        """Cut a network behind its first layer that turns codes (batch, L) into bases.

        None if it has no such layer, or one that gives other numbers than the shares of the bases.
        """
        model = network.model
        layer = next((one for one in model.layers if _makes_bases(one)), None)
        channels = layer and _channels(layer, model)
        if not channels:
            return None
        others = model.inputs[1:]
        return cls(network, keras.Model([layer.output, *others], model.outputs), channels)

    @cached_property
    def score_gradient(self) -> Callable:
        """From bases (batch, L, 4), further inputs and class to the gradients of the score."""
        makers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
        return makers[keras.backend.backend()](self.rest, self.network.model.name)

    def gradients(self, bases: np.ndarray, examples: pd.DataFrame, target: int) -> np.ndarray:
        """Gradients (N, L, 4) of the score at bases (N, L, 4), both in the order A, C, G, T."""
        read = in_memory(self.network.inputs.read(_placed(bases, self.channels), examples))
        given, *others = read if isinstance(read, tuple) else [read]
        found = self.score_gradient(given, others, target)
        return np.asarray(found)[:, :, list(self.channels)]

    def scores(self, codes: np.ndarray, examples: pd.DataFrame, target: int) -> np.ndarray:
        """Scores (N,) of codes (N, L)."""
        return scores_of(self.network, codes, examples, target)


def _score(outputs, task: str, target: int):
    """The same of a network's outputs, which a backend can differentiate."""
    outputs = outputs[0] if isinstance(outputs, list | tuple) else outputs
    if task == "regression":
        return outputs[:, 0]
    if task == "binary":
        outputs = ops.concatenate([1 - outputs, outputs], axis=1)
    places = [place for place in range(outputs.shape[1]) if place != target]
    others = ops.sum(ops.take(outputs, ops.convert_to_tensor(places), axis=1), axis=1)
    share = outputs[:, target]
    return ops.log(ops.maximum(share, SMALLEST)) - ops.log(ops.maximum(others, SMALLEST))


def _tensorflow(rest, task):
    """Gradients by TensorFlow's tape."""
    import tensorflow

    @tensorflow.function(reduce_retracing=True)
    def ask(bases, others, target):
        with tensorflow.GradientTape() as tape:
            tape.watch(bases)
            scores = _score(rest([bases, *others], training=False), task, target)
        return tape.gradient(scores, bases)

    def score_gradient(bases, others, target):
        others = [tensorflow.convert_to_tensor(one) for one in others]
        return ask(tensorflow.convert_to_tensor(bases), others, target).numpy()

    return score_gradient


def _jax(rest, task):
    """Gradients by JAX, which needs a function of the weights as well.

    They are looked up at each call: where Keras predicts, it gives up the arrays of before.
    """
    import jax

    def total(bases, weights, constants, others, target):
        outputs, _ = rest.stateless_call(weights, constants, [bases, *others], training=False)
        return _score(outputs, task, target).sum()

    gradient = jax.jit(jax.grad(total), static_argnums=4)

    def score_gradient(bases, others, target):
        weights = [variable.value for variable in rest.trainable_variables]
        constants = [variable.value for variable in rest.non_trainable_variables]
        return gradient(bases, weights, constants, others, target)

    return score_gradient


def _torch(rest, task):
    """Gradients by PyTorch's graph."""
    import torch
    from keras.src.backend.torch.core import get_device

    def score_gradient(bases, others, target):
        device = get_device()
        given = torch.tensor(bases, device=device, requires_grad=True)
        others = [torch.tensor(one, device=device) for one in others]
        scores = _score(rest([given, *others], training=False), task, target)
        (gradients,) = torch.autograd.grad(scores.sum(), given)
        return gradients.cpu().numpy()

    return score_gradient


def _makes_bases(layer) -> bool:
    """Whether a layer is called once, on codes (batch, L), and gives (batch, L, 4)."""
    try:
        given, made = layer.input, layer.output
    except (AttributeError, ValueError):  # not called, or more than once
        return False
    if isinstance(given, list | tuple | dict) or isinstance(made, list | tuple | dict):
        return False
    return len(given.shape) == 2 and tuple(made.shape[1:]) == (given.shape[1], 4)


def _channels(layer, model) -> tuple[int, ...]:
    """Place of A, C, G and T among a layer's channels, found by asking it; else empty."""
    asked = keras.Model(model.inputs[0], layer.output)
    length = model.inputs[0].shape[1]
    drawn = np.random.default_rng(0).integers(16, size=(16, length)).astype(np.uint8)
    pure = np.broadcast_to(BASES[:, None], (4, length)).copy()
    found = np.asarray(asked.predict(pure, verbose=0))
    channels = tuple(int(place) for place in found[:, length // 2].argmax(axis=1))
    expected = _placed(BASE_SHARES[drawn], channels)
    is_one_hot = len(set(channels)) == 4
    return channels if is_one_hot and np.allclose(asked.predict(drawn, verbose=0), expected) else ()


def _placed(bases: np.ndarray, channels: tuple[int, ...]) -> np.ndarray:
    """Bases (N, L, 4) in the order A, C, G, T -> in that of a layer's channels."""
    placed = np.empty_like(bases)
    placed[:, :, list(channels)] = bases
    return placed
