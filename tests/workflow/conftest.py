"""One finished run that several tests look at."""

import fcntl
import shutil

import pytest
from projects import FOLDER, small_config, snakemake, write_project


def pytest_collection_modifyitems(items):
    """Start with the files that take longest, so that two processes end at one time."""
    longest = ("workflow", "user_files")
    items.sort(key=lambda item: (*longest, item.path.parent.name).index(item.path.parent.name))


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory, worker_id):
    """A folder with a copy of the workflow in `workflow` and a finished run in `project`.

    Where several processes test, the first one makes it. One file alone may edit the workflow.
    """
    if worker_id == "master":
        return finish_run(tmp_path_factory.getbasetemp() / "finished")
    shared = tmp_path_factory.getbasetemp().parent / "finished"
    with open(shared.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "project" / "results" / "report" / "report.html").exists():
            shutil.rmtree(shared, ignore_errors=True)
            finish_run(shared)
    return shared


def finish_run(folder):
    """Copy the workflow, write a small project beside it, and run it to its end."""
    ignored = shutil.ignore_patterns("__pycache__", ".*", "runs", "results", "tests")
    shutil.copytree(FOLDER, folder / "workflow", ignore=ignored)
    write_project(folder / "project", small_config())
    result = snakemake(folder / "project", workflow=folder / "workflow")
    assert result.returncode == 0, result.stdout[-5000:]
    return folder
