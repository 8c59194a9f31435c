"""Programs end with the job that started them, and so does what they started."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deeprules import processes

SCRIPTS = Path(__file__).parents[2] / "scripts"
WAITS = "import subprocess, sys, time; subprocess.Popen(['sleep', '300']); time.sleep(300)"
"""A program that starts another one, and waits."""
SHORT_QUESTIONS = {"confinement", "devices", "git", "gpu_preflight", "processes", "run_record"}
"""Modules that ask a program something that takes a moment, and the one that starts others."""


def in_session(process: int) -> list[int]:
    """Live processes of a program's session, by Linux's own list."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == process and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def wait_until(holds, seconds=20):
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_job_leaves_nothing_behind(number):
    job = (
        f"import signal, sys; sys.path.insert(0, {str(SCRIPTS)!r})\n"
        # Where the tests run in the background, it would be ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from deeprules.processes import started\n"
        f"with started([sys.executable, '-c', {WAITS!r}]) as process:\n"
        "    print(process.pid, flush=True)\n"
        "    process.wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", job], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        program = int(process.stdout.readline())
        assert wait_until(lambda: len(in_session(program)) == 2)
        process.send_signal(number)
    assert wait_until(lambda: not in_session(program))


def test_what_a_program_leaves_running_ends_with_it():
    script = "sleep 300 >/dev/null 2>&1 & echo $!"
    done = processes.run(["sh", "-c", script], text=True)
    assert done.returncode == 0

    def is_gone():
        try:
            os.kill(int(done.stdout), 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{int(done.stdout)}/stat")
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"

    assert wait_until(is_gone)


def test_a_program_is_run_as_by_subprocess():
    done = processes.run(["sh", "-c", "echo out; echo err >&2; exit 3"], text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
    both = processes.run(["sh", "-c", "echo err >&2"], stderr=subprocess.STDOUT, text=True)
    assert (both.stdout, both.stderr) == ("err\n", None)
    with pytest.raises(FileNotFoundError):
        processes.run(["no-such-program"])


def test_no_module_starts_a_program_by_itself():
    starting = {
        path.stem
        for path in (SCRIPTS / "deeprules").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("subprocess.run", "subprocess.Popen", "os.system")
    }
    assert starting == SHORT_QUESTIONS
