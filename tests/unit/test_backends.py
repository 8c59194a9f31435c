"""The networks on the other backends of Keras, where they are installed.

On TensorFlow the certificate of determinism of every run, test_determinism.py and test_models.py
show the same.
"""

import importlib.util

import pytest
from network_fits import run_python

FIT = """
import sys
from pathlib import Path

import keras
import numpy as np
from network_fits import fit_and_load

folder, backend = Path(sys.argv[1]), sys.argv[2]
assert keras.backend.backend() == backend
augmented = {"augment_shift": 3, "strands": "augment"}
for name, modality, values in (("cnn", "sequence", augmented), ("mlp", "tabular", {})):
    _, predictions = fit_and_load(folder / name, name, modality, epochs=8, n_train=300, **values)
    first, second, loaded = predictions
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, loaded, atol=1e-6)
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_networks_train_save_and_load_on_every_backend(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    run_python(FIT, tmp_path, backend, is_warm=False, KERAS_BACKEND=backend)
