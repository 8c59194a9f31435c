"""One finished run that several tests look at."""

import shutil

import pytest
from projects import FOLDER, small_config, snakemake, write_project


# Before the one of pytest-xdist, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Let one process take all tests that look at the finished run, which it then makes once.

    Whole runs take longest, so they start first.
    """
    for item in items:
        group = "finished_run" if looks_at_the_run(item) else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (not looks_at_the_run(item), item.path.parent.name != "workflow"))


def looks_at_the_run(item):
    """Whether a test needs the finished run."""
    return "finished_run" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A folder with a copy of the workflow in `workflow` and a finished run in `project`."""
    folder = tmp_path_factory.mktemp("finished")
    ignored = shutil.ignore_patterns("__pycache__", ".*", "runs", "results", "tests")
    shutil.copytree(FOLDER, folder / "workflow", ignore=ignored)
    write_project(folder / "project", small_config())
    result = snakemake(folder / "project", workflow=folder / "workflow")
    assert result.returncode == 0, result.stdout[-5000:]
    return folder
