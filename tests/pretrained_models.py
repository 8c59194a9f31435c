"""Small pretrained models with random weights, in a folder with their contract, for tests."""

from dataclasses import replace
from pathlib import Path

import keras
from own_tools import make_bare_tool

from deeprules.data import Partition
from deeprules.files import file_sha256, write_json
from deeprules.fit.candidates import Candidate
from deeprules.layers import OneHotBases
from deeprules.pretrained.activations import activations
from deeprules.pretrained.kipoi_folder import write_kipoi_folder
from deeprules.pretrained.kipoi_inputs import axis_order
from deeprules.pretrained.pretrained import Pretrained

INPUT = {
    "channels": "ACGT",
    "axes": "length_channel",
    "ambiguous": "shares",
    "length": 40,
    "strand": "as_given",
}


def tiny_model(length: int = 40, axes: str = "length_channel", seed: int = 7) -> keras.Model:
    """Convolution, batch normalisation and two dense layers on sequences; 3 outputs.

    The layers are `conv`, `norm`, `relu`, `pool`, `drop`, `dense` (8) and `out`.
    """
    keras.utils.set_random_seed(seed)
    inputs, bases = _inputs(length, axes)
    hidden = keras.layers.Conv1D(6, 5, padding="same", name="conv")(bases)
    hidden = keras.layers.BatchNormalization(name="norm")(hidden)
    hidden = keras.layers.ReLU(name="relu")(hidden)
    hidden = keras.layers.GlobalMaxPooling1D(name="pool")(hidden)
    hidden = keras.layers.Dropout(0.5, name="drop")(hidden)
    hidden = keras.layers.Dense(8, activation="relu", name="dense")(hidden)
    model = keras.Model(inputs, keras.layers.Dense(3, name="out")(hidden), name="tiny")
    norm = model.get_layer("norm")
    norm.set_weights([weight + 0.3 for weight in norm.get_weights()])
    return model


def _inputs(length, axes):
    """The input of a model and, from it, one-hot bases (batch, length, 4)."""
    if axes == "codes":
        codes = keras.Input((length,), dtype="uint8", name="codes")
        return codes, OneHotBases(name="bases")(codes)
    channel_first, extra = axis_order(axes)
    shape = [4, length] if channel_first else [length, 4]
    for place in extra:
        shape.insert(place - 1, 1)
    inputs = keras.Input(shape, name="seq")
    bases = keras.layers.Reshape((4, length) if channel_first else (length, 4), name="flat")(inputs)
    return inputs, keras.layers.Permute((2, 1), name="turned")(bases) if channel_first else bases


def save_pretrained(folder: Path, model: keras.Model, layer: str | None, **changes) -> Pretrained:
    """A model as the workflow keeps it: a Kipoi folder and a contract beside it.

    `changes` go to the contract, those named as a key of `input` to its input.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model.keras")
    write_kipoi_folder(
        folder,
        folder / "model.keras",
        info={"authors": [{"name": "nobody"}], "doc": "made for a test"},
        schema={
            "inputs": {"seq": {"shape": str(model.inputs[0].shape[1:]), "doc": "bases"}},
            "targets": {"shape": str(model.outputs[0].shape[1:]), "doc": "scores"},
        },
        dataloader=None,
        dependencies={"pip": ["keras"]},
        test=None,
    )
    settings = {key: changes.pop(key, value) for key, value in INPUT.items()}
    contract = {
        "name": "tiny",
        "framework": "keras",
        "weights": "model.keras",
        "trust": False,
        "python": None,
        "layer": layer,
        "layers": [one.name for one in model.layers],
        "n_outputs": 8,
        "input": settings,
        "data_length": settings["length"],
        "lengths": "crop",
        "folder_sha256": file_sha256(folder / "model.keras"),
        "checks": [],
        "warnings": [],
        **changes,
    }
    path = folder.with_name(f"{folder.name}.contract.json")
    write_json(path, contract)
    return Pretrained.load(folder, path)


def make_pretrained(folder: Path, length: int = 40, layer: str = "dense", **changes) -> Pretrained:
    """`tiny_model` in a folder with its contract."""
    model = tiny_model(length, changes.get("axes", INPUT["axes"]))
    return save_pretrained(folder, model, layer, length=length, **changes)


def changed(pretrained: Pretrained, **contract) -> Pretrained:
    """The same model under another contract."""
    return replace(pretrained, contract={**pretrained.contract, **contract})


def needing(kind: str, module, pretrained: Pretrained, part: Partition) -> Candidate:
    """A model with what it needs besides the data."""
    tool = lambda: make_bare_tool(part.folder.parent / "tool", part.dataset)  # noqa: E731
    makers = {"tool": tool, "pretrained": lambda: pretrained, None: lambda: None}
    needed = makers[getattr(module, "NEEDS", None)]()
    return Candidate(module.__name__.rpartition(".")[2], kind, module, needed=needed)


def as_given(candidate: Candidate, part: Partition) -> Partition:
    """A partition as a job of the model gets it: perhaps with activations for features."""
    if "activations" in getattr(candidate.module, "INPUTS", ()):
        part.features = activations(candidate.needed, part.features, None)
    return part
