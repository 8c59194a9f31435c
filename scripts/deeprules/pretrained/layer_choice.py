"""The layer of a pretrained Keras model whose activations are the features."""

import keras

from deeprules.errors import InputError


def layer_names(model: keras.Model) -> list[str]:
    """Names of all layers of a Keras model; `outer/inner` within models that are layers of it."""
    names = []
    for layer in model.layers:
        names.append(layer.name)
        if hasattr(layer, "layers"):
            names += [f"{layer.name}/{inner}" for inner in layer_names(layer)]
    return names


def settle_layer(name: str, given: str | None, model: keras.Model) -> str:
    """The layer whose activations are the features: the one named, or before the last dense one.

    Raises
    ------
    InputError
        Listing the layers, if there is no such layer.
    """
    names = layer_names(model)
    if given is not None:
        if given not in names:
            raise InputError(
                f"pretrained.{name}.layer: the model has no layer `{given}`. It has: "
                f"{', '.join(names)}."
            )
        return given
    found = before_last_dense(model)
    if found is None:
        raise InputError(
            f"pretrained.{name}: the model has no hidden layer before a last dense one. Name the "
            f"`layer` whose activations are to be the features: {', '.join(names)}."
        )
    return found


def before_last_dense(model: keras.Model, prefix: str = "") -> str | None:
    """Name of the layer that feeds the last dense layer, also within a nested model."""
    for layer in reversed(model.layers):
        if hasattr(layer, "layers"):
            found = before_last_dense(layer, f"{prefix}{layer.name}/")
            if found is not None:
                return found
        if isinstance(layer, keras.layers.Dense):
            source = layer._inbound_nodes[0].input_tensors[0]._keras_history.operation
            is_input = isinstance(source, keras.layers.InputLayer)
            return None if is_input else f"{prefix}{source.name}"
    return None
