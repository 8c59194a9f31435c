"""Whole runs: what they leave behind, what stops them, and how they go on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
import yaml
from projects import FOLDER, STUDY, WITHOUT_CONTROLS, small_config, snakemake, write_project


@pytest.fixture
def project(finished_run, tmp_path):
    """A copy of the finished run that a test may change."""
    shutil.copytree(finished_run / "project", tmp_path / "project")
    return tmp_path / "project"


def openings(project):
    return (project / "records" / "ledger" / "openings.jsonl").read_text().splitlines()


def rerun(project, *arguments, **changes):
    """Run the project again with another configuration, as the workflow stands here."""
    if changes:
        write_project(project, small_config(**changes))
    return snakemake(project, *arguments)


def test_a_run_leaves_every_result_that_is_promised(finished_run):
    results = finished_run / "project" / "results"
    report = (results / "report" / "report.html").read_text(encoding="utf-8")
    assert len(report) > 1e6 and STUDY["question"] in report
    trials = pd.read_csv(results / "tune" / "trials.tsv", sep="\t")
    assert set(trials["model"]) == {
        "logistic_regression", "cnn", "majority_class", "composition", "metadata"
    }  # fmt: skip
    assert trials.groupby("model").size().drop("majority_class").eq(2).all()
    frozen = json.loads((results / "frozen.json").read_text())
    assert frozen["chosen"]["network"] == "cnn"
    assert len(openings(finished_run / "project")) == 1
    study = json.loads((results / "study.json").read_text())["sha256"]
    for name in ("frozen", "evaluation/verdict", "evaluation/opening"):
        assert json.loads((results / f"{name}.json").read_text())["study_sha256"] == study
    config = yaml.safe_load((results / "config.yaml").read_text())
    assert config["tuning"]["objective"] == "auprc"
    certificate = json.loads((results / "controls" / "determinism" / "summary.json").read_text())
    assert certificate["model"] == "cnn" and certificate["is_identical"]
    probes = pd.read_csv(results / "controls" / "nuisance_probes" / "table.tsv", sep="\t")
    assert "GC share" in set(probes["nuisance"])


def test_no_group_stands_in_two_partitions(finished_run):
    results = finished_run / "project" / "results"
    groups = [
        set(pd.read_parquet(results / part / "examples.parquet")["group"])
        for part in ("split/train", "split/tune", "sealed/test")
    ]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]


def test_an_edited_ledger_stops_the_run_and_a_sound_one_makes_it_a_repeat(project):
    shutil.rmtree(project / "results" / "evaluation")
    ledger = project / "records" / "ledger" / "openings.jsonl"
    sound = ledger.read_text()
    ledger.write_text(sound.replace('"first"', '"other"'))
    result = rerun(project, "results/evaluation/opening.json")
    assert result.returncode != 0
    assert "openings.jsonl" in result.stdout
    ledger.write_text(sound)
    result = rerun(project, "results/evaluation/opening.json")
    assert result.returncode == 0, result.stdout[-3000:]
    assert len(openings(project)) == 1
    opening = json.loads((project / "results" / "evaluation" / "opening.json").read_text())
    assert opening["kind"] == "repeat"


def test_another_seed_of_the_split_does_not_open_the_test_set_again(project):
    changes = {"seed": 2, "models": {"logistic_regression": {}}, "fit": {"seeds": 1}}
    changes |= WITHOUT_CONTROLS
    opening = "results/evaluation/opening.json"
    result = rerun(project, opening, **changes)
    assert result.returncode != 0
    assert "`evaluation: reopen`" in result.stdout
    assert "Traceback" not in result.stdout.split("Error:")[-1]
    assert len(openings(project)) == 1

    reason = "Reviewers asked for a second seed."
    result = rerun(project, opening, evaluation__reopen=reason, **changes)
    assert result.returncode == 0, result.stdout[-3000:]
    assert len(openings(project)) == 2
    assert json.loads((project / opening).read_text())["reason"] == reason


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"tuning__trails": 3, "seed": "one"}, ["did you mean `trials`?", "seed: "]),
        (
            {"models": {"perceptron": {}}, "data__positive": None, "data__group": None},
            ["models.perceptron", "data.positive", "data.group"],
        ),
    ],
    ids=["against the schema", "against each other"],
)
def test_a_wrong_configuration_stops_before_any_job(tmp_path, changes, messages):
    write_project(tmp_path, small_config(**changes))
    result = snakemake(tmp_path)
    assert result.returncode != 0
    assert all(message in result.stdout for message in messages), result.stdout
    assert "Traceback" not in result.stdout
    assert not (tmp_path / "results").exists()


def test_an_absent_label_column_is_named(tmp_path):
    write_project(tmp_path, small_config(data__label="outcome"))
    result = snakemake(tmp_path, "results/dataset/dataset.json")
    assert result.returncode != 0
    assert "outcome" in result.stdout
    assert not (tmp_path / "results" / "dataset" / "examples.parquet").exists()


SCORES = ("results/tune/trials.tsv", "results/evaluation/scores.tsv")


def stop_when(project, happens, stop):
    """Start the run, as far as `SCORES`, and stop it by `stop(its process)` once `happens()`."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(project)]
    command += ["--snakefile", str(FOLDER / "Snakefile")]
    command += ["--configfile", str(project / "config.yaml"), "--rerun-incomplete", *SCORES]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 600
        while not happens():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        stop(process.pid)


def kill_alone(process):
    """Kill Snakemake, but none of its jobs: no memory left, or a person's `kill -9`."""
    os.kill(process, signal.SIGKILL)


def kill_all(process):
    """Kill Snakemake and all its jobs at once: much like a power loss."""
    os.killpg(process, signal.SIGKILL)


def end(process):
    """Ask Snakemake to end, which waits for its jobs: a machine that shuts down."""
    os.kill(process, signal.SIGTERM)


def interrupt(process):
    """Ctrl-C."""
    os.killpg(process, signal.SIGINT)


def text_of(path):
    return path.read_text() if path.exists() else ""


def test_a_run_stopped_in_every_way_ends_as_if_it_had_not_been(finished_run, project):
    """From the search of the network on: what comes before it, and the baselines, is there."""
    for later in ("results/tune/cnn", "results/fit/cnn", "results/evaluation", "records/ledger"):
        shutil.rmtree(project / later)
    log = project / "logs" / "tune_model" / "cnn.log"
    fit_log = project / "logs" / "fit_model" / "cnn" / "real.log"
    evaluation_log = project / "logs" / "evaluate_test.log"
    frozen = project / "results" / "frozen.json"
    for path in (log, fit_log, evaluation_log, frozen):
        path.unlink()
    stop_when(project, lambda: "trial 1 of 2" in text_of(log), kill_alone)
    # Its jobs follow it within a second, and write nothing more.
    time.sleep(1)
    assert not (project / "results" / "tune" / "cnn" / "best.yaml").exists()

    stop_when(project, lambda: "epoch 1" in text_of(fit_log), kill_all)
    assert "going on after" in text_of(log)
    stop_when(project, frozen.exists, end)
    stop_when(project, evaluation_log.exists, interrupt)

    result = snakemake(project, *SCORES, "--rerun-incomplete")
    assert result.returncode == 0, result.stdout[-3000:]
    assert not list(project.rglob(".unfinished*"))
    for path in SCORES:
        resumed, whole = (
            pd.read_csv(folder / path, sep="\t").drop(columns="seconds", errors="ignore")
            for folder in (project, finished_run / "project")
        )
        pd.testing.assert_frame_equal(resumed, whole)
