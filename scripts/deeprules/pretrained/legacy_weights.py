"""Weights in the HDF5 files of Keras 1 and 2, and how they are set in a Keras 3 model."""

import keras
import numpy as np

from deeprules.errors import InputError

CONVOLUTIONS = ("Conv1D", "Conv2D", "SeparableConv1D")


def read_weights(file) -> dict[str, dict[str, np.ndarray]]:
    """Arrays of every layer that has any, in the file's order: {layer: {weight: array}}.

    Raises
    ------
    InputError
        If the file has not the layout of Keras 1 and 2.
    """
    group = file.get("model_weights", file)
    names = _attribute(group, "layer_names")
    if names is None:
        raise InputError(
            f"{file.filename}: holds no weights in the layout of Keras 1 or 2 (no `layer_names`). "
            "Give the weights that belong to the architecture."
        )
    found = {
        name: {
            weight: group[name][weight][()] for weight in _attribute(group[name], "weight_names")
        }
        for name in names
    }
    return {name: arrays for name, arrays in found.items() if arrays}


def set_weights(
    model: keras.Model, weights: dict[str, dict[str, np.ndarray]], backend: str | None
) -> None:
    """Set the weights of every layer: by name where the names agree, else in their order.

    Raises
    ------
    InputError
        Naming the layer, if numbers, shapes or names of weights don't fit.
    """
    layers = [layer for layer in model.layers if layer.weights]
    if len(layers) != len(weights):
        raise InputError(
            f"The architecture has {len(layers)} layers with weights "
            f"({_names(layer.name for layer in layers)}), the file has {len(weights)} "
            f"({_names(weights)}). Give the weights and the architecture of one model."
        )
    if {layer.name for layer in layers} == set(weights):
        order = [layer.name for layer in layers]
    elif isinstance(model, keras.Sequential):
        order = list(weights)
    else:
        raise InputError(
            f"The layers of the architecture ({_names(layer.name for layer in layers)}) and of the "
            f"weights ({_names(weights)}) have other names, and the model branches, so that their "
            "order says nothing. Give the weights and the architecture of one model."
        )
    for layer, name in zip(layers, order, strict=True):
        layer.set_weights(_fitting(layer, weights[name], backend))


def _fitting(
    layer: keras.layers.Layer, arrays: dict[str, np.ndarray], backend: str | None
) -> list[np.ndarray]:
    """The arrays of a layer in the order and the layout that Keras 3 wants."""
    wanted = [variable.name for variable in layer.weights]
    by_name = {name.rpartition("/")[2].partition(":")[0]: array for name, array in arrays.items()}
    values = (
        [by_name[name] for name in wanted] if set(by_name) == set(wanted) else [*arrays.values()]
    )
    if type(layer).__name__ in CONVOLUTIONS and values:
        values[0] = _kernel(layer, values[0], backend)
    shapes = [tuple(variable.shape) for variable in layer.weights]
    if [value.shape for value in values] != shapes:
        raise InputError(
            f"The weights of the layer `{layer.name}` don't fit: the file has "
            f"{', '.join(str(value.shape) for value in values)}, the architecture wants "
            f"{', '.join(map(str, shapes))}. Give the weights and the architecture of one model."
        )
    return values


def _kernel(layer: keras.layers.Layer, kernel: np.ndarray, backend: str | None) -> np.ndarray:
    """The kernel of a convolution as a correlation (..., inputs, filters)."""
    if backend not in ("tensorflow", "theano"):
        raise InputError(
            f"The layer `{layer.name}` is a convolution, and the files don't say whether "
            'TensorFlow or Theano (which turns kernels round) made it. Add `"backend": '
            '"tensorflow"` or `"theano"` to the JSON architecture, or `backend` to the arguments '
            "of model.yaml."
        )
    if kernel.ndim == 4 and type(layer).__name__ == "Conv1D":
        kernel = _from_keras_1(layer, kernel)
    if backend == "tensorflow":
        return kernel
    if layer.padding == "same":
        raise InputError(
            f"The layer `{layer.name}` was made with Theano and pads (`same`), which TensorFlow "
            "does differently. Save the model as `.keras` with the Keras that made it."
        )
    spatial = tuple(range(kernel.ndim - 2))
    return np.ascontiguousarray(np.flip(kernel, spatial))


def _from_keras_1(layer: keras.layers.Layer, kernel: np.ndarray) -> np.ndarray:
    """A kernel (width, 1, inputs, filters) or, older, (filters, inputs, width, 1) as (w, i, f)."""
    width, filters = layer.kernel_size[0], layer.filters
    if kernel.shape[:2] == (width, 1) and kernel.shape[3] == filters:
        return kernel[:, 0]
    return kernel.transpose(2, 3, 1, 0)[:, 0]


def _attribute(group, name: str) -> list[str] | None:
    """A list of names; Keras cuts a long one into `<name>0`, `<name>1`, ..."""
    if name in group.attrs:
        parts = [group.attrs[name]]
    else:
        count = sum(key.startswith(name) for key in group.attrs)
        parts = [group.attrs[f"{name}{part}"] for part in range(count)]
    names = [
        entry.decode() if isinstance(entry, bytes) else str(entry) for p in parts for entry in p
    ]
    return names if parts else None


def _names(names) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
