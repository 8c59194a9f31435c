"""Keras models on disk, opened as data: no pickle and no code of their own unless trusted.

A `.keras` file is a ZIP archive with a JSON configuration, a `.h5` file holds the JSON in an
attribute. Both are looked through before Keras opens them.
"""

from __future__ import annotations  # an old framework may come with an old Python

import importlib.util
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules.errors import InputError
from deeprules.pretrained.hdf5_files import open_h5
from deeprules.pretrained.keras_archives import archived_config

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
PICKLE = b"\x80"
POINTER = b"version "
KNOWN_MODULES = ("keras", "deeprules.layers", "deeprules.pretrained.pretrained_layers")
TOOLS_OF_KERAS = ("utils", "datasets", "applications", "config", "export", "saving", "trainers")
"""Parts of Keras whose functions read, write or fetch files; no model consists of them."""
CODE = {"Lambda", "TFOpLambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
"""Layers that carry or load code of their own."""


def load_keras(path: str | Path, trust: bool = False, objects: Mapping | None = None):
    """The `keras.Model` in a `.keras` file, or in a `.h5` file written by Keras 3.

    Parameters
    ----------
    path : the file
    trust : whether Lambda layers may run, and the `custom_objects` of a model.yaml beside it
    objects : the model's own layers by name, instead of those of a model.yaml

    Raises
    ------
    InputError
        If the file is not whole, or holds code and is not trusted.
    """
    path = Path(path)
    config = keras_config(path)
    if config is None:
        raise InputError(
            f"{path}: holds weights alone. Give the JSON of their `architecture` as well."
        )
    if not trust:
        refuse_code(config, path)
    import keras

    import deeprules.layers
    import deeprules.pretrained.pretrained_layers  # noqa: F401  (registers the layers)

    if trust and objects is None:
        objects = custom_objects(path.parent)
    try:
        return keras.saving.load_model(path, objects, compile=False, safe_mode=not trust)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: Keras {keras.__version__} could not open the model: {_first_line(error)}"
        ) from error


def keras_config(path: str | Path) -> dict | None:
    """The configuration (JSON) of the model in a file; None for a file with weights alone.

    Raises
    ------
    InputError
        If the file is cut short, damaged, a pickle or something else.
    """
    path = Path(path)
    with open(path, "rb") as file:
        start = file.read(8)
    if start.startswith(ZIP):
        return read_json_text(archived_config(path), path)
    if start == HDF5:
        with open_h5(path) as file:
            text = file.attrs.get("model_config")
        return None if text is None else read_json_text(text, path)
    if start == POINTER:
        raise InputError(
            f"{path}: is a pointer of Git LFS, not the file itself. Give a folder or an address "
            "that holds the file."
        )
    if start.startswith(PICKLE):
        raise InputError(
            f"{path}: is a Python pickle, which runs code when it is opened. Give the model as "
            "`.keras` or `.h5`, or as a Kipoi folder with `trust: true`."
        )
    raise InputError(
        f"{path}: is neither a `.keras` nor an HDF5 file. Give the address of the file itself."
    )


def read_json_text(text: str | bytes, path: str | Path) -> dict:
    """A JSON mapping.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        content = json.loads(text)
    except RecursionError:
        raise InputError(f"{path}: the JSON is nested too deep to be an architecture.") from None
    except ValueError as error:
        raise InputError(f"{path}: the architecture is not JSON: {error}") from error
    if not isinstance(content, dict) or "config" not in content:
        raise InputError(f"{path}: the JSON is not an architecture as Keras writes it.")
    return content


def refuse_code(config: Mapping | None, path: str | Path) -> None:
    """Refuse a model whose configuration holds code, or names code outside Keras.

    Raises
    ------
    InputError
        Naming the layers.
    """
    try:
        found = sorted(set(_code(config)))
    except RecursionError:
        raise InputError(f"{path}: the JSON is nested too deep to be an architecture.") from None
    if found:
        raise InputError(
            f"{path}: the model brings code of its own, which was not run: {', '.join(found)}. If "
            "you know where it comes from and trust it, set `trust: true` for this model."
        )


def _code(entry: object) -> Iterator[str]:
    """Names of layers and functions in a configuration that are, or may be, code."""
    if isinstance(entry, Mapping):
        kind, settings = entry.get("class_name"), entry.get("config")
        if kind in CODE or kind == "__lambda__" or kind == "function":
            name = settings.get("name") if isinstance(settings, Mapping) else settings
            yield f"{kind} ({name})" if isinstance(name, str) else str(kind)
            return
        if isinstance(settings, Mapping) and isinstance(settings.get("vocabulary"), str):
            yield f"{kind} (its vocabulary is a file of this machine)"
        module = entry.get("module")
        if isinstance(module, str) and not _is_known(module):
            yield f"{module}.{kind}"
        for key, value in entry.items():
            # Losses and metrics are not read: every model is opened with compile=False.
            if key != "compile_config":
                yield from _code(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from _code(value)


def _is_known(module: str) -> bool:
    names = module.split(".")
    if names[0] == "keras" and set(names[1:3]) & set(TOOLS_OF_KERAS):
        return False
    return any(module == name or module.startswith(f"{name}.") for name in KNOWN_MODULES)


def objects_of(path: Path) -> dict:
    """`OBJECTS` of a trusted Python file, which is run: layers and functions by name."""
    specification = importlib.util.spec_from_file_location("pretrained_objects", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.OBJECTS


def custom_objects(folder: Path) -> dict:
    """Layers and functions of the Python file that a folder's model.yaml names, which is run."""
    from deeprules.pretrained.kipoi_folder import read_model_yaml

    if not (folder / "model.yaml").is_file():
        return {}
    name = read_model_yaml(folder)["args"].get("custom_objects")
    return {} if name is None else objects_of(folder / name)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
