"""A SLURM that tests/slurm/run.sh has started, and ways to run Snakemake on it."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

FOLDER = Path(__file__).parents[2]
TOOLS = os.environ.get("DEEPRULES_SLURM_TOOLS")
PATIENCE = float(os.environ.get("DEEPRULES_SLURM_PATIENCE", "2400"))
"""Seconds after which a test gives up waiting."""


class Cluster:
    """What the scheduler was seen to run: the last state of each job, by its id."""

    def __init__(self):
        self.seen = {}
        self.is_watched = True
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        while self.is_watched:
            for line in self.ask("scontrol", "show", "job", "--oneliner").splitlines():
                job = dict(re.findall(r"(\S+?)=(\S*)", line))
                if "JobId" in job:
                    self.seen[job["JobId"]] = job
            time.sleep(1)

    @staticmethod
    def ask(*command):
        """The answer of a program of SLURM, empty if it gives none."""
        found = subprocess.run(command, capture_output=True, text=True)
        return found.stdout if found.returncode == 0 else ""

    def jobs(self, comment, **facts):
        """Jobs seen so far, by a part of their comment (the rule) and by facts."""
        return [
            job
            for job in list(self.seen.values())
            if comment in job.get("Comment", "")
            and all(job.get(key) == value for key, value in facts.items())
        ]

    def wait_for(self, run, comment, **facts):
        """The first job of a run with a comment and facts, once it is there."""
        run.wait_until(lambda: self.jobs(comment, **facts))
        return self.jobs(comment, **facts)[0]


class Run:
    """A Snakemake with the profile; what it prints goes to `snakemake.log` in its folder."""

    def __init__(self, folder, snakefile, *arguments):
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile)]
        command += ["--profile", str(FOLDER / "workflow" / "profiles" / "slurm-ci")]
        command += ["--directory", str(folder), *map(str, arguments)]
        self.log = folder / "snakemake.log"
        with open(self.log, "a") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)

    def wait_until(self, is_true):
        """Look every half second until something is true that Snakemake must live to see."""
        end = time.monotonic() + PATIENCE
        while not is_true():
            assert self.process.poll() is None, self.log.read_text()[-6000:]
            assert time.monotonic() < end, "it did not come true in time"
            time.sleep(0.5)

    def finish(self):
        """Wait for Snakemake and fail with its log if it did."""
        assert self.process.wait(PATIENCE) == 0, self.log.read_text()[-6000:]

    def kill(self):
        """End Snakemake as nothing it could heed."""
        self.process.kill()
        self.process.wait()
