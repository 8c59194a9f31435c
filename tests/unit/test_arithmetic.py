"""Precision, XLA and determinism of networks: what the run sets is what fits do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deeprules.arithmetic import DETERMINISTIC, PRECISION, XLA, set_arithmetic

FOLDER = Path(__file__).parents[2]
NAMES = (PRECISION, XLA, DETERMINISTIC, "XLA_FLAGS", "CUBLAS_WORKSPACE_CONFIG")

FIT = """
import sys
from pathlib import Path

import numpy as np
from partitions import make_partition
from test_models import default_hyperparameters

from deeprules.fitting import Budget, fit, limit_threads
from deeprules.models import find_module, load_model

folder = Path(sys.argv[1])
limit_threads("network", 1)
train = make_partition(folder / "train", 100, "sequence", n_features=40)
tune = make_partition(folder / "tune", 30, "sequence", n_features=40, seed=1)
module = find_module("network", "cnn")
hp = default_hyperparameters("network", module, train)
fits = [fit("network", module, hp, train, tune, 1, Budget(3, 3)) for _ in range(2)]
predictions = [one.model.predict(tune.features) for one in fits]
if "exactly" in sys.argv:
    np.testing.assert_array_equal(*predictions)
assert fits[0].history["loss"].iloc[-1] < fits[0].history["loss"].iloc[0]
fits[0].model.save(folder / "model.keras")
loaded = load_model(folder / "model.keras").predict(tune.features)
np.testing.assert_array_equal(loaded, predictions[0])
settings = fits[0].settings
print("settings:", settings["precision"], settings["xla"], settings["optimizer"]["name"])
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Whatever a test sets is undone."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("precision", "xla", "said"),
    [
        ("mixed_bfloat16", False, "mixed_bfloat16 False adam"),
        ("mixed_float16", False, "mixed_float16 False adam"),
        ("float32", True, "float32 True adam"),
    ],
)
def test_networks_are_fitted_as_the_run_says(tmp_path, precision, xla, said):
    assert set_arithmetic("tensorflow", precision, xla, not xla, gpus=0) == []
    paths = [str(FOLDER / part) for part in ("scripts", "tests", "tests/unit")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", FIT, str(tmp_path), *([] if xla else ["exactly"])]
    result = subprocess.run(command, env=environment, text=True, capture_output=True)
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"settings: {said}" in result.stdout


def test_a_run_within_a_run_has_its_own_settings():
    set_arithmetic("tensorflow", "mixed_bfloat16", True, False, gpus=0)
    assert [os.environ[name] for name in NAMES[:3]] == ["mixed_bfloat16", "1", "0"]
    assert set_arithmetic("tensorflow", "float32", False, True, gpus=0) == []
    assert [os.environ[name] for name in NAMES[:3]] == ["float32", "0", "1"]
    assert not any(name in os.environ for name in NAMES[3:])


def test_xla_is_off_where_it_would_not_be_deterministic_and_the_run_says_so():
    (remark,) = set_arithmetic("tensorflow", "float32", True, True, gpus=0)
    assert "compute.xla is off" in remark and os.environ[XLA] == "0"
    assert set_arithmetic("tensorflow", "float32", True, False, gpus=1) == []
    assert (os.environ[XLA], os.environ[DETERMINISTIC]) == ("1", "0")


def test_xla_has_no_effect_on_pytorch():
    (remark,) = set_arithmetic("torch", "float32", True, True, gpus=0)
    assert "no effect" in remark and os.environ[XLA] == "0"


def test_a_gpu_is_asked_for_deterministic_operations_beside_what_was_set():
    os.environ["XLA_FLAGS"] = "--xla_dump_to=dump"
    for _ in range(2):
        set_arithmetic("jax", "float32", False, True, gpus=1)
    assert os.environ["XLA_FLAGS"] == "--xla_dump_to=dump --xla_gpu_deterministic_ops=true"
    set_arithmetic("torch", "float32", False, True, gpus=1)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
