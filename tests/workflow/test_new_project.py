"""A newcomer's first data set: a new project, ten edited lines, one command, a report."""

import difflib
import json
import random
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from projects import FOLDER, WITHOUT_CONTROLS

from new_project import COPIED

ANSWERS = {
    "question": "Can sequences with a TATA box be told from others?",
    "endpoint": "whether the box was planted",
    "design": "simulated",
    "unit": "one sequence",
    "replicates": "none",
    "plan": "The best network against the best baseline by AUPRC on test.",
}
SMALL = {
    "tuning": {"trials": 1, "max_epochs": 2},
    "fit": {"seeds": 1},
    "explore": {"permutations": 19},
    "evaluation": {"bootstrap": 100},
    **WITHOUT_CONTROLS,
}
"""So that the test is short; a person would leave the budget as it is."""


def make_new(folder):
    command = [sys.executable, FOLDER / "workflow" / "support" / "new_project.py", folder]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("newcomer") / "my_study"
    result = make_new(folder)
    assert result.returncode == 0, result.stderr
    return folder


def write_fasta(path, box, seed):
    """120 sequences of 60 bases, with a box in the middle."""
    draw = random.Random(seed)
    with open(path, "w") as file:
        for number in range(120):
            left, middle, right = ("".join(draw.choices("ACGT", k=k)) for k in (27, 6, 27))
            print(f">{path.stem}_{number}\n{left}{box or middle}{right}", file=file)


def edit(path, changes):
    """Replace pieces of text, each of which occurs once; returns how many lines have changed."""
    before = after = path.read_text()
    for old, new in changes.items():
        assert after.count(old) == 1, old
        after = after.replace(old, new)
    path.write_text(after)
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return sum(line.startswith("+ ") for line in lines)


def test_it_has_an_empty_study_and_nobodys_results(project):
    study = yaml.safe_load((project / "config" / "study.yaml").read_text())
    assert not any(study[key] for key in ANSWERS)
    assert "simulate" not in (project / "config" / "config.yaml").read_text()
    for name in ("results", "resources", "records", "runs", "logs", ".snakemake", ".venv"):
        assert not (project / name).exists()
    log = subprocess.run(["git", "-C", project, "log", "--oneline"], capture_output=True, text=True)
    assert len(log.stdout.splitlines()) <= 1


def test_nothing_of_the_workflow_is_forgotten():
    tracked = subprocess.run(
        ["git", "-C", FOLDER, "ls-files"], capture_output=True, text=True
    ).stdout.splitlines()
    if not tracked:
        pytest.skip("not in a repository")
    assert {path.split("/")[0] for path in tracked} - {"records", "data", "resources"} == set(
        COPIED
    )


def test_a_folder_with_something_in_it_is_left_alone(project):
    result = make_new(project)
    assert result.returncode != 0 and "is not empty" in result.stderr


def snakemake(project, *arguments):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    result = subprocess.run(
        command, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return result.returncode, result.stdout


def test_an_unedited_study_stops_the_run_and_says_what_is_missing(project):
    code, said = snakemake(project, "--dry-run")
    assert code != 0
    assert all(f"{key}:" in said for key in ANSWERS)


def test_ten_edited_lines_lead_to_a_report(project):
    write_fasta(project / "data" / "with_box.fa", "TATAAA", seed=1)
    write_fasta(project / "data" / "without.fa", "", seed=2)
    template = "{}: {{url: data/{}.fa, format: fasta, values: {{class: {}}}}}"
    edited = edit(
        project / "config" / "study.yaml",
        {f"\n{key}:": f"\n{key}: {answer}" for key, answer in ANSWERS.items()},
    )
    edited += edit(
        project / "config" / "config.yaml",
        {
            "positive: positive  ": "positive: box  ",
            template.format("positive", "positive", "positive"): template.format(
                "box", "with_box", "box"
            ),
            template.format("negative", "negative", "negative"): template.format(
                "others", "without", "other"
            ),
        },
    )
    assert edited <= 10
    settings = [f"{key}={json.dumps(value)}" for key, value in SMALL.items()]
    code, said = snakemake(project, "--config", *settings)
    assert code == 0, said[-5000:]
    report = (project / "results" / "report" / "report.html").read_text(encoding="utf-8")
    assert ANSWERS["question"] in report
    trials = pd.read_csv(project / "results" / "tune" / "trials.tsv", sep="\t")
    assert {"logistic_regression", "gradient_boosting", "cnn"} <= set(trials["model"])
