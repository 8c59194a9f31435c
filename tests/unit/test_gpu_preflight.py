"""Planted causes of an absent GPU: each is named. No GPU is needed, and none was at hand.

That the backend is asked in a job, workflow/test_gpu_rules.py shows.
"""

import os

import pytest

from deeprules.checks.gpu_preflight import ask_driver, likely_cause, require_gpus
from deeprules.errors import InputError

DRIVER = {"found": True, "error": None, "devices": ["NVIDIA A100, 40960 MiB, 550.54"]}
WORKING = {
    "backend": "tensorflow",
    "versions": {"tensorflow": "2.21.0"},
    "cuda": "12.5.1",
    "visible": None,
    "in_container": False,
    "device_files": True,
    "driver": DRIVER,
    "devices": ["/physical_device:GPU:0"],
}
ABSENT = {**WORKING, "devices": []}
NO_DRIVER = {"found": False, "error": None, "devices": []}
BROKEN_DRIVER = {**NO_DRIVER, "found": True, "error": "Driver/library version mismatch"}


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        ({"visible": ""}, "CUDA_VISIBLE_DEVICES is ''"),
        ({"visible": "-1"}, "hides every GPU"),
        ({"in_container": True, "device_files": False, "driver": NO_DRIVER}, "--nv"),
        ({"device_files": False, "driver": NO_DRIVER}, "no NVIDIA driver"),
        ({"driver": BROKEN_DRIVER}, "version mismatch"),
        ({"cuda": None, "versions": {"tensorflow-cpu": "2.21.0"}}, "tensorflow-cpu 2.21.0"),
        ({"visible": "7"}, "name one of them"),
        ({}, "libraries"),
    ],
)
def test_each_cause_is_named(planted, words):
    found = {**ABSENT, **planted}
    assert words in likely_cause(found, 1)
    with pytest.raises(InputError, match="allow_cpu"):
        require_gpus(found, 1, allow_cpu=False)
    allowed = require_gpus(found, 1, allow_cpu=True)
    assert allowed["status"] == "warn" and words in allowed["cause"]


def test_enough_gpus_pass_and_too_few_are_told():
    assert require_gpus(WORKING, 1, allow_cpu=False)["status"] == "pass"
    assert "lower compute.gpu" in likely_cause(WORKING, 2)


def fake_driver(folder, monkeypatch, script):
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_what_the_driver_says_is_read(tmp_path, monkeypatch):
    fake_driver(tmp_path, monkeypatch, "echo 'NVIDIA A100, 40960 MiB, 550.54'")
    assert ask_driver() == DRIVER
    fake_driver(tmp_path, monkeypatch, "echo 'Failed to initialize NVML'; exit 9")
    assert ask_driver()["error"] == "Failed to initialize NVML"
    monkeypatch.setattr("deeprules.checks.gpu_preflight.SECONDS", 0.3)
    fake_driver(tmp_path, monkeypatch, "exec sleep 5")
    assert "did not answer" in ask_driver()["error"]
    monkeypatch.setenv("PATH", "")
    assert ask_driver() == NO_DRIVER
