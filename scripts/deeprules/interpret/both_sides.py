"""A network of two classes that gives the probability of either with all its digits.

A sigmoid gives the probability of one class. Where that is close to 1, 32 bits hold few digits of
what is left of it, and the log odds, their gradients and differences lose as many.
"""

import numpy as np

from deeprules.fit.models import FittedNetwork


def both_sides(network):
    """The same network with two outputs (batch, 2), a sigmoid of the score and one of its opposite.

    Its last layer has a second unit, with the weights of the first turned around. Other models and
    tasks, and networks that do not end in one layer `Dense(1, activation="sigmoid")`, come back as
    they are.
    """
    if not isinstance(network, FittedNetwork) or network.model.name != "binary":
        return network
    import keras

    model = network.model
    last = [one for one in _layers(model) if _is_last(one)]
    if not _is_made_of_layers(model) or len(last) != 1:
        return network
    wider = keras.models.clone_model(
        model, clone_function=lambda layer: _copied(layer, layer is last[0]), recursive=True
    )
    for new, old in zip(wider.weights, model.weights, strict=True):
        value = np.asarray(keras.ops.convert_to_numpy(old))
        new.assign(value if new.shape == old.shape else np.concatenate([-value, value], axis=-1))
    wider = keras.Model(wider.inputs, wider.outputs, name="multiclass")
    return FittedNetwork(wider, network.module, network.inputs)


def _layers(model):
    """All layers of a model, those of models within it too, each once."""
    for layer in model.layers:
        yield from _layers(layer) if hasattr(layer, "layers") else [layer]


def _is_last(layer) -> bool:
    is_single = type(layer).__name__ == "Dense" and layer.units == 1
    return is_single and layer.activation.__name__ == "sigmoid"


def _is_made_of_layers(model) -> bool:
    """Whether a model and those within it can be copied: none is a class of its own."""
    inner = [one for one in model.layers if hasattr(one, "layers")]
    is_plain = type(model).__name__ in ("Functional", "Sequential")
    return is_plain and all(map(_is_made_of_layers, inner))


def _copied(layer, is_last: bool):
    config = layer.get_config()
    return type(layer).from_config(config | {"units": 2} if is_last else config)
