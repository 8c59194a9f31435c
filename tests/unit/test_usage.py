"""What a job used is written when it ends, however it ends."""

import os
import platform
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from deeprules.files import read_table

SCRIPTS = Path(__file__).parents[2] / "scripts"

BURN = """
import subprocess, sys, time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(10_000))
CHILD = "import time\\nend = time.process_time() + 1\\nwhile time.process_time() < end: pass"
"""


def job(folder, body, **settings):
    """A job that keeps a log and then does `body`."""
    program = folder / "job.py"
    # Where the tests run in the background, an interrupt would be ignored.
    start = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    start += f"import sys\nsys.path.insert(0, {str(SCRIPTS)!r})\n"
    start += "from deeprules.logs import start_log\n"
    log = folder / "logs" / "fit_model" / "cnn.log"
    program.write_text(f"{start}{BURN}start_log({str(log)!r})\n{textwrap.dedent(body)}")
    return subprocess.Popen([sys.executable, str(program)], **settings)


def usage(folder):
    """Its rows."""
    return read_table(folder / "logs" / "fit_model" / "cnn.usage.tsv")


def core_seconds(process):
    """Core time of a job and of its programs, as the kernel tells the one that waits for it."""
    _, _, used = os.wait4(process.pid, 0)
    return used.ru_utime + used.ru_stime


def test_the_core_time_is_that_of_the_kernel_with_programs_it_started(tmp_path):
    process = job(tmp_path, "burn(2)\nsubprocess.run([sys.executable, '-c', CHILD])")
    began, truth = time.monotonic(), core_seconds(process)
    seconds = time.monotonic() - began
    [row] = usage(tmp_path).to_dict("records")
    assert row["outcome"] == "done"
    # The end of the interpreter itself comes after the last look.
    assert truth > 3 and row["core_seconds"] == pytest.approx(truth, rel=0.02, abs=0.3)
    # Python starts before the job does, which takes longer the busier the machine is.
    assert 3 < row["seconds"] < seconds
    assert row["memory_mb"] > 20


def test_attempts_that_failed_are_kept_until_one_is_done(tmp_path):
    for body, outcomes in (
        ("raise SystemError('x')", ["failed"]),
        ("pass", ["failed", "done"]),
        ("pass", ["done"]),
    ):
        job(tmp_path, body, stderr=subprocess.DEVNULL).wait()
        assert list(usage(tmp_path)["outcome"]) == outcomes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_job_counts_and_says_so(tmp_path, number):
    process = job(tmp_path, "print('ready', flush=True)\nburn(60)", stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.5)
    process.send_signal(number)
    assert process.wait(20) != 0
    process.stdout.close()
    assert list(usage(tmp_path)["outcome"]) == ["failed"]
    assert usage(tmp_path)["core_seconds"].item() > 0.3
    assert "interrupted. Run again" in (tmp_path / "logs" / "fit_model" / "cnn.log").read_text()


def test_a_job_whose_run_is_gone_counts(tmp_path):
    run = subprocess.Popen(["sleep", "60"])
    environment = {**os.environ, "DEEPRULES_RUN": f"{platform.node()}:{run.pid}"}
    process = job(tmp_path, "time.sleep(60)", env=environment, stderr=subprocess.DEVNULL)
    while not (tmp_path / "logs" / "fit_model" / "cnn.log").exists():
        time.sleep(0.05)
    run.kill()
    run.wait()
    assert process.wait(20) == 1
    assert list(usage(tmp_path)["outcome"]) == ["failed"]
