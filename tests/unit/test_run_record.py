import ast
import json
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from deeprules import run_record as module
from deeprules.evaluate.ledger_history import is_tracked
from deeprules.git import run_git
from deeprules.run_record import git_state, hardware, package_versions, run_record

ROOT = Path(__file__).parents[2]
CONFIG = {"seed": 7, "fit": {"seeds": 3}, "data": {"modality": "sequence"}}


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init")
    (tmp_path / "Snakefile").write_text("rule all:\n")
    git(tmp_path, "add", "Snakefile")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_record_holds_config_and_seeds_and_is_plain_json(tmp_path):
    record = run_record(CONFIG, tmp_path)
    assert record["config"] == CONFIG
    assert record["seeds"] == {"run": 7, "final_fits": 3}
    assert json.loads(json.dumps(record)) == record


def test_clean_repository(repository):
    state = git_state(repository)
    assert len(state["commit"]) == 40
    assert state["dirty"] is False
    assert state["changes"] == []


def test_edited_and_new_files_make_it_dirty(repository):
    (repository / "Snakefile").write_text("rule other:\n")
    (repository / "new.py").write_text("")
    state = git_state(repository)
    assert state["dirty"] is True
    assert state["changes"] == [" M Snakefile", "?? new.py"]


def test_the_runs_own_records_do_not_make_it_dirty(repository):
    (repository / "records" / "ledger").mkdir(parents=True)
    (repository / "records" / "ledger" / "openings.jsonl").write_text("{}\n")
    assert git_state(repository)["dirty"] is False


def test_variables_of_another_repository_change_nothing(repository, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other")
    git(other, "init")
    git(other, "commit", "--allow-empty", "-m", "other")
    before = git_state(repository)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert git_state(repository) == before
    assert is_tracked(repository) is False
    (repository / "openings.jsonl").write_text("")
    run_git(repository, "add", "openings.jsonl")
    assert is_tracked(repository) is False
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    run_git(repository, *names, "commit", "-m", "opened")
    assert is_tracked(repository) is True


def test_a_repository_that_only_lies_around_it_is_not_named(repository):
    (repository / ".gitignore").write_text("elsewhere\n")
    (repository / "elsewhere").mkdir()
    state = git_state(repository / "elsewhere")
    assert state["commit"] is None and "holds none of its files" in state["note"]


def test_outside_a_repository_the_note_says_so(tmp_path):
    state = git_state(tmp_path)
    assert state["commit"] is None
    assert "not a git repository" in state["note"]


def test_without_git_the_note_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path)["note"] == "git is not installed"


WITHOUT_A_PART_IN_RESULTS = {
    *("logomaker", "markupsafe", "pyyaml", "requests", "rocrate", "threadpoolctl"),
}


def test_the_version_of_whatever_the_library_imports_is_recorded():
    """Of what is installed here, except what shows, reads settings or writes archives."""
    files = (ROOT / "scripts" / "deeprules").rglob("*.py")
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    packages = packages_distributions()
    imported = {one.lower() for name in names for one in packages.get(name.split(".")[0], ())}
    recorded = {name.lower().replace("-", "_") for name in module.PACKAGES}
    imported = {name.replace("-", "_") for name in imported - WITHOUT_A_PART_IN_RESULTS}
    assert "lightgbm" in imported and imported <= recorded


def test_packages_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr(module, "PACKAGES", ("numpy", "no-such-package-at-all"))
    assert list(package_versions()) == ["numpy"]


def test_hardware_without_nvidia_smi_lists_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    facts = hardware()
    assert facts["gpus"] == []
    assert facts["cores"] >= 1
    assert facts["memory_gb"] > 0
    assert facts["cpu"]


def test_gpus_come_from_nvidia_smi(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771 MiB, 570.1'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert hardware()["gpus"] == ["NVIDIA H200, 143771 MiB, 570.1"]
