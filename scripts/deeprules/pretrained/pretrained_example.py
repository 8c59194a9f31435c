"""A model's own example: inputs and predictions that came with it, in kipoi's format."""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from deeprules.errors import InputError
from deeprules.pretrained.hdf5_files import open_h5
from deeprules.pretrained.keras_files import load_keras
from deeprules.pretrained.kipoi_folder import expected_file
from deeprules.pretrained.pretrained_input import Settled


def check_example(contract: Mapping, folder: Path, content: Mapping, settled: Settled) -> None:
    """Predict the example that a model brings, if it lies in its folder, and compare.

    Parameters
    ----------
    contract : what is settled so far of a Keras model: `name`, `weights`, `trust`
    folder, content : its Kipoi folder and the model.yaml there; `test: expect` names an HDF5 file
        with `inputs` and `preds`
    settled : gets a sentence about what was found

    Raises
    ------
    InputError
        If the predictions differ.
    """
    expected = expected_file(content)
    if expected is None or not (folder / expected).is_file():
        settled.warnings.append("It brings no example of its own to check its predictions with.")
        return
    with open_h5(folder / expected) as file:
        if not all(isinstance(file.get(key), h5py.Dataset) for key in ("inputs", "preds")):
            settled.warnings.append("Its own example has no plain inputs and predictions.")
            return
        inputs, wanted = file["inputs"][()], file["preds"][()]
    model = load_keras(folder / contract["weights"], contract["trust"])
    found = np.asarray(model.predict(inputs, verbose=0))
    decimals = content["test"].get("precision_decimal", 7)
    difference = np.abs(found.reshape(wanted.shape) - wanted).max()
    if not difference <= 1.5 * 10.0**-decimals:
        raise InputError(
            f"pretrained.{contract['name']}: on its own example ({expected}) the model's "
            f"predictions differ by up to {difference:g} from those that came with it, where "
            f"{decimals} decimals should agree. It was damaged, converted wrongly or changed: "
            "fetch it again, or use another one."
        )
    settled.checks.append(
        f"On its own {len(wanted)} examples it predicts what came with them ({decimals} decimals)."
    )
