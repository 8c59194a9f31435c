"""What a job that fits models reads, from its inputs by name."""

from pathlib import Path

from deeprules.command.tool import Tool
from deeprules.data import Dataset, Development, Partition
from deeprules.files import read_array
from deeprules.pretrained.pretrained import Pretrained


def load_development(paths) -> Development:
    """Train and tune, from a job's inputs `dataset`, `train_features` and `tune_features`, by name.

    Inputs `train_activations` and `tune_activations` stand in for the features.
    """
    dataset, parts = Dataset.load(paths.get("dataset")), []
    for name in Development._fields:
        part = Partition(Path(paths.get(f"{name}_features")).parent, dataset)
        activations = paths.get(f"{name}_activations")
        if activations is not None:
            part.features = read_array(activations)
        parts.append(part)
    return Development(*parts)


def load_needed(paths) -> Pretrained | Tool | None:
    """What the model of a job needs besides the data.

    The job has the folder and contract of a pretrained model as inputs `pretrained` and
    `contract`, the description of a user's tool as `tool`.
    """
    if paths.get("tool"):
        return Tool.load(paths.get("tool"))
    contract = paths.get("contract")
    return Pretrained.load(paths.get("pretrained"), contract) if contract else None
