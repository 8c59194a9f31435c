"""Outputs of a network's last hidden layer: what it knows of an example before it decides."""

import keras
import numpy as np

from deeprules.fit.loading import NetworkOnActivations
from deeprules.fit.models import CHUNK, FittedNetwork
from deeprules.pretrained.layer_choice import before_last_dense
from deeprules.pretrained.pretrained_body import cut_model

BATCH = 512
"""Examples in a batch."""


def hidden_outputs(network: FittedNetwork | NetworkOnActivations, features) -> np.ndarray:
    """Outputs (N, D), `float32`, of the layer before the last dense one, for features (N, ...).

    Outputs with positions are pooled by their maximum; where a network reads both strands they are
    the mean of the two. A network without a hidden layer gives its inputs.
    """
    if isinstance(network, NetworkOnActivations):
        return hidden_outputs(network.network, network.extract(features))
    layer = before_last_dense(network.model)
    if layer is None:
        return np.asarray(features, dtype=np.float32)
    hidden = keras.Model(*cut_model(network.model, layer.split("/"), network.model.name))
    parts = [
        hidden.predict(np.asarray(features[start : start + CHUNK]), BATCH, verbose=0)
        for start in range(0, len(features), CHUNK)
    ]
    return np.concatenate(parts).reshape(len(features), -1)


def with_random_weights(network: FittedNetwork, seed: int) -> FittedNetwork:
    """The same network before its training, under another seed; constants are copied.

    It is for networks made of this library's layers, not for those built on a pretrained model.
    """
    keras.utils.set_random_seed(seed)
    model = keras.models.clone_model(network.model)
    _copy_constants(model, network.model)
    return FittedNetwork(model)


def _copy_constants(model, original):
    """Copy the weights of layers that have none to train, such as means and deviations of train."""
    for layer, source in zip(model.layers, original.layers, strict=True):
        if not source.trainable_weights:
            layer.set_weights(source.get_weights())
        elif hasattr(source, "layers"):
            _copy_constants(layer, source)
