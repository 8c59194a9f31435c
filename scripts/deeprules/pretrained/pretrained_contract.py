"""The check of a pretrained model before anything is trained: does it fit the data, does it run?"""

import hashlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from deeprules import processes
from deeprules.cautions import Caution, as_records
from deeprules.confinement import find_means, not_confined
from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.files import file_sha256
from deeprules.pretrained.activations import activations
from deeprules.pretrained.keras_files import load_keras
from deeprules.pretrained.kipoi_folder import (
    KERAS_WEIGHTS,
    files_of,
    framework_of,
    read_model_yaml,
    read_shape,
)
from deeprules.pretrained.kipoi_inputs import plan_windows
from deeprules.pretrained.pretrained import Pretrained
from deeprules.pretrained.pretrained_body import layer_names, settle_layer
from deeprules.pretrained.pretrained_example import check_example
from deeprules.pretrained.pretrained_input import Settled, settle_input

PACKAGES = {
    "keras": ("keras",),
    "pytorch": ("kipoi", "torch"),
    "tensorflow": ("kipoi", "tensorflow"),
    "sklearn": ("kipoi", "sklearn"),
    "custom": ("kipoi",),
    "transformers": ("torch", "transformers"),
}
"""What must be installed to open a model of each framework."""
REMEDY = (
    "Make an environment that has kipoi 0.8.6 and the model's framework, and set `python:` of this "
    "model to its interpreter (see envs/README.md)."
)

PROBE = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
BASES = np.array([1, 2, 4, 8], dtype=np.uint8)
PROBED = 2
"""Random sequences that the model is tried on."""


def check_pretrained(
    name: str,
    settings: Mapping,
    folder: str | Path,
    dataset: Dataset,
    record: Mapping,
    seed: int,
    hidden: Sequence[str] = (),
) -> dict:
    """The contract of a pretrained model with the data.

    Parameters
    ----------
    name, settings : the entry `pretrained.<name>` of the configuration
    folder : its local Kipoi folder
    dataset : facts of the data set
    record : where the model came from
    seed : of the random sequences that the model is tried on
    hidden : folders and files with data and labels, which code of the model must not see

    Returns
    -------
    dict
        Framework, settled input and layer, width of the activations, `checks` and `warnings`.

    Raises
    ------
    InputError
        If the model does not fit the data or the configuration, or does not run.
    """
    folder = Path(folder)
    if dataset.modality != "sequence":
        raise InputError(f"pretrained.{name}: takes DNA, but the data are {dataset.modality}.")
    content = read_model_yaml(folder)
    framework = framework_of(content)
    check_framework(name, framework, settings["python"])
    settled, facts = _inspect(name, settings, folder, content, framework)
    try:
        windows = plan_windows(dataset.n_features, settled.settings["length"], settings["lengths"])
    except InputError as error:
        raise InputError(f"pretrained.{name}.lengths: {error}") from None
    contract = {
        "name": name,
        "framework": framework,
        "weights": KERAS_WEIGHTS if framework == "keras" else None,
        "trust": settings["trust"],
        "python": settings["python"],
        **facts,
        "input": settled.settings,
        "data_length": dataset.n_features,
        "lengths": settings["lengths"],
        "folder_sha256": folder_sha256(folder),
        "hidden": list(hidden),
    }
    contract["cautions"] = as_records(_unconfined(contract))
    if framework == "keras":
        check_example(contract, folder, content, settled)
    else:
        settled.warnings.append("Only a Keras model's own example is predicted and compared.")
    contract["n_outputs"] = width(contract, folder, seed)
    describe(settled, contract, len(windows.starts), record)
    return {**contract, "checks": settled.checks, "warnings": settled.warnings}


def _unconfined(contract: Mapping) -> list[Caution]:
    """A caution where code of a model could see the labels."""
    has_code = contract["trust"] or contract["python"] is not None
    # Keras layers of its own run within the networks that are trained on it.
    is_within = contract["trust"] and contract["framework"] == "keras"
    if has_code and contract["hidden"] and (is_within or find_means() is None):
        return [not_confined(f"Code of the pretrained model {contract['name']}", is_within)]
    return []


def check_framework(name: str, framework: str, python: str | None, remedy: str = REMEDY) -> None:
    """Refuse a model whose framework is not installed where it would run.

    Raises
    ------
    InputError
        Naming the packages and what to do.
    """
    if python is not None and not Path(python).is_file():
        raise InputError(f"pretrained.{name}.python: there is no interpreter {python}.")
    missing = [
        package
        for package in PACKAGES[framework]
        if not (_has(python, package) if python else importlib.util.find_spec(package))
    ]
    if missing:
        place = python or "the environment that runs the workflow"
        raise InputError(
            f"pretrained.{name}: the model is one of {framework}, but {' and '.join(missing)} "
            f"cannot be imported in {place}. {remedy}"
        )


def _has(python: str, package: str) -> bool:
    # As when it computes activations: nothing of this environment reaches into the other one.
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [python, "-c", PROBE, package]
    return processes.run(command, env=foreign).returncode == 0


def folder_sha256(folder: str | Path) -> str:
    """SHA-256 over names and contents of a folder's files, in the order of their names."""
    digest = hashlib.sha256()
    for path in files_of(folder):
        digest.update(f"{path.relative_to(folder).as_posix()}\n{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _inspect(
    name: str, settings: Mapping, folder: Path, content: Mapping, framework: str
) -> tuple[Settled, dict]:
    """The settled input, and the layer with the list of all; other frameworks list none."""
    schema = _input_shape(name, content)
    if framework != "keras":
        settled = settle_input(name, settings["input"], schema, None, content)
        return settled, {"layer": settings["layer"], "layers": []}
    model = load_keras(folder / KERAS_WEIGHTS, settings["trust"])
    if len(model.inputs) != 1:
        raise InputError(
            f"pretrained.{name}: the model takes {len(model.inputs)} inputs; only one that takes "
            "sequences alone can be used."
        )
    shape = tuple(model.inputs[0].shape[1:])
    if not _agree(shape, schema):
        raise InputError(
            f"pretrained.{name}: model.yaml says that the input has the shape {schema}, but the "
            f"model takes {shape} (without the batch). Correct the schema, or give the weights "
            "that belong to it."
        )
    settled = settle_input(name, settings["input"], shape, model.inputs[0].dtype, content)
    layers = layer_names(model)
    return settled, {"layer": settle_layer(name, settings["layer"], model), "layers": layers}


def _input_shape(name: str, content: Mapping) -> tuple:
    """Shape of the one input that a model.yaml states."""
    inputs = content["schema"].get("inputs")
    if isinstance(inputs, Mapping) and "shape" not in inputs:
        inputs = list(inputs.values())
    inputs = inputs if isinstance(inputs, list) else [inputs]
    if len(inputs) != 1 or not isinstance(inputs[0], Mapping) or "shape" not in inputs[0]:
        raise InputError(
            f"pretrained.{name}: model.yaml states {len(inputs)} inputs; only a model with one "
            "input, the sequence, can be used."
        )
    return read_shape(inputs[0]["shape"])


def _agree(shape: tuple, other: tuple) -> bool:
    return len(shape) == len(other) and all(
        None in sizes or len(set(sizes)) == 1 for sizes in zip(shape, other, strict=True)
    )


def width(contract: Mapping, folder: Path, seed: int) -> int:
    """Width of the activations, from a trial on random sequences as long as the data."""
    rng = np.random.default_rng(seed)
    codes = BASES[rng.integers(4, size=(PROBED, contract["data_length"]))]
    return activations(Pretrained(contract["name"], folder, dict(contract)), codes, None).shape[1]


def describe(settled: Settled, contract: Mapping, n_windows: int, record: Mapping) -> None:
    """Put into sentences how the model is used."""
    layer = contract["layer"]
    settled.checks.append(
        f"The features are {contract['n_outputs']} activations of "
        f"{f'the layer {layer}' if layer else 'its output'}; on random sequences all were finite."
    )
    length, data_length = contract["input"]["length"], contract["data_length"]
    if length not in (None, data_length):
        seen = {
            "crop": "it sees their centre",
            "pad": "they are padded on both sides",
            "tile": f"it sees {n_windows} windows of each, whose activations are averaged",
        }
        settled.warnings.append(
            f"It takes {length} bases and the data have {data_length}: {seen[contract['lengths']]}."
        )
    if record.get("converted_from"):
        settled.checks.append(f"It was rebuilt from a model of {record['converted_from']}.")
    if contract["trust"]:
        settled.warnings.append("Code that it brings may run (`trust: true`).")
