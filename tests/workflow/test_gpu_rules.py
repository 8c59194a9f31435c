"""Where GPUs are asked for, whatever trains a network first waits for the check that they exist."""

import os
import re

import pytest
from environment_files import rule_blocks
from projects import FOLDER, planned_jobs, small_config, snakemake, write_project

from deeprules.costs import part_of

CHECK = "results/checks/gpu.json"


def test_networks_wait_for_the_check_of_the_gpu(tmp_path):
    write_project(tmp_path, small_config(compute={"gpu": 1}))
    planned = planned_jobs(snakemake(tmp_path, "--dry-run").stdout)
    assert [job["output"] for job in planned if job["rule"] == "check_gpu"] == [[CHECK]]
    (network,) = [job for job in planned if job["rule"] == "check_network"]
    assert CHECK in network["input"]
    (search,) = [job for job in planned if "results/tune/cnn/trials.tsv" in job["output"]]
    assert network["output"][0] in search["input"]


def test_the_energy_of_a_gpu_is_counted_wherever_one_is_asked_for():
    """Besides jobs of a network, which have its name; some rules are of no run or train nothing."""
    asking = {name for name, block in rule_blocks() if 'gpu=config["compute"]["gpu"]' in block}
    trains = asking - {"fit_network", "check_gpu", "run_simulated_cell"}
    assert trains and {part_of(name) for name in trains} == {"pretraining"}


def test_every_job_that_takes_gpus_asks_for_them():
    """A job that takes what its rule does not ask for would wait where nothing waits for it."""
    takes = re.compile(r"limit_threads\(|open_chosen\(|open_search\(|take_gpus\(")
    scripts = {
        path.stem for path in (FOLDER / "scripts").glob("*.py") if takes.search(path.read_text())
    }
    asking = {"fit_model"}  # a baseline's; `fit_network` is the same script with a GPU
    for name, block in rule_blocks():
        asking |= {name} if re.search(r"^\s+gpu=", block, re.MULTILINE) else set()
    assert "tune_model" in scripts and scripts <= asking


@pytest.mark.skipif(os.path.exists("/dev/nvidiactl"), reason="this machine has a GPU")
def test_a_run_that_finds_no_gpu_stops_and_names_the_cause(tmp_path):
    write_project(tmp_path, small_config(compute={"gpu": 1}))
    result = snakemake(tmp_path, CHECK)
    assert result.returncode != 0
    assert "Likely cause: " in result.stdout and "allow_cpu" in result.stdout
    assert "Traceback" not in result.stdout
