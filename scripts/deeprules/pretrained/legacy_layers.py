"""Layers of Keras 1 and 2 under Keras 3, from their configuration.

Only layers whose computation is the same in Keras 3 are built; anything else is an error that
names the layer, as is a setting that is not known here. Initial values, regularisers and
constraints are left out: the weights are set, and nothing is trained on them again.
"""

from collections.abc import Mapping

import keras

from deeprules.errors import InputError

CONVOLUTION = {
    "filters": "filters",
    "kernel_size": "kernel_size",
    "strides": "strides",
    "padding": "padding",
    "dilation_rate": "dilation_rate",
    "groups": "groups",
    "activation": "activation",
    "use_bias": "use_bias",
    # Keras 1
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "border_mode": "padding",
    "bias": "use_bias",
}
POOLING = {
    "pool_size": "pool_size",
    "strides": "strides",
    "padding": "padding",
    # Keras 1
    "pool_length": "pool_size",
    "stride": "strides",
    "border_mode": "padding",
}
DENSE = {
    "units": "units",
    "activation": "activation",
    "use_bias": "use_bias",
    # Keras 1
    "output_dim": "units",
    "bias": "use_bias",
}
NORMALISATION = {name: name for name in ("axis", "momentum", "epsilon", "center", "scale")}
RATE = {"rate": "rate", "p": "rate"}
SETTINGS = {
    "Conv1D": CONVOLUTION,
    "Conv2D": CONVOLUTION,
    "SeparableConv1D": CONVOLUTION | {"depth_multiplier": "depth_multiplier"},
    "Dense": DENSE,
    "MaxPooling1D": POOLING,
    "MaxPooling2D": POOLING,
    "AveragePooling1D": POOLING,
    "AveragePooling2D": POOLING,
    "GlobalMaxPooling1D": {},
    "GlobalMaxPooling2D": {},
    "GlobalAveragePooling1D": {},
    "GlobalAveragePooling2D": {},
    "BatchNormalization": NORMALISATION,
    "Activation": {"activation": "activation"},
    "Softmax": {"axis": "axis"},
    "ReLU": {name: name for name in ("max_value", "negative_slope", "threshold")},
    "LeakyReLU": {"alpha": "negative_slope", "negative_slope": "negative_slope"},
    "ELU": {"alpha": "alpha"},
    "PReLU": {"shared_axes": "shared_axes"},
    "Dropout": RATE,
    "SpatialDropout1D": RATE,
    "GaussianDropout": RATE,
    "GaussianNoise": {"stddev": "stddev", "sigma": "stddev"},
    "Flatten": {},
    "Reshape": {"target_shape": "target_shape"},
    "Permute": {"dims": "dims"},
    "ZeroPadding1D": {"padding": "padding"},
    "Cropping1D": {"cropping": "cropping"},
    "Add": {},
    "Multiply": {},
    "Average": {},
    "Maximum": {},
    "Concatenate": {"axis": "axis"},
}
"""Layers that compute the same in Keras 3, and what their settings are called there."""

OLD_NAMES = {"Convolution1D": "Conv1D"}
ACTIVATIONS = {
    *("linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus", "softsign"),
    *("exponential", "swish"),
}
"""Activations that compute the same; `hard_sigmoid` has another slope in Keras 3."""

ONLY = {
    "data_format": (None, "channels_last"),
    "dim_ordering": ("tf", "default"),
    "dtype": (None, "float32"),
    "keepdims": (False,),
    "mode": (0,),
    "noise_shape": (None,),
    "renorm": (False,),
    "virtual_batch_size": (None,),
}
"""Settings with another meaning or none in Keras 3, and the values that say what it does."""

WITHOUT_EFFECT = {
    *("name", "trainable", "seed", "sparse", "ragged", "fused", "input_dtype", "synchronized"),
    *("batch_input_shape", "input_dim", "input_length", "init", "weights", "activity_regularizer"),
}
ENDINGS = ("_initializer", "_regularizer", "_constraint", "_init")


def build_layer(entry: Mapping) -> keras.layers.Layer:
    """A Keras 3 layer from the `class_name` and `config` of an older one.

    Raises
    ------
    InputError
        Naming the layer, if Keras 3 has no equal of it or of one of its settings.
    """
    config = entry["config"]
    kind = OLD_NAMES.get(entry["class_name"], entry["class_name"])
    name = config.get("name", "without a name")
    if kind not in SETTINGS:
        raise InputError(
            f"The layer `{name}` is of the kind {entry['class_name']}, which cannot be rebuilt in "
            "Keras 3 with the same results. Save the model as `.keras` with the Keras that made it."
        )
    settings = {"name": name}
    for key, value in config.items():
        if key in ONLY:
            _check_only(name, key, value)
        elif key in SETTINGS[kind]:
            settings[SETTINGS[kind][key]] = _translated(name, key, value)
        elif key not in WITHOUT_EFFECT and not key.endswith(ENDINGS):
            raise InputError(
                f"The layer `{name}` ({kind}) has a setting `{key}` ({value!r}) that is not known "
                "to mean the same in Keras 3. Save the model as `.keras` with the Keras that made "
                "it."
            )
    return getattr(keras.layers, kind)(**settings)


def _check_only(name: str, key: str, value: object) -> None:
    if value not in ONLY[key]:
        raise InputError(
            f"The layer `{name}` has `{key}: {value}`; only {' or '.join(map(str, ONLY[key]))} can "
            "be rebuilt in Keras 3. Save the model as `.keras` with the Keras that made it."
        )


def _translated(name: str, key: str, value: object) -> object:
    if key == "activation" and value not in ACTIVATIONS:
        raise InputError(
            f"The layer `{name}` has the activation {value!r}, which does not compute the same in "
            f"Keras 3 (these do: {', '.join(sorted(ACTIVATIONS))}). Save the model as `.keras` "
            "with the Keras that made it."
        )
    is_axis = key == "axis" and isinstance(value, list) and len(value) == 1
    return value[0] if is_axis else value
