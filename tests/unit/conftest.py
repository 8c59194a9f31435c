"""What tests of downloads and of networks share."""

import sys

import pytest
from local_server import LocalServer


def pytest_runtest_setup():
    """Run graphs as they are traced: to optimise one takes longer than its few runs in a test."""
    if "tensorflow" in sys.modules:
        config = sys.modules["tensorflow"].config.optimizer
        if not config.get_experimental_options().get("disable_meta_optimizer"):
            config.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture
def working_directory(tmp_path, monkeypatch):
    """An empty working directory, and no proxy between the test and localhost."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server():
    """A running server on localhost."""
    with LocalServer() as running:
        yield running


@pytest.fixture
def uncompiled_fits():
    """Networks of a test are not compiled, which takes longer than their few steps do."""
    from network_fits import uncompiled

    with uncompiled():
        yield
