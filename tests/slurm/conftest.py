"""These tests need the SLURM that tests/slurm/run.sh starts."""

import os
from pathlib import Path

import pytest
from clusters import TOOLS, Cluster


def pytest_collection_modifyitems(items):
    if "SLURM_CI_DIR" not in os.environ or TOOLS is None:
        for item in items:
            if Path(__file__).parent in Path(item.fspath).parents:
                item.add_marker(pytest.mark.skip(reason="run by tests/slurm/run.sh"))


@pytest.fixture(scope="session")
def cluster():
    watched = Cluster()
    yield watched
    watched.is_watched = False
