"""The certificate of determinism: is a fit that is made again the same to the last bit?

The same seed does not promise it: the order in which threads or a GPU add numbers up may change
between runs. What is compared is what the two fits have left on disk, the second made in a process
of its own.
"""

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from deeprules.command.tool import Tool
from deeprules.control import Cost, Terms
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import read_json, read_table
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitted_files import files_of_fit, model_sha256
from deeprules.fit.fitting import write_fit
from deeprules.seeds import derived_seed
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import format_number

REPEATED = ""
NEEDS = ("fits",)
MODELS = 1

FIRST = 1
"""Number of the seed of the first final fit."""
FACTS = ("id", "partition", "label")
"""Columns of a table of predictions that are known without a model."""
SCIKIT_LEARN = {"backend": "scikit-learn", "device": "CPU", "deterministic_operations": None}


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Fit a model once more as it was fitted first, and compare the two fits.

    Returns
    -------
    One row: model, kind, seed, what `compare_fits` found, backend, device, deterministic_operations
    (None for a model of scikit-learn, which has no such switch), sentence.
    """
    finished = SimpleNamespace(
        **{name: terms.files[f"fit_{name}"][0] for name in ("model", "predictions", "scores")}
    )
    fitted = chosen.fit(development, derived_seed(terms.seed, FIRST))
    with tempfile.TemporaryDirectory() as folder:
        again = files_of_fit(folder, Path(finished.model).name)
        write_fit(fitted, chosen.best, development, again)
        found = compare_fits(finished, again, terms.objective)
    made_with = backend_facts() if chosen.best["kind"] == "network" else SCIKIT_LEARN
    if isinstance(chosen.candidate.needed, Tool):
        made_with = {**made_with, "backend": "commands of its own"}
    result = {**chosen.facts, "seed": FIRST, **found, **made_with}
    return pd.DataFrame([{**result, "sentence": _sentence(result)}])


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """The table, and its row."""
    (row,) = table.to_dict("records")
    return table, row


def cost(development: Development, terms: Terms) -> Cost:
    """One fit."""
    return Cost(1, 1)


def compare_fits(first, again, objective: str) -> dict:
    """Compare what two fits have left on disk.

    Parameters
    ----------
    first, again : files of a fit, with attributes `model`, `predictions` and `scores`

    Returns
    -------
    {"is_identical" (weights and predictions, bitwise), "weights_identical",
    "predictions_identical", "largest_difference" (of a prediction), "objective", "tune_score",
    "tune_score_again"}

    Raises
    ------
    InputError
        If the two do not predict the same examples.
    """
    tables = [read_table(fit.predictions) for fit in (first, again)]
    if [*tables[0]] != [*tables[1]] or not tables[0]["id"].equals(tables[1]["id"]):
        raise InputError(
            f"{first.predictions}: holds predictions of other examples than train and tune have "
            "now. Delete results/fit and run again."
        )
    one, other = (table.drop(columns=list(FACTS)).to_numpy(np.float64) for table in tables)
    same_weights = model_sha256(first.model) == model_sha256(again.model)
    same_predictions = one.tobytes() == other.tobytes()
    scores = [read_json(fit.scores)["tune"][objective] for fit in (first, again)]
    return {
        "is_identical": same_weights and same_predictions,
        "weights_identical": same_weights,
        "predictions_identical": same_predictions,
        "largest_difference": float(np.abs(one - other).max()),
        "objective": objective,
        "tune_score": scores[0],
        "tune_score_again": scores[1],
    }


def backend_facts() -> dict:
    """What a network of this process runs on, after it was fitted.

    Returns
    -------
    {"backend", "device" (`CPU`, or the name of the GPU), "deterministic_operations" (whether the
    backend was asked for them)}
    """
    import keras

    name = keras.backend.backend()
    ask = {"tensorflow": _tensorflow_facts, "torch": _torch_facts, "jax": _jax_facts}[name]
    device, is_deterministic = ask()
    return {"backend": name, "device": device, "deterministic_operations": is_deterministic}


def _tensorflow_facts():
    import tensorflow
    from tensorflow.python.framework.config import is_op_determinism_enabled

    gpus = tensorflow.config.list_physical_devices("GPU")
    details = tensorflow.config.experimental.get_device_details(gpus[0]) if gpus else {}
    return details.get("device_name", "GPU" if gpus else "CPU"), is_op_determinism_enabled()


def _torch_facts():
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    return device, torch.are_deterministic_algorithms_enabled()


def _jax_facts():
    import jax

    device = jax.devices()[0]
    asked = "xla_gpu_deterministic_ops=true" in os.environ.get("XLA_FLAGS", "")
    return "CPU" if device.platform == "cpu" else device.device_kind, asked


def _sentence(result):
    """What the comparison found."""
    start = f"`{result['model']}`, fitted twice under the same seed in two processes, is"
    if result["is_identical"]:
        return f"{start} bitwise identical: its weights and all its predictions."
    if result["predictions_identical"]:
        return f"{start} not identical: the files of the model differ, but no prediction does."
    scores = " and ".join(format_number(result[key]) for key in ("tune_score", "tune_score_again"))
    return (
        f"{start} not identical: predictions differ by up to {result['largest_difference']:.2g}, "
        f"{METRIC_LABELS[result['objective']]} on tune is {scores}."
    )
