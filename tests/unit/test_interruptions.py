"""Locks of runs that are gone are removed, those of living runs are not."""

import pytest

from deeprules_workflow.interruptions import remove_stale_locks


@pytest.fixture
def state(tmp_path):
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "0.input.lock").write_text("results/a\n")
    return tmp_path


def locks(state):
    return list((state / "locks").iterdir())


def test_the_only_run_removes_the_locks_that_others_left(state):
    with remove_stale_locks(state):
        assert not locks(state)


def test_locks_stay_while_another_run_is_alive(state):
    with remove_stale_locks(state):
        (state / "locks" / "0.input.lock").write_text("results/a\n")
        with remove_stale_locks(state):
            assert locks(state)
        with remove_stale_locks(state):
            assert locks(state)
    with remove_stale_locks(state):
        assert not locks(state)


def test_a_folder_without_locks_is_fine(tmp_path):
    with remove_stale_locks(tmp_path):
        assert (tmp_path / "deeprules.lock").exists()
