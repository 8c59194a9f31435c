"""Outputs of a network's last hidden layer: what it knows of an example before it decides."""

import numpy as np

from deeprules.data import Partition
from deeprules.fit.label_by_label import PART
from deeprules.fit.loading import NetworkOnActivations
from deeprules.fit.models import FittedNetwork, in_memory
from deeprules.pretrained.pretrained_body import before_last_dense, cut_model


def hidden_outputs(network: FittedNetwork | NetworkOnActivations, part: Partition) -> np.ndarray:
    """Outputs (N, D), `float32`, of the layer before the last dense one, for N examples.

    Outputs with positions are pooled by their maximum; where a network reads both strands they are
    the mean of the two. A network without a hidden layer gives its inputs, and one that is joined
    from one for each label those of all beside each other.
    """
    import keras

    features = part.features
    if each := networks_of(network):
        return np.hstack([hidden_outputs(one, part) for one in each])
    if isinstance(network, NetworkOnActivations):
        network, features = network.network, network.extract(features)
    layer = before_last_dense(network.model)
    if layer is None:
        inputs = in_memory(network.inputs.read(features, part.examples))
        return np.hstack(inputs if isinstance(inputs, tuple) else [inputs]).astype(np.float32)
    if layer not in network.cut:
        cut = cut_model(network.model, layer.split("/"), network.model.name)
        network.cut[layer] = keras.Model(*cut)
    parts = list(network.outputs(network.cut[layer], features, part.examples))
    return np.concatenate(parts).reshape(len(features), -1)


def networks_of(network: FittedNetwork | NetworkOnActivations) -> list[FittedNetwork]:
    """The networks that one is joined from, see `deeprules.fit.label_by_label`; else none."""
    import keras

    if isinstance(network, NetworkOnActivations):
        return []
    parts = [
        layer
        for layer in network.model.layers
        if isinstance(layer, keras.Model) and layer.name.startswith(PART)
    ]
    return [FittedNetwork(part, inputs=network.inputs) for part in parts]


def with_random_weights(network: FittedNetwork, seed: int) -> FittedNetwork:
    """The same network before its training, under another seed; constants are copied.

    It is for networks made of this library's layers, not for those built on a pretrained model.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model = keras.models.clone_model(network.model)
    _copy_constants(model, network.model)
    return FittedNetwork(model, inputs=network.inputs)


def _copy_constants(model, original):
    """Copy the weights of layers that have none to train, such as means and deviations of train."""
    for layer, source in zip(model.layers, original.layers, strict=True):
        if not source.trainable_weights:
            layer.set_weights(source.get_weights())
        elif hasattr(source, "layers"):
            _copy_constants(layer, source)
