"""Processes that end with the run that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deeprules.following import RUN, this_process

FOLDER = Path(__file__).parents[2]
SLEEPS = """
import sys, time
from deeprules.logs import start_log
start_log(sys.argv[1])
print("started", flush=True)
time.sleep(30)
"""


@pytest.fixture
def started(tmp_path):
    """Start programs, and end what is left of them."""
    processes = []

    def start(program, *arguments, run=None):
        environment = {**os.environ, "PYTHONPATH": str(FOLDER / "scripts")}
        environment |= {RUN: run} if run else {}
        command = [sys.executable, "-c", program, str(tmp_path / "log"), *arguments]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout.readline() == "started\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def ends_within(seconds, process):
    """Whether a process of which only the number is known ends in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_job_ends_when_its_run_is_killed(started, tmp_path):
    run = started(SLEEPS)
    host = this_process().rpartition(":")[0]
    job = started(SLEEPS, run=f"{host}:{run.pid}")
    time.sleep(1.2)
    assert job.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert job.wait(5) == 1
    assert "is gone" in (tmp_path / "log").read_text()


def test_a_job_outlives_a_run_that_cannot_be_seen(started):
    gone = subprocess.Popen(["true"])
    gone.wait()
    host = this_process().rpartition(":")[0]
    jobs = [started(SLEEPS, run=run) for run in (f"{host}:{gone.pid}", "elsewhere:1", "nonsense")]
    time.sleep(1.2)
    assert [job.poll() for job in jobs] == [None] * 3


NESTED = """
import sys
sys.path.insert(0, {workflow!r})
from deeprules_workflow import interruptions
interruptions.start(workflow)
rule wait:
    output: "done"
    log: "wait.log"
    script: {script!r}
"""
JOB = """
import os, sys, time
sys.path.insert(0, {scripts!r})
from deeprules.logs import start_log
start_log(snakemake.log[0])
open("job.pid", "w").write(str(os.getpid()))
time.sleep(60)
"""
OUTER = """
import sys
from deeprules.pretrain.pretraining import _run
print("started", flush=True)
_run([sys.executable, "-m", "snakemake", "--cores", "1", "-s", sys.argv[2], "-d", sys.argv[3]],
     "name", "config")
"""


@pytest.mark.parametrize("kill", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_within_a_job_and_its_jobs_end_with_that_job(started, tmp_path, kill):
    snakefile, script = tmp_path / "Snakefile", tmp_path / "job.py"
    script.write_text(JOB.format(scripts=str(FOLDER / "scripts")))
    workflow = str(FOLDER / "workflow")
    snakefile.write_text(NESTED.format(workflow=workflow, script=str(script)))
    outer = started(OUTER, str(snakefile), str(tmp_path))
    pid_file = tmp_path / "job.pid"
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text()):
        assert outer.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    children = psutil.Process(outer.pid).children()
    # Beside it stands the shell that ends it with the job.
    (nested,) = (child.pid for child in children if child.name() != "sh")
    outer.send_signal(kill)
    outer.wait()
    assert ends_within(5, nested)
    assert ends_within(5, int(pid_file.read_text()))
