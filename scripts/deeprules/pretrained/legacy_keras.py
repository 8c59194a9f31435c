"""Models of Keras 1 and 2 (JSON and HDF5) as models of Keras 3.

The architecture is built again from its JSON, layer by layer, and the weights are set. Keras 3
itself opens few of these files. Weights are laid out as Keras 2 read them:
https://github.com/keras-team/keras/blob/2.2.4/keras/engine/saving.py
(`preprocess_weights_for_loading`).
"""

from collections.abc import Mapping

import keras

from deeprules.errors import InputError
from deeprules.pretrained.legacy_layers import build_layer
from deeprules.pretrained.legacy_weights import read_weights, set_weights


def is_legacy(config: Mapping, version: str | None) -> bool:
    """Whether Keras 1 or 2 wrote a configuration; `version` is the one stated with it, if any."""
    stated = version or config.get("keras_version")
    return not stated.startswith("3") if stated else "module" not in config


def convert(config: Mapping, weights, backend: str | None = None) -> keras.Model:
    """A Keras 3 model that computes what an older one did.

    Parameters
    ----------
    config : the older architecture, `{class_name, config}` as in its JSON
    weights : the opened HDF5 file (`h5py.File`) with the weights
    backend : Keras backend that wrote them, where the file does not say

    Raises
    ------
    InputError
        Naming the layer that has no equal in Keras 3, or whose weights don't fit.
    """
    model = rebuild(config)
    stated = weights.attrs.get("backend") or config.get("backend") or backend
    stated = stated.decode() if isinstance(stated, bytes) else stated
    set_weights(model, read_weights(weights), stated)
    return model


def rebuild(config: Mapping) -> keras.Model:
    """The architecture alone, with weights not set.

    Raises
    ------
    InputError
        Naming what has no equal in Keras 3.
    """
    kind, settings = config.get("class_name"), config["config"]
    if kind == "Sequential":
        return _sequential(settings)
    if kind in ("Model", "Functional"):
        return _functional(settings)
    raise InputError(
        f"The architecture is a {kind}; only Sequential and Model (Functional) can be rebuilt in "
        "Keras 3. Save the model as `.keras` with the Keras that made it."
    )


def _sequential(settings: Mapping | list) -> keras.Model:
    entries = settings if isinstance(settings, list) else settings["layers"]
    model = keras.Sequential([_input(entries[0])])
    for entry in entries:
        if entry["class_name"] != "InputLayer":
            model.add(build_layer(entry))
    return model


def _functional(settings: Mapping) -> keras.Model:
    tensors = {}
    for entry in settings["layers"]:
        if entry["class_name"] == "InputLayer":
            tensors[entry["name"]] = _input(entry)
            continue
        inputs = [tensors[name] for name in _sources(entry, tensors)]
        tensors[entry["name"]] = build_layer(entry)(inputs[0] if len(inputs) == 1 else inputs)
    ends = [
        [tensors[name] for name, *_ in settings[key]] for key in ("input_layers", "output_layers")
    ]
    inputs, outputs = (end[0] if len(end) == 1 else end for end in ends)
    return keras.Model(inputs, outputs)


def _sources(entry: Mapping, tensors: Mapping) -> list[str]:
    """Names of the layers whose outputs a layer takes."""
    nodes = entry["inbound_nodes"]
    if len(nodes) != 1:
        raise InputError(
            f"The layer `{entry['name']}` is used {len(nodes)} times in the architecture; only a "
            "layer that is used once can be rebuilt in Keras 3."
        )
    for name, node, tensor, *settings in nodes[0]:
        if name not in tensors or (node, tensor) != (0, 0) or any(settings):
            raise InputError(
                f"The layer `{entry['name']}` takes its input from `{name}` in a way that cannot "
                "be rebuilt in Keras 3. Save the model as `.keras` with the Keras that made it."
            )
    return [name for name, *_ in nodes[0]]


def _input(entry: Mapping):
    """The model's input, by the shape that its first layer states."""
    config = entry["config"]
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    if shape is None and config.get("input_dim"):
        shape = (None, config.get("input_length"), config["input_dim"])
    if shape is None or entry["class_name"] == "Embedding":
        raise InputError(
            f"The layer `{config.get('name')}` ({entry['class_name']}) comes first and states no "
            "input shape. Add `batch_input_shape` to it in the architecture."
        )
    return keras.Input(tuple(shape[1:]), name=config["name"] if _is_input(entry) else None)


def _is_input(entry: Mapping) -> bool:
    return entry["class_name"] == "InputLayer"
