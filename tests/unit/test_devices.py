"""GPUs are shared out: no two jobs have the same, and a job that dies gives its own back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deeprules import devices
from deeprules.devices import (
    ALLOW_CPU,
    GIVEN,
    HELD,
    POOL,
    VISIBLE,
    WANTED,
    share_out_gpus,
    show_all_gpus,
    take_gpus,
)
from deeprules.errors import InputError

FOLDER = Path(__file__).parents[2]
JOB = """
import time
from deeprules.devices import take_gpus
print(",".join(take_gpus()), flush=True)
time.sleep(60)
"""
NAMES = (VISIBLE, WANTED, POOL, HELD, GIVEN, ALLOW_CPU, "TF_FORCE_GPU_ALLOW_GROWTH")
NAMES += ("XLA_PYTHON_CLIENT_PREALLOCATE",)


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    """An environment without GPUs, and lock files in a folder of the test's own."""
    for name in NAMES:
        # Set first, so that what the code sets is undone as well.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield
    while devices._leases:
        devices._leases.pop().close()


@pytest.fixture
def job():
    """Start jobs that take GPUs and keep them."""
    running = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, "-c", JOB],
            env={**os.environ, "PYTHONPATH": str(FOLDER / "scripts"), **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_two_jobs_never_share_a_gpu_and_a_killed_one_gives_it_back(job):
    environment = {WANTED: "1", POOL: "0,1"}
    first, second = job(**environment), job(**environment)
    taken = [process.stdout.readline().strip() for process in (first, second)]
    assert sorted(taken) == ["0", "1"]
    third = job(**environment)
    with pytest.raises(subprocess.TimeoutExpired):
        third.wait(2)
    second.kill()
    second.wait()
    assert third.stdout.readline().strip() == taken[1]


def test_what_a_job_starts_shares_its_gpus_and_does_not_wait_for_them(job, monkeypatch):
    monkeypatch.setenv(WANTED, "1")
    monkeypatch.setenv(POOL, "7")
    assert take_gpus() == take_gpus() == ["7"]
    # As a process that is shown the GPU, and as the jobs of a run within a job, which are not.
    for visible in ("7", ""):
        within = job(**{VISIBLE: visible})
        assert within.stdout.readline().strip() == "7"
    outside = job(**{WANTED: "1", POOL: "7", HELD: ""})
    with pytest.raises(subprocess.TimeoutExpired):
        outside.wait(1)


def test_a_run_within_a_job_that_wants_no_gpu_takes_none(monkeypatch):
    monkeypatch.setenv(VISIBLE, "4")
    share_out_gpus(1, allow_cpu=False, on_cluster=False)
    share_out_gpus(0, allow_cpu=False, on_cluster=False)
    assert take_gpus() == [] and os.environ[VISIBLE] == ""


def test_a_job_takes_all_it_wants_or_waits(job):
    one = job(**{WANTED: "1", POOL: "a,b"})
    assert one.stdout.readline().strip() == "a"
    both = job(**{WANTED: "2", POOL: "a,b"})
    another = job(**{WANTED: "1", POOL: "a,b"})
    assert another.stdout.readline().strip() == "b"
    one.kill(), another.kill()
    assert both.stdout.readline().strip() == "a,b"


def test_ids_with_slashes_are_no_paths_and_an_id_twice_is_one_gpu(job, monkeypatch):
    with_slash = job(**{WANTED: "1", POOL: "MIG-GPU-0a/1/0"})
    assert with_slash.stdout.readline().strip() == "MIG-GPU-0a/1/0"
    monkeypatch.setenv(WANTED, "2")
    monkeypatch.setenv(POOL, "0,0")
    with pytest.raises(InputError, match="this machine shows 1"):
        take_gpus()


def test_jobs_see_no_gpu_until_they_take_one(monkeypatch):
    monkeypatch.setenv(VISIBLE, "4,5")
    share_out_gpus(1, allow_cpu=False, on_cluster=False)
    assert os.environ[VISIBLE] == "" and os.environ[POOL] == "4,5"
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    # A run within a job sees hidden devices, and keeps the pool of the outer one.
    share_out_gpus(1, allow_cpu=False, on_cluster=False)
    assert os.environ[POOL] == "4,5"
    assert take_gpus() == ["4"] and os.environ[VISIBLE] == "4"


@pytest.mark.parametrize("given", [None, "", "3"])
def test_the_check_sees_what_the_run_was_given(monkeypatch, given):
    monkeypatch.setenv("PATH", "")
    if given is not None:
        monkeypatch.setenv(VISIBLE, given)
    share_out_gpus(1, allow_cpu=False, on_cluster=False)
    share_out_gpus(1, allow_cpu=False, on_cluster=False)
    show_all_gpus()
    assert os.environ.get(VISIBLE) == given


def test_nothing_is_hidden_on_a_cluster_or_without_wanted_gpus(monkeypatch):
    monkeypatch.setenv(VISIBLE, "0")
    share_out_gpus(0, allow_cpu=False, on_cluster=False)
    assert os.environ[VISIBLE] == "0" and take_gpus() == []
    share_out_gpus(1, allow_cpu=False, on_cluster=True)
    assert os.environ[VISIBLE] == "0" and take_gpus() == []


def test_too_few_gpus_stop_a_job_unless_the_processor_is_allowed(monkeypatch):
    monkeypatch.setenv(VISIBLE, "0")
    share_out_gpus(2, allow_cpu=False, on_cluster=False)
    with pytest.raises(InputError, match="shows 1"):
        take_gpus()
    monkeypatch.setenv(ALLOW_CPU, "1")
    assert take_gpus() == [] and os.environ[VISIBLE] == ""


def test_the_driver_counts_the_gpus(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: A'\necho '  MIG 1g'\necho 'GPU 1: B'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert devices.visible_gpus() == ["0", "1"]
    program.write_text("#!/bin/sh\necho 'no driver'\nexit 9\n")
    assert devices.visible_gpus() == []
