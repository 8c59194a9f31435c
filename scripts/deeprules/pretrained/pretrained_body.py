"""The layer of a pretrained Keras model, and the model cut there: activations of fixed width."""

from __future__ import annotations  # an old framework may come with an old Python

from pathlib import Path

import keras

from deeprules.errors import InputError
from deeprules.pretrained.keras_files import load_keras
from deeprules.pretrained.kipoi_inputs import plan_windows
from deeprules.pretrained.pretrained_layers import MeanOverWindows, PretrainedInput


def load_body(folder: str | Path, contract: dict) -> keras.Model:
    """The model in a folder, from its own input to the pooled activations of its layer.

    Parameters
    ----------
    folder : local Kipoi folder with a Keras model
    contract : content of `contract.json`

    Raises
    ------
    InputError if there is no such layer.
    """
    model = load_keras(Path(folder) / contract["weights"], trust=contract["trust"])
    if contract["layer"] is None:
        return keras.Model(model.inputs, _pooled(model.outputs[0]))
    return keras.Model(*cut_model(model, contract["layer"].split("/"), contract["name"]))


def activation_model(body: keras.Layer, contract: dict, data_length: int) -> keras.Model:
    """From codes (batch, L), `uint8`, to the activations (batch, D) of a body."""
    codes = keras.Input((data_length,), dtype="uint8", name="codes")
    activations = body(PretrainedInput(contract["input"], contract["lengths"])(codes))
    windows = plan_windows(data_length, contract["input"]["length"], contract["lengths"])
    if len(windows.starts) > 1:
        activations = MeanOverWindows(len(windows.starts))(activations)
    return keras.Model(codes, activations)


def cut_model(model, path, name):
    """Inputs of a model and the pooled outputs of a layer, the mean where it is called repeatedly.

    A path of several names leads into nested models: such as the body that a network of ours
    applies to either strand.
    """
    if path[0] not in {layer.name for layer in model.layers}:
        names = ", ".join(layer.name for layer in model.layers)
        raise InputError(
            f"pretrained.{name}.layer: the model has no layer {path[0]!r}; its layers are {names}."
        )
    target = model.get_layer(path[0])
    inner = keras.Model(*cut_model(target, path[1:], name)) if path[1:] else None
    found = []

    def call(layer, *args, **kwargs):
        outputs = layer(*args, **kwargs)
        if layer is target:
            found.append(inner(*args) if inner else _pooled(outputs))
        return outputs

    # A Sequential model cannot be cloned call by call; the same layers as a graph can.
    graph = keras.Model(model.inputs, model.outputs)
    same = keras.models.clone_model(graph, clone_function=lambda layer: layer, call_function=call)
    return same.inputs, found[0] if len(found) == 1 else keras.layers.Average()(found)


def _pooled(activations):
    """The maximum over the positions of (batch, positions, channels); (batch, D) as it is."""
    pooling = {3: keras.layers.GlobalMaxPooling1D, 4: keras.layers.GlobalMaxPooling2D}
    rank = len(activations.shape)
    return pooling[rank]()(activations) if rank in pooling else activations


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
