"""The networks on the other backends of Keras, where they are installed.

On TensorFlow the certificate of determinism of every run, test_determinism.py and test_models.py
show the same. The checks of conda run the program under JAX.
"""

import importlib.util
from pathlib import Path

import pytest
from network_fits import run_python

PROGRAM = Path(__file__).parents[1] / "fit_again.py"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_networks_train_save_and_load_on_every_backend(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    run_python(PROGRAM.read_text(), tmp_path, backend, is_warm=False, KERAS_BACKEND=backend)
