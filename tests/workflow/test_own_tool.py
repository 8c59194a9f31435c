"""A user's own tools as baselines: what their jobs read, and a whole run to the report."""

import json
import shutil
import sys

import pandas as pd
import pytest
import yaml
from environment_files import rule_blocks
from projects import FOLDER, planned_jobs, small_config, snakemake, write_project

from deeprules.fit.models import load_model

EXAMPLE = FOLDER / "config" / "examples" / "own_tool"
FITTING = ("tune_model", "fit_model", "run_controls", "evaluate_test")


def tools(folder):
    """The tools of the example, with their scripts in `folder`, run by this Python."""
    entries = yaml.safe_load((EXAMPLE / "config.yaml").read_text())["models"]
    entries = {name: entry for name, entry in entries.items() if entry}
    for entry in entries.values():
        for key in ("command", "train_command", "version_command"):
            if key in entry:
                entry[key] = entry[key].replace("python3", sys.executable)
        name = entry["files"]["script"].rpartition("/")[2]
        entry["files"]["script"] = str(shutil.copy(EXAMPLE / name, folder))
    return entries


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A finished run with the tools of the example alone, which is all that is looked at here."""
    folder = tmp_path_factory.mktemp("own_tool")
    curve = {"models": ["weight_matrix"], "shares": [0.5, 1.0], "seeds": 1}
    controls = {"shuffled_labels": 3, "budget": 0.01, "learning_curve": curve}
    controls |= {"split_stringency": False}
    config = small_config(models=tools(folder), fit__seeds=1, data__batch=None, controls=controls)
    write_project(folder / "project", config)
    result = snakemake(folder / "project")
    assert result.returncode == 0, result.stdout[-5000:]
    return folder / "project"


def test_every_job_that_runs_a_tool_waits_for_its_description(tmp_path):
    (tmp_path / "own.yaml").write_text("dependencies: [own]\n")
    entry = tools(tmp_path)["weight_matrix"] | {"environment": "own.yaml"}
    models = {"own": entry, "logistic_regression": {}}
    write_project(tmp_path, small_config(models=models))
    jobs = planned_jobs(snakemake(tmp_path, "-n").stdout)
    description = "results/tools/own.json"
    for job in jobs:
        of_tool = "/own" in " ".join(job["output"]) or job["rule"] == "evaluate_test"
        is_told = (job["rule"] in FITTING and of_tool) or job["rule"] == "conclude_run"
        assert (description in job["input"]) == is_told, job
    (located,) = [job for job in jobs if job["rule"] == "locate_tool"]
    (described,) = [job for job in jobs if job["rule"] == "describe_tool"]
    assert located["input"] == [str(tmp_path / "own.yaml")]
    assert {*located["input"], *located["output"], entry["files"]["script"]} < {*described["input"]}


def test_every_rule_that_fits_any_model_gives_it_all_that_it_needs():
    """Networks alone start from a pretrained model; a rule for any model has tools to serve too."""
    for name, rule in rule_blocks():
        assert "unpack(pretrained_inputs)" not in rule or "one_of(NETWORKS)" in rule, name


def test_a_run_with_tools_ends_with_a_report_that_names_them(project):
    page = (project / "results/report/report.html").read_text(encoding="utf-8")
    assert "Tools of your own" in page and "weight_matrix 1.0" in page
    assert "score {examples} {model} {scores}" in page
    frozen = json.loads((project / "results/frozen.json").read_text())
    assert {"weight_matrix", "motif_count"} < frozen["models"].keys()
    assert frozen["models"]["weight_matrix"]["kind"] == "baseline"
    described = json.loads((project / "results/tools/weight_matrix.json").read_text())
    assert {"results", "resources", "records"} <= {*described["hidden"]}
    assert bool(described["cautions"]) == (described["confined"] is None)
    verdict = json.loads((project / "results/conclusion/verdict.json").read_text())
    said = [caution["sentence"] for caution in verdict.get("cautions", [])]
    assert all(caution["sentence"] in said for caution in described["cautions"])


def test_the_same_fit_of_a_tool_in_another_process_is_bitwise_the_same(project):
    found = json.loads((project / "results/controls/determinism/summary.json").read_text())
    assert found["model"] in ("weight_matrix", "motif_count")
    assert found["is_identical"] and found["backend"] == "commands of its own"


def test_the_trained_model_travels_with_the_fit(project):
    model = load_model(project / "results/fit/weight_matrix/real/seed1/model.joblib")
    (content,) = model.estimator.model_files_.values()
    chosen = model.estimator.hyperparameters["width"]
    assert len(content.splitlines()) == chosen


def test_the_learning_curve_and_the_controls_hold_for_a_tool(project):
    curve = "results/controls/tables/weight_matrix/1/learning_curve.parquet"
    assert (project / curve).exists()
    frozen = json.loads((project / "results/frozen.json").read_text())
    controls = json.loads((project / "results/controls/shuffled_labels/summary.json").read_text())
    assert {one["model"] for one in controls["entries"]} == {frozen["chosen"]["baseline"]}


def test_controls_that_cost_more_than_allowed_are_repeated_less_often(project):
    folder = project / "results/controls"
    rows = json.loads((folder / "plan.json").read_text())["controls"]
    (planned,) = [one for one in rows if one["control"] == "shuffled_labels"]
    assert (planned["configured"], planned["repeats"]) == (3, 1)
    scores = pd.read_csv(folder / "shuffled_labels" / "table.tsv", sep="\t")
    assert set(scores["repeat"]) == {1}
    page = (project / "results/report/report.html").read_text(encoding="utf-8")
    assert f"<code>{planned['model']}</code>: 1 of 3 permutations of the labels" in page


def test_an_edited_script_is_noticed_and_another_tool_is_left_alone(project):
    script = project.parent / "motif_count.py"
    original = script.read_text()
    script.write_text(original + "\n# Edited.\n")
    jobs = planned_jobs(snakemake(project, "-n").stdout)
    script.write_text(original)
    assert [job["output"] for job in jobs if job["rule"] == "describe_tool"] == [
        ["results/tools/motif_count.json"]
    ]
    tuned = {job["output"][0] for job in jobs if job["rule"] == "tune_model"}
    assert tuned == {"results/tune/motif_count/trials.tsv"}


def test_a_tool_that_is_not_there_stops_the_run_before_the_search(tmp_path):
    entry = {"module": "command", "command": "no_such_program {examples}"}
    write_project(tmp_path, small_config(models={"own": entry}))
    result = snakemake(tmp_path, "results/tune/own/best.yaml")
    assert result.returncode != 0
    assert "no program `no_such_program`" in result.stdout
    assert "Traceback" not in result.stdout.split("Error:")[-1]
