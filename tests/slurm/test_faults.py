"""What a cluster does to jobs, and what the profile makes of it."""

import os
import signal
import subprocess
import time
from pathlib import Path

from clusters import TOOLS, Run

FAULTS = Path(__file__).parent / "faults.smk"
OUTAGE = 40
"""Seconds without a scheduler."""


def test_jobs_survive_limits_cancelling_an_outage_and_a_drained_node(cluster, tmp_path):
    run = Run(tmp_path, FAULTS)
    for name in ("patient", "cancelled"):
        run.wait_until((tmp_path / f"{name}.started").exists)
    cluster.ask("scancel", cluster.wait_for(run, "rule_cancelled", JobState="RUNNING")["JobId"])
    for name in ("over_memory", "over_time", "cancelled"):
        run.wait_until((tmp_path / f"{name}.txt").exists)
    stop_the_scheduler()
    time.sleep(OUTAGE)
    start_the_scheduler()
    cluster.ask("scontrol", "update", "nodename=ci1", "state=drain", "reason=test")
    run.wait_until(lambda: "drain" in cluster.ask("sinfo", "--noheader", "--format=%T"))
    (tmp_path / "release").touch()
    run.wait_until((tmp_path / "patient.txt").exists)
    cluster.ask("scontrol", "update", "nodename=ci1", "state=resume")
    run.finish()
    attempts = {path.stem: path.read_text().strip() for path in tmp_path.glob("*.txt")}
    assert attempts == {"over_memory": "2", "over_time": "2", "cancelled": "2", "patient": "1"}
    first, second = cluster.jobs("rule_over_memory")
    assert (first["MinMemoryNode"], second["MinMemoryNode"]) == ("1000M", "2000M")
    first, second = cluster.jobs("rule_over_time")
    assert (first["TimeLimit"], second["TimeLimit"]) == ("00:01:00", "00:02:00")
    assert first["JobState"] == "TIMEOUT"


def test_a_killed_snakemake_goes_on_as_the_documentation_says(cluster, tmp_path):
    run = Run(tmp_path, FAULTS, "long.txt")
    job = cluster.wait_for(run, "rule_long", JobState="RUNNING")
    run.wait_until((tmp_path / "started.txt").exists)
    run.kill()
    assert cluster.ask("squeue", "--noheader", "--jobs", job["JobId"])
    subprocess.run(["scancel", "--name", job["JobName"]], check=True)
    Run(tmp_path, FAULTS, "--unlock").finish()
    Run(tmp_path, FAULTS, "long.txt").finish()
    assert (tmp_path / "long.txt").exists()
    assert cluster.seen[job["JobId"]]["JobState"] == "CANCELLED"
    assert len((tmp_path / "started.txt").read_text().split()) == 2


def stop_the_scheduler():
    """End slurmctld by its process number."""
    number = int((Path(os.environ["SLURM_CONF"]).parent / "ctld" / "slurmctld.pid").read_text())
    os.kill(number, signal.SIGTERM)
    while Path(f"/proc/{number}").exists():
        time.sleep(0.1)


def start_the_scheduler():
    """Start what is missing; the state that the scheduler had saved is kept."""
    subprocess.run([f"{TOOLS}/start-slurm.sh"], check=True)
