"""The last lines of a run say what was found and where it lies, or what failed and its log."""

import json
from pathlib import Path

import pytest
import warm_starts

from deeprules_workflow.last_lines import N_LINES, failure_lines, success_lines

FOLDER = Path(__file__).parents[2]
SNAKEFILE = """
import sys
sys.path[:0] = [{folder!r} + "/workflow", {folder!r} + "/scripts"]
from deeprules_workflow import last_lines
last_lines.start(workflow)

rule write_report:
    output: "results/report/report.html"
    log: "logs/write_report.log"
    shell: "echo '10:00:00 Error: first.tsv: row 3 is empty.' > {{log}}; {end} {{output}}"

onsuccess:
    last_lines.tell_success(workflow)

onerror:
    last_lines.tell_failure(workflow)
"""


def run(folder: Path, end: str, *options: str) -> list[str]:
    """Lines that a small run prints."""
    (folder / "results/conclusion").mkdir(parents=True, exist_ok=True)
    verdict = {"sentence": "Use the network `cnn`: AUPRC .9 against .8."}
    (folder / "results/conclusion/verdict.json").write_text(json.dumps(verdict))
    (folder / "Snakefile").write_text(SNAKEFILE.format(folder=str(FOLDER), end=end))
    done = warm_starts.snakemake(folder, "--cores", 1, *options)
    assert (done.returncode == 0) == (end == "touch")
    return done.stdout.strip().splitlines()


@pytest.mark.parametrize("options", [[], ["--quiet", "all"]], ids=["aloud", "quiet"])
def test_a_run_ends_with_its_verdict_and_the_path_of_the_report(tmp_path, options):
    verdict, report = run(tmp_path, "touch", *options)[-2:]
    assert verdict == "Use the network `cnn`: AUPRC .9 against .8."
    assert report == f"The report: {tmp_path}/results/report/report.html"
    assert run(tmp_path, "touch", *options)[-2:] == [verdict, report], "with nothing left to do"
    assert report not in run(tmp_path, "touch", "--dry-run", *options)


def test_a_run_that_fails_ends_with_what_failed_and_where_its_log_is(tmp_path):
    failed, why, log, advice = run(tmp_path, "false")[-4:]
    assert failed == "Failed: write_report."
    assert why == "10:00:00 Error: first.tsv: row 3 is empty."
    assert log == "Its log: logs/write_report.log"
    assert advice.startswith("Run again")


def test_every_thing_that_was_asked_for_has_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = [("write_paper", "results/paper"), ("write_report", "report.html")]
    made += [("report_predictions", f"results/predict/{name}/report.html") for name in "ba"]
    assert success_lines(made) == [
        f"The report: {tmp_path}/report.html",
        f"The paper kit: {tmp_path}/results/paper",
        f"Predictions: {tmp_path}/results/predict/a/report.html",
        f"Predictions: {tmp_path}/results/predict/b/report.html",
    ]


def test_a_look_at_the_data_has_no_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert success_lines([]) == []


def test_an_error_is_told_without_its_traceback_and_not_at_any_length(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("10:00:00 epoch 1\n10:00:01 Error: it broke\nTraceback (most recent)\n  x\n")
    lines = failure_lines([("fit_model", {"model": "cnn", "seed": "1"}, [str(log)])])
    assert lines[:3] == [
        "Failed: fit_model (cnn, 1).",
        "10:00:01 Error: it broke",
        f"Its log: {log}",
    ]
    log.write_text("10:00:01 Error: many problems:\n" + "row\n" * 30)
    lines = failure_lines([("build_dataset", {}, [str(log)])])
    assert lines[N_LINES + 1] == "... and 19 more lines"


def test_a_job_that_was_killed_is_told_without_a_log(tmp_path):
    lines = failure_lines([("fit_model", {}, [str(tmp_path / "none.log")])])
    assert "It ended before it could write a log." in lines


def test_of_many_failed_jobs_the_logs_of_all_are_told():
    lines = failure_lines([("fit_model", {}, [f"{k}.log"]) for k in range(5)])
    assert "2 more jobs failed: 3.log, 4.log" in lines
    assert sum(line.startswith("Failed: ") for line in lines) == 3
