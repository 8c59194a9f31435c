"""Precision, XLA and determinism of networks: what the run sets is what fits do."""

import os

import pytest
from network_fits import run_python

from deeprules.arithmetic import DETERMINISTIC, PRECISION, XLA, set_arithmetic

NAMES = (PRECISION, XLA, DETERMINISTIC, "XLA_FLAGS", "CUBLAS_WORKSPACE_CONFIG")
CACHE = ("JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS")

FIT = """
import sys
from pathlib import Path

import numpy as np
from network_fits import SMALL_MLP, fit_and_load

from deeprules.fit.fitting import limit_threads

limit_threads("network", 1)
name, modality, values = {
    "cnn": ("cnn", "sequence", {
        "blocks": 1, "dropout": 0.0, "learning_rate": 0.01, "filters": 8, "units": 8,
        "strands": "as_given",
    }),
    "mlp": ("mlp", "tabular", SMALL_MLP),
}[sys.argv[2]]
found, (first, *others) = fit_and_load(
    Path(sys.argv[1]), name, modality, epochs=3, n_train=96, fits=int(sys.argv[3]), **values
)
for other in others:
    np.testing.assert_array_equal(first, other)
print("settings:", *(found.settings[key] for key in ("precision", "xla")))
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Whatever a test sets is undone."""
    for name in (*NAMES, *CACHE):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("precision", "xla", "network"),
    [
        ("mixed_bfloat16", False, "mlp"),
        ("mixed_float16", False, "mlp"),
        ("float32", True, "cnn"),
    ],
)
def test_networks_are_fitted_as_the_run_says(tmp_path, precision, xla, network):
    assert set_arithmetic("tensorflow", precision, xla, not xla, gpus=0) == []
    said = run_python(FIT, tmp_path, network, 1 if xla else 2)  # XLA's steps need not be the same
    assert f"settings: {precision} {xla}" in said


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


def test_jobs_on_a_gpu_share_what_jax_has_compiled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    set_arithmetic("jax", "float32", False, True, gpus=0)
    assert not any(name in os.environ for name in CACHE)
    set_arithmetic("jax", "float32", False, True, gpus=1)
    assert os.environ[CACHE[0]] == str(tmp_path / ".cache" / "jax")
    os.environ[CACHE[0]] = "elsewhere"
    set_arithmetic("jax", "float32", False, True, gpus=1)
    assert os.environ[CACHE[0]] == "elsewhere"
