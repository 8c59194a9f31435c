"""A search that several jobs share, as Snakemake runs it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from projects import FOLDER, planned_jobs, small_config, snakemake, write_project

SLOW = FOLDER / "tests" / "bench" / "sleeping_baseline.py"
TRIALS = "results/tune/sleeping_baseline/trials.tsv"


@pytest.mark.parametrize(("strategy", "jobs"), [("random", 4), ("hyperband", 17)])
def test_every_round_has_its_jobs(tmp_path, strategy, jobs):
    tuning = {"strategy": strategy, "trials": 10, "max_epochs": 9, "workers": 4}
    write_project(tmp_path, small_config(tuning=tuning, models={"cnn": {}, "majority_class": {}}))
    targets = [f"results/tune/{model}/best.yaml" for model in ("cnn", "majority_class")]
    planned = planned_jobs(snakemake(tmp_path, "-n", *targets).stdout)
    counted = Counter(job["rule"] for job in planned)
    assert counted["run_network_trials"] == jobs
    assert counted["run_trials"] == 0  # there is nothing to choose


class Slow:
    """A copy of the workflow with a baseline whose fits sleep, and a project."""

    def __init__(self, folder):
        self.folder, self.workflow = folder / "project", folder / "workflow"
        ignored = shutil.ignore_patterns("__pycache__", ".*", "runs", "results", "tests")
        shutil.copytree(FOLDER, self.workflow, ignore=ignored)
        shutil.copy(SLOW, self.workflow / "scripts" / "deeprules" / "baselines")
        self.write(workers=2)
        split = snakemake(self.folder, "results/split/split.json", workflow=self.workflow)
        assert split.returncode == 0, split.stdout[-3000:]

    def write(self, workers):
        """A configuration with so many jobs for the search."""
        tuning = {"trials": 6, "max_epochs": 3, "workers": workers}
        models = {"sleeping_baseline": {}}
        return write_project(self.folder, small_config(tuning=tuning, models=models))

    def start(self, workers):
        """Snakemake in a group of processes of its own."""
        path = self.write(workers)
        command = [sys.executable, "-m", "snakemake", TRIALS, "--cores", "2", "--rerun-incomplete"]
        command += ["--snakefile", self.workflow / "Snakefile", "--configfile", path]
        command += ["--directory", self.folder]
        with open(self.folder / "output.txt", "a") as output:
            return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    def ended(self):
        return {
            path: path.stat().st_mtime_ns
            for path in self.folder.glob("results/tune/*/ended/*/[!.]*.json")
        }

    def wait_for(self, number):
        """Wait until so many trials have ended."""
        deadline = time.monotonic() + 300
        while len(self.ended()) < number:
            assert time.monotonic() < deadline, (self.folder / "output.txt").read_text()[-3000:]
            time.sleep(0.05)


def test_killed_jobs_lose_nothing_but_the_trials_that_they_run(tmp_path):
    """One job is killed, then all and Snakemake; another number of jobs ends the search."""
    slow = Slow(tmp_path)
    run = slow.start(workers=2)
    slow.wait_for(1)
    os.kill(job_of(run.pid), signal.SIGKILL)
    assert run.wait(300) == 1
    run = slow.start(workers=2)
    slow.wait_for(4)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    kept = slow.ended()
    assert slow.start(workers=3).wait(300) == 0, (slow.folder / "output.txt").read_text()[-3000:]
    assert kept.items() <= slow.ended().items() and len(slow.ended()) == 6
    table = pd.read_csv(slow.folder / TRIALS, sep="\t")
    assert table["trial"].tolist() == list(range(6)) and table["hyperparameters"].is_unique


def job_of(snakemake):
    """The process below Snakemake that runs trials: a child of one with its packages."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = (process / "comm").read_text().strip()
            group = os.getpgid(int(process.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        if group == snakemake and name == "run_trials.py":
            return int(process.name)
    raise AssertionError("no job runs trials")
