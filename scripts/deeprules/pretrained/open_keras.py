"""A Keras model from whatever files it came in, as a Keras 3 model."""

from pathlib import Path

import keras

from deeprules.errors import InputError
from deeprules.pretrained.hdf5_files import open_h5
from deeprules.pretrained.keras_files import (
    keras_config,
    load_keras,
    objects_of,
    read_json_text,
    refuse_code,
)
from deeprules.pretrained.legacy_keras import convert, is_legacy


def open_model(
    weights: Path,
    architecture: Path | None,
    trust: bool,
    backend: str | None = None,
    custom_objects: Path | None = None,
) -> tuple[keras.Model, str | None]:
    """The model, and the Keras that wrote it if it had to be rebuilt (None for Keras 3).

    Parameters
    ----------
    weights : `.keras`, or HDF5 with a whole model or weights alone
    architecture : JSON that goes with weights alone
    trust : whether code of the model may run
    backend : Keras backend that wrote the weights, where they don't say
    custom_objects : Python file with `OBJECTS`; run, so only for a trusted model

    Raises
    ------
    InputError
        If a file is damaged, brings code and is not trusted, or has no equal in Keras 3.
    """
    stated = keras_config(weights)
    config = stated if architecture is None else read_architecture(architecture)
    if config is None:
        raise InputError(
            f"{weights.name}: holds weights alone. Give the JSON of their `architecture` as well."
        )
    if not trust:
        refuse_code(config, architecture or weights)
    version = _stated_version(weights) if architecture is None else config.get("keras_version")
    if is_legacy(config, version):
        with open_h5(weights) as file:
            return convert(config, file, backend), f"Keras {version or '1 or 2'}"
    objects = objects_of(custom_objects) if trust and custom_objects else {}
    if architecture is None:
        return load_keras(weights, trust, objects), None
    model = keras.saving.deserialize_keras_object(config, objects, safe_mode=not trust)
    with open_h5(weights):  # a damaged file is told by its own message
        pass
    model.load_weights(weights)
    return model, None


def read_architecture(path: Path) -> dict:
    """The architecture in a JSON file of Keras.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not text, so it is no architecture: {error}") from error
    return read_json_text(text, path)


def keras_schema(model: keras.Model) -> dict:
    """`schema` of a model.yaml for a model with one input and one output.

    Raises
    ------
    InputError
        If it has more.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise InputError(
            f"The model has {len(model.inputs)} inputs and {len(model.outputs)} outputs; only a "
            "model with one of each can be used."
        )
    shape, targets = list(model.inputs[0].shape[1:]), list(model.outputs[0].shape[1:])
    kind = {"special_type": "DNASeq"} if 4 in shape else {}
    return {
        "inputs": {"seq": {"shape": shape, "doc": "Sequence", **kind}},
        "targets": {"shape": targets, "doc": "Output of the model"},
    }


def _stated_version(weights: Path) -> str | None:
    """Version of Keras in the attributes of an HDF5 file; a `.keras` file is of Keras 3."""
    if weights.suffix == ".keras":
        return "3"
    with open_h5(weights) as file:
        version = file.attrs.get("keras_version")
    return version.decode() if isinstance(version, bytes) else version
