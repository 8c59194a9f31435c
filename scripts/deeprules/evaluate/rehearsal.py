"""All that can fail is tried before the test set is opened, on data that are no test.

Every model is loaded and predicts tune; its score must be the one that its fit recorded. So a
model that cannot be loaded, whose tool or pretrained model is gone, or that was exchanged after its
fit, does not spend the opening.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.files import file_sha256, make_folder
from deeprules.statistics.metrics import scores

TOLERANCE = 0.01
"""Largest difference of a score on tune, or share of it where it is above 1, between the fit and
now. Other processors round otherwise, and swap the order of examples that are nearly equal."""

SPARE_BYTES = 2**26
BYTES_A_NUMBER = 64
"""Room for tables of predictions, and for each number in them, its copies included."""


def predict_frozen(
    frozen: dict, part: Partition, load: Callable[[str], object]
) -> dict[str, list[np.ndarray]]:
    """{model: predictions (N, C) or (N,) of each frozen fit}, which sees no labels.

    Parameters
    ----------
    frozen : content of `frozen.json`
    load : from a model file to an object with `predict(features, examples)`
    """
    examples = part.examples.drop(columns=part.dataset.label_columns)
    return {
        name: [np.asarray(load(path).predict(part.features, examples)) for path in model["files"]]
        for name, model in frozen["models"].items()
    }


def rehearse(
    frozen: dict, tune: Partition, load: Callable[[str], object], objective: str
) -> dict[str, list[np.ndarray]]:
    """Load every frozen model and compare its score on tune with the one that its fit recorded.

    Parameters and what it returns are those of `predict_frozen`, on tune.

    Raises
    ------
    InputError that names every model whose score is another one; or whatever loading and
    predicting raise.
    """
    predictions = predict_frozen(frozen, tune, load)
    problems = []
    for name, model in frozen["models"].items():
        fits = zip(model["files"], model["tune_scores"], predictions[name], strict=True)
        for path, recorded, predicted in fits:
            score = scores(tune.dataset.task, tune.labels, predicted)[objective]
            if not abs(score - recorded) <= TOLERANCE * max(1, abs(recorded)):
                problems.append(
                    f"{path}: {objective} on tune is {score:.4f}, but its fit recorded "
                    f"{recorded:.4f}"
                )
    if problems:
        raise InputError(
            "These models do not predict as when they were fitted:\n  - "
            + "\n  - ".join(problems)
            + "\nThe test set was not opened. They were exchanged, or do not predict the same "
            "twice. Delete their folders under results/fit and run again."
        )
    return predictions


def check_room(folder: str | Path, n_numbers: int) -> None:
    """Check that results can be written: the folder is open to this user, the disk has room.

    Parameters
    ----------
    n_numbers : predictions that will be written
    """
    folder = Path(folder)
    needed = SPARE_BYTES + BYTES_A_NUMBER * n_numbers
    try:
        make_folder(folder)
    except OSError as error:
        raise InputError(_closed(folder, f"cannot be made ({error.strerror})")) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(_closed(folder, "cannot be written by this user"))
    free = shutil.disk_usage(folder).free
    if free < needed:
        room = f"its disk has {free / 1e6:,.0f} MB left, and up to {needed / 1e6:,.0f} are needed"
        raise InputError(_closed(folder, room))


def check_partitions(split: dict, paths) -> None:
    """Check that partitions are those that were split off.

    Parameters
    ----------
    split : content of `split.json`
    paths : where `<partition>_examples` and `<partition>_features` are now, by name

    Raises
    ------
    InputError that names every file whose hash is another one.
    """
    changed = [
        paths[name]
        for name, sha256 in split["sha256"].items()
        if file_sha256(paths[name]) != sha256
    ]
    if changed:
        raise InputError(
            f"{', '.join(changed)}: edited since the split; the hash in split.json is another one. "
            "The test set was not opened. Labels and examples are corrected in the source, or "
            "left out there; delete the folder results/split and run again."
        )


def _closed(folder: Path, problem: str) -> str:
    return f"{folder}: {problem}, so the test set was not opened. Mend that and run again."
