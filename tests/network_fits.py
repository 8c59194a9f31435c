"""Fits of networks, for tests in this process and in others.

Keras takes its backend and its arithmetic once a process, so a test of these starts another one.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import warm_starts
from partitions import make_partition

from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import Fit, fit
from deeprules.fit.losses import loss_of
from deeprules.fit.models import ChosenHyperparameters, find_module, load_model
from deeprules.fit.training import build_optimizer

TESTS = Path(__file__).parent
SMALL_MLP = {
    "initialiser": "glorot_uniform",
    "l2": 1e-6,
    "input_dropout": 0.0,
    "units": 16,
    "dropout": 0.0,
    "hidden_layers": 1,
    "batch_normalisation": False,
    "activation": "relu",
    "loss": "mean_squared_error",
    "optimizer": "adam",
    "learning_rate": 0.01,
    "batch_size": 32,
}
"""Hyperparameters of a small `mlp`."""


@contextmanager
def uncompiled():
    """Fits within it compile no steps of TensorFlow, which takes longer than a few steps do."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tensorflow.config.run_functions_eagerly(False)


def run_python(program: str, *arguments, is_warm=True, **environment) -> str:
    """What a program prints that may import the library and what serves the tests.

    It runs in another process, which has imported TensorFlow before if it `is_warm`.
    """
    paths = [str(TESTS.parent / "scripts"), str(TESTS), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    if is_warm:
        done = warm_starts.python(program, *arguments, **environment)
    else:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        variables = {**os.environ, **environment}
        output = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run(command, env=variables, **output)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def default_hyperparameters(candidate, train):
    """The first value of every hyperparameter that a model asks for."""
    hp = keras_tuner.HyperParameters()
    candidate.build(hp, train)
    if candidate.kind == "network":
        build_optimizer(hp)
        loss_of(hp, train.dataset.task)
    return ChosenHyperparameters({"batch_size": 32, **hp.values})


def fit_and_load(
    folder: Path, name: str, modality: str, epochs: int, n_train=100, fits=2, **values
) -> tuple[Fit, list[np.ndarray]]:
    """Fit a network so many times with one seed, and load the first fit from a file.

    Returns
    -------
    The first fit, and predictions on tune by each fit and by the loaded one.
    """
    train = make_partition(folder / "train", n_train, modality, n_features=40)
    tune = make_partition(folder / "tune", 40, modality, n_features=40, seed=1)
    candidate = Candidate(name, "network", find_module("network", name))
    hp = default_hyperparameters(candidate, train)
    hp.values |= values
    first, *others = (
        fit(candidate, hp, Development(train, tune), 1, Budget(epochs, epochs)) for _ in range(fits)
    )
    assert first.history["loss"].iloc[-1] < first.history["loss"].iloc[0]
    first.model.save(folder / "model.keras")
    models = (first.model, *(one.model for one in others), load_model(folder / "model.keras"))
    return first, [model.predict(tune.features) for model in models]
