"""The networks on the other backends of Keras, where they are installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2]

FIT = """
import sys
from pathlib import Path

import keras
import numpy as np
from partitions import make_partition
from test_models import default_hyperparameters

from deeprules.fitting import Budget, fit
from deeprules.models import find_module, load_model

folder, backend = Path(sys.argv[1]), sys.argv[2]
assert keras.backend.backend() == backend
for name, modality in (("cnn", "sequence"), ("mlp", "tabular")):
    train = make_partition(folder / name / "train", 300, modality, n_features=40)
    tune = make_partition(folder / name / "tune", 60, modality, n_features=40, seed=1)
    module = find_module("network", name)
    hp = default_hyperparameters("network", module, train)
    hp.values |= {"augment_shift": 3, "strands": "augment"} if name == "cnn" else {}
    first, second = (fit("network", module, hp, train, tune, 1, Budget(8, 8)) for _ in range(2))
    predictions = first.model.predict(tune.features)
    np.testing.assert_array_equal(predictions, second.model.predict(tune.features))
    assert first.history["loss"].iloc[-1] < first.history["loss"].iloc[0]
    first.model.save(folder / f"{name}.keras")
    loaded = load_model(folder / f"{name}.keras").predict(tune.features)
    np.testing.assert_allclose(loaded, predictions, atol=1e-6)
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_networks_train_save_and_load_on_every_backend(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    paths = [str(FOLDER / part) for part in ("scripts", "tests", "tests/unit")]
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")]),
    }
    result = subprocess.run(
        [sys.executable, "-c", FIT, str(tmp_path), backend],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.returncode == 0, result.stdout[-3000:]
