"""Whatever ends a job says where it happened, where its log is, and whose fault it is."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deeprules.last_words import last_words

FOLDER = Path(__file__).parents[2]
JOB = """
import sys, threading
from types import SimpleNamespace
from deeprules.errors import InputError
from deeprules.following import start_run
from deeprules.logs import start_log
snakemake = SimpleNamespace(rule="fit_network")
start_log("job.log")
{}
"""
FAULT = "This is a fault of the workflow"
ENDS = {
    "a fault of the library": (
        "import os\nos.environ = None\nstart_run(False)",
        ("fit_network: ", FAULT, "scripts/deeprules/", ", line ", "The traceback is in job.log"),
    ),
    "a fault of the script": ("{}['x']", ("fit_network: KeyError: 'x'", FAULT)),
    "a fault within a fault": (
        "try:\n    {}['x']\nexcept KeyError as e:\n    raise RuntimeError('it broke') from e",
        ("RuntimeError: it broke, from KeyError: 'x'", FAULT),
    ),
    "no memory": (
        "try:\n    raise MemoryError\nexcept MemoryError as e:\n    raise RuntimeError('x') from e",
        ("fit_network: there was not enough memory", "compute.mem_mb"),
    ),
    "a full disk": (
        "raise OSError(28, 'No space left on device', 'results/x.npy')",
        ("the disk is full (results/x.npy", "Make room"),
    ),
    "a read-only folder": (
        "raise OSError(30, 'Read-only file system', 'records/x')",
        ("records/x may not be read or written (Read-only file system)",),
    ),
    "no permission": ("raise PermissionError(13, 'no', 'a')", ("a may not be read or written",)),
    "a loop of links": ("import os\nos.symlink('b', 'b')\nopen('b')", ("b could not be used",)),
    "a thread": (
        "t = threading.Thread(target=lambda: {}['x'])\nt.start()\nt.join()\nsys.exit(1)",
        ("fit_network: KeyError: 'x'", FAULT),
    ),
}


def run(folder, body):
    """What a job that ends in an exception prints."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER / "scripts")}
    command = [sys.executable, "-c", JOB.replace("{}", body, 1)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize(("body", "words"), ENDS.values(), ids=ENDS.keys())
def test_an_exception_is_told_in_words_and_its_traceback_is_in_the_log(tmp_path, body, words):
    shown, log = run(tmp_path, body), (tmp_path / "job.log").read_text()
    for word in words:
        assert word in shown and word in log
    assert (FAULT in shown) == (FAULT in words)
    assert "Traceback" not in shown
    assert "Traceback (most recent call last)" in log


def test_bad_input_and_an_interruption_have_words_of_their_own(tmp_path):
    shown = run(tmp_path, "raise InputError('genes.tsv: row 3 is empty. Fill it.')")
    assert shown.rstrip().endswith("Error: genes.tsv: row 3 is empty. Fill it.")
    log = (tmp_path / "job.log").read_text()
    assert FAULT not in log and "Traceback" not in log
    shown = run(tmp_path, "raise KeyboardInterrupt")
    assert "fit_network: interrupted. Run again" in shown and FAULT not in shown


def test_a_log_that_cannot_be_written_is_told_too(tmp_path):
    (tmp_path / "job.log").mkdir()
    assert "fit_network: " in run(tmp_path, "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_both_names_of_a_move_are_told(number):
    words = last_words(OSError(number, os.strerror(number), "a", None, "b"), "split_dataset")
    assert "the disk is full (a and b: " in words
