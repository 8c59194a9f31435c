"""The console of a job shows its own lines, with their model and seed; its log all others too."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2]
JOB = """
import logging, warnings
from types import SimpleNamespace
noisy = logging.getLogger("tensorflow")
noisy.addHandler(logging.StreamHandler())
from deeprules.logs import start_log
snakemake = SimpleNamespace(rule="fit_network", wildcards={wildcards})
log = start_log("job.log")
noisy.warning("5 out of the last 13 calls triggered tf.function retracing")
logging.getLogger("fontTools.subset").info("Glyph names")
logging.getLogger("absl").warning("computation placer is already registered")
warnings.warn("a package is old")
log.info("epoch 3: loss .5")
log.info("`cnn` learnt")
log.warning("Warning: it is slow.")
log.error("Error: it broke")
"""


def run(folder: Path, wildcards: dict) -> list[str]:
    """Lines that a job prints, without their time."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER / "scripts")}
    command = [sys.executable, "-c", JOB.format(wildcards=wildcards)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    return [line.split(" ", 1)[1] for line in done.stderr.splitlines()]


def test_each_line_begins_with_model_and_seed_and_packages_are_silent(tmp_path):
    assert run(tmp_path, {"model": "cnn", "seed": "2"}) == [
        "cnn, seed 2: epoch 3: loss .5",
        "`cnn` learnt",
        "Warning: it is slow.",
        "Error: it broke",
    ]


def test_a_job_of_no_model_has_no_name_before_its_lines(tmp_path):
    assert run(tmp_path, {"source": "peaks"})[0] == "epoch 3: loss .5"


def test_warnings_of_packages_are_in_the_log(tmp_path):
    run(tmp_path, {"model": "cnn"})
    log = (tmp_path / "job.log").read_text()
    for words in ("retracing", "already registered", "a package is old", "epoch 3", "it broke"):
        assert log.count(words) == 1
    assert "Glyph names" not in log
