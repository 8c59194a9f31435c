"""The workflow through SLURM: where its jobs ran, with what, and one search of two jobs."""

import pandas as pd
import yaml
from clusters import FOLDER, Run
from projects import small_config, write_project

TRIALS = "results/tune/{model}/trials.tsv"


def test_two_jobs_share_a_search_and_one_is_cancelled(cluster, tmp_path):
    """Each with a GPU, side by side; one is cancelled after the first trial."""
    config = small_config(
        compute={"gpu": 1, "allow_cpu": True, "mem_mb": 3000, "runtime": 30},
        tuning={"trials": 6, "max_epochs": 3, "patience": 3, "workers": 2},
    )
    target = TRIALS.format(model="cnn")
    path = write_project(tmp_path, config)
    run = Run(tmp_path, FOLDER / "Snakefile", target, "--configfile", path)
    rule = "rule_run_network_trials"
    run.wait_until(lambda: len(cluster.jobs(rule, JobState="RUNNING")) == 2)
    for job in cluster.jobs(rule):
        assert job["Partition"] == "gpu" and "gpu:1" in job["TresPerJob"]
        assert job["MinMemoryNode"] == "3000M"
    ended = tmp_path / "results" / "tune" / "cnn" / "ended"
    run.wait_until(lambda: any(ended.glob("*/*.json")))
    cluster.ask("scancel", cluster.jobs(rule, JobState="RUNNING")[0]["JobId"])
    run.finish()
    states = sorted((job["JobState"], job["MinMemoryNode"]) for job in cluster.jobs(rule))
    assert states == [("CANCELLED", "3000M"), ("COMPLETED", "3000M"), ("COMPLETED", "6000M")]
    table = pd.read_csv(tmp_path / target, sep="\t")
    assert table["status"].tolist() == ["completed"] * 6


def test_the_demo_runs_from_end_to_end(cluster, tmp_path):
    """As `make demo`, with fewer examples, trials and baselines and a GPU for networks."""
    example = FOLDER / "config" / "examples" / "simulated_sequences" / "config.yaml"
    config = yaml.safe_load(example.read_text())
    config["study"] = str(FOLDER / config["study"])
    kept = ("logistic_regression", "gradient_boosting", "cnn")
    config["models"] = {name: config["models"][name] for name in kept}
    config["data"]["sources"]["sequences"]["simulate"] |= {"n": 1200, "groups": 120}
    config["tuning"] |= {"trials": 2, "max_epochs": 6, "workers": 1}
    config["compute"] = {"gpu": 1, "allow_cpu": True, "mem_mb": 2500, "runtime": 30}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    Run(tmp_path, FOLDER / "Snakefile", "--configfile", path).finish()
    assert (tmp_path / "results" / "report" / "report.html").exists()
    searches = cluster.jobs(str(tmp_path), JobState="COMPLETED") or cluster.jobs("rule_tune_")
    assert {job["Partition"] for job in searches} == {"cpu", "gpu"}
    assert all("gpu:1" in job["TresPerJob"] for job in searches if job["Partition"] == "gpu")
