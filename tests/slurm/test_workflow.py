"""The workflow through SLURM: where its jobs ran, with what, and one search on many tasks."""

import json
import re

import pandas as pd
import yaml
from clusters import FOLDER, Run
from projects import small_config, write_project

TRIALS = "results/tune/{model}/trials.tsv"


def test_a_cancelled_search_on_many_tasks_goes_on(cluster, tmp_path):
    """Two tasks of one allocation with a GPU; the job is cancelled after its first trial."""
    config = small_config(
        compute={"gpu": 1, "allow_cpu": True, "mem_mb": 3000, "runtime": 30},
        tuning={"trials": 6, "max_epochs": 3, "patience": 3},
    )
    arguments = [TRIALS.format(model="cnn"), "--configfile", write_project(tmp_path, config)]
    arguments += ["--set-resources", "tune_network:mpi=srun", "tune_network:tasks=2"]
    arguments += ["tune_network:tasks_per_gpu=0"]
    run = Run(tmp_path, FOLDER / "Snakefile", *arguments)
    job = cluster.wait_for(run, "rule_tune_network", JobState="RUNNING")
    assert (job["Partition"], job["NumTasks"]) == ("gpu", "2")
    assert "gpu:1" in job["TresPerJob"] and job["MinMemoryNode"] == "3000M"
    states = tmp_path / "results" / "tune" / "cnn" / "search"
    run.wait_until(lambda: any(is_completed(path) for path in states.glob("*/trial_*/trial.json")))
    cluster.ask("scancel", job["JobId"])
    run.finish()
    first, second = cluster.jobs("rule_tune_network")
    assert (first["JobState"], second["JobState"]) == ("CANCELLED", "COMPLETED")
    assert second["MinMemoryNode"] == "6000M"
    table = pd.read_csv(tmp_path / TRIALS.format(model="cnn"), sep="\t")
    assert table["status"].tolist() == ["completed"] * 6
    assert re.search("going on after [1-5]", (tmp_path / "logs/tune_model/cnn.log").read_text())


def test_the_demo_runs_from_end_to_end(cluster, tmp_path):
    """As `make demo`, with fewer baselines and a GPU for networks."""
    example = FOLDER / "config" / "examples" / "simulated_sequences" / "config.yaml"
    config = yaml.safe_load(example.read_text())
    config["study"] = str(FOLDER / config["study"])
    kept = ("logistic_regression", "gradient_boosting", "cnn")
    config["models"] = {name: config["models"][name] for name in kept}
    config["compute"] = {"gpu": 1, "allow_cpu": True, "mem_mb": 2500, "runtime": 30}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    Run(tmp_path, FOLDER / "Snakefile", "--configfile", path).finish()
    assert (tmp_path / "results" / "report" / "report.html").exists()
    searches = cluster.jobs(str(tmp_path), JobState="COMPLETED") or cluster.jobs("rule_tune_")
    assert {job["Partition"] for job in searches} == {"cpu", "gpu"}
    assert all("gpu:1" in job["TresPerJob"] for job in searches if job["Partition"] == "gpu")


def is_completed(path):
    """Whether a trial on disk has ended."""
    return path.exists() and json.loads(path.read_text())["status"] == "COMPLETED"
