"""The workflow within other workflows: as a module, under a prefix, from a repository."""

import re
import shutil
import subprocess

import pytest
import warm_starts
from projects import FOLDER, planned_jobs, small_config, write_project

RUN_FOLDERS = ("results/", "resources/", "logs/", "records/")
ROWS = [f"{'ACGT'[i % 4] * 10}{'ACGT'[i // 4 % 4] * 10},{i % 2}" for i in range(40)]


def project(folder, snakefile):
    """A working directory with its own Snakefile, configuration and data."""
    folder.mkdir()
    (folder / "data.csv").write_text("\n".join(["sequence,label", *ROWS]))
    config = small_config(
        data__sources={"mine": {"url": "data.csv", "format": "table"}},
        data__positive="1",
        data__group=None,
        data__batch=None,
        split__strategy="stratified",
        study="config/study.yaml",
    )
    write_project(folder / "config", config)
    (folder / "Snakefile").write_text(snakefile)
    return folder


def run(folder, *arguments, **environment):
    result = warm_starts.snakemake(folder, "--cores", 2, *arguments, **environment)
    assert result.returncode == 0, result.stdout[-5000:]
    return result.stdout


AS_MODULE = f"""
configfile: "config/config.yaml"

module deeprules:
    snakefile: "{FOLDER / "workflow" / "Snakefile"}"
    config: config
    prefix: "deep"

use rule * from deeprules as deep_*

rule figure:
    input: "deep/results/report/report.html"
    output: "figure.txt"
    shell: "touch {{output}}"
"""


@pytest.fixture(scope="module")
def module_project(tmp_path_factory):
    return project(tmp_path_factory.mktemp("module") / "paper", AS_MODULE)


def test_a_module_under_a_prefix_keeps_everything_below_it(module_project):
    jobs = planned_jobs(run(module_project, "--dry-run", "figure"))
    own = [job for job in jobs if job["rule"].startswith("deep_")]
    assert {"deep_download_source", "deep_evaluate_test", "deep_write_report"} <= {
        job["rule"] for job in own
    }
    for job in own:
        paths = [path for key in ("input", "output", "log") for path in job[key]]
        assert not [path for path in paths if path.startswith(RUN_FOLDERS)], job["rule"]
    readers = {job["rule"] for job in own if any("sealed" in path for path in job["input"])}
    assert readers == {"deep_evaluate_test"}


def test_paths_in_params_are_put_under_the_prefix():
    folders = "results|resources|records"
    for path in (FOLDER / "workflow" / "rules").glob("*.smk"):
        for params in re.findall(r"^    params:\n((?: {8}.*\n)+)", path.read_text(), re.MULTILINE):
            assert not re.search(rf'= ?f?"({folders})["/]', params), path.name


def test_without_a_target_the_module_makes_its_report(module_project):
    assert "rule deep_all" in run(module_project, "--dry-run")


def test_jobs_of_a_module_write_below_its_prefix_too(module_project):
    run(module_project, "deep/results/split/split.json")
    assert (module_project / "deep/records/checksums/mine.json").exists()
    made = {path.name for path in module_project.iterdir()} - {".snakemake"}
    assert made == {"Snakefile", "config", "data.csv", "deep"}


DEPLOYED = """
from snakemake.utils import min_version

min_version("6.10.0")

configfile: "config/config.yaml"

module deeprules:
    snakefile:
        github("someone/deeprules", path="workflow/Snakefile", tag="v1")
    config:
        config

use rule * from deeprules
"""
"""As snakedeploy 0.17.1 writes it."""


def repository(folder):
    """The workflow as it stands here, as a bare clone that has the tag v1."""
    ignored = shutil.ignore_patterns(
        ".git", ".venv", ".snakemake", "__pycache__", "runs", ".*_cache"
    )
    shutil.copytree(FOLDER, folder / "work", ignore=ignored)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (
        ["init", "-q"],
        ["add", "."],
        [*identity, "commit", "-q", "-m", "A release"],
        ["tag", "v1"],
        ["clone", "-q", "--bare", ".", str(folder / "bare")],
    ):
        subprocess.run(["git", *command], cwd=folder / "work", check=True)
    return folder / "bare"


def test_what_snakedeploy_writes_runs_from_a_checkout(tmp_path):
    cached = tmp_path / "cache/snakemake/snakemake/source-cache/snakemake-git-cache"
    cached = cached / "github.com" / "someone" / "deeprules"
    cached.parent.mkdir(parents=True)
    repository(tmp_path).rename(cached)
    deployed = project(tmp_path / "project", DEPLOYED)
    run(deployed, "results/audit/audit.json", XDG_CACHE_HOME=str(tmp_path / "cache"))
    (checkout,) = (deployed / ".snakemake/deeprules").iterdir()
    assert (checkout / "scripts/deeprules/audit/audit.py").exists()
    planned = run(deployed, "--dry-run", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert "write_report" in planned and "download_source" not in planned
