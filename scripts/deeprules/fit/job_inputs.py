"""What a job that fits or asks a model reads, from its inputs by name."""

from pathlib import Path

from deeprules.command.tool import Tool
from deeprules.data import Dataset, Development, Partition
from deeprules.files import read_array
from deeprules.pretrained.pretrained import Pretrained


def load_development(paths) -> Development:
    """Train and tune, from a job's inputs `dataset`, `train_features` and `tune_features`, by name.

    A job of a model that needs a pretrained one has its folder and contract as inputs
    `pretrained` and `contract`; that of a user's tool has its description as `tool`. Inputs
    `train_activations` and `tune_activations` stand in for the features.
    """
    dataset, contract = Dataset.load(paths.get("dataset")), paths.get("contract")
    tool = Tool.load(paths.get("tool")) if paths.get("tool") else None
    pretrained = Pretrained.load(paths.get("pretrained"), contract) if contract else None
    parts = []
    for name in ("train", "tune"):
        part = Partition(Path(paths.get(f"{name}_features")).parent, dataset, pretrained, tool)
        activations = paths.get(f"{name}_activations")
        if activations is not None:
            part.features = read_array(activations)
        parts.append(part)
    return Development(*parts)
