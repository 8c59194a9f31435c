"""One search over many workers: the table of one worker, whoever dies on the way."""

import os
import pickle
import socket
import sys
import threading
import time
from functools import partial
from multiprocessing import AuthenticationError, Pipe
from multiprocessing.connection import Client
from pathlib import Path
from types import SimpleNamespace

import keras_tuner
import numpy as np
import pandas as pd
import pytest
import unstable_baseline
from killed_searches import kill_at_every_write
from partitions import make_partition
from sklearn.linear_model import LogisticRegression

from deeprules import devices
from deeprules.data import Development
from deeprules.devices import HELD, POOL, VISIBLE, WANTED, take_gpus
from deeprules.errors import InputError
from deeprules.files import write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import find_module
from deeprules.tune.search import Search
from deeprules.tune.search_chief import listening
from deeprules.tune.tuning import search_model
from deeprules.tune.worker import Orders, work
from deeprules.tune.workers import Post, Workers

TESTS = Path(__file__).parents[1]


@pytest.fixture
def parts(tmp_path):
    return (
        make_partition(tmp_path / "train", 150, "tabular", n_features=8),
        make_partition(tmp_path / "tune", 60, "tabular", n_features=8, seed=1),
    )


@pytest.fixture
def deaths(tmp_path, monkeypatch):
    """Folder with a file for each death to come; workers find the baseline that dies."""
    folder = tmp_path / "deaths"
    folder.mkdir()
    monkeypatch.setenv("DEATHS", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    return folder


@pytest.fixture
def in_threads(monkeypatch):
    """Workers are threads of this process."""

    def start(workers, orders):
        return [partial(ThreadedWorker, orders)] * workers.number

    monkeypatch.setattr(Workers, "start", start)
    monkeypatch.setattr("deeprules.tune.search_chief.PAUSE", 0.01)


class ThreadedWorker:
    """What a chief sees of a process, in a thread."""

    def __init__(self, orders):
        self.orders: Orders = pickle.loads(orders.read_bytes())
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection = Client(self.orders.address, authkey=self.orders.key)
        try:
            work(connection, self.orders.open_trials, leave=lambda: None)
        finally:  # as the end of a process would, also while another thread reads
            with socket.socket(fileno=os.dup(connection.fileno())) as end:
                end.shutdown(socket.SHUT_RDWR)

    def poll(self):
        return None if self.thread.is_alive() else 0

    def terminate(self):
        raise AssertionError("the thread did not end by itself")

    kill = terminate

    def wait(self, timeout):
        self.thread.join(timeout)


def search(parts, folder, module, workers, kind="baseline", **changes):
    """The table of trials, without their times, and the best trial."""
    terms = {"strategy": "random", "trials": 4, "objective": "auprc", "seed": 5}
    terms = Search(**{**terms, "budget": Budget(3, 3), **changes})
    dataset = parts[0].folder.parent / "dataset.json"
    write_json(dataset, vars(parts[0].dataset))
    inputs = {"dataset": str(dataset)}
    for name, part in zip(("train", "tune"), parts, strict=True):
        inputs[f"{name}_features"] = str(part.folder / "features.npy")
    arguments = (terms, Candidate("model", kind, module), Development(*parts), folder)
    table, best = search_model(*arguments, Workers(workers), inputs)
    return table.drop(columns="seconds"), best


@pytest.fixture
def one_gpu(tmp_path, monkeypatch):
    """A pool of one GPU, which this process takes as a job does that searches for a network."""
    for name, value in {POOL: "0", WANTED: "1", VISIBLE: "", HELD: ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("deeprules.devices.lease_folder", lambda: tmp_path / "leases")
    take_gpus()
    yield
    while devices._leases:
        devices._leases.pop().close()


def test_two_processes_give_a_networks_table_of_one(parts, tmp_path, one_gpu):
    """They share the one GPU that their search has taken."""
    module = find_module("network", "mlp")
    alone, together = (
        search(parts, tmp_path / str(n), module, n, "network", trials=3, budget=Budget(1, 1))
        for n in (1, 2)
    )
    pd.testing.assert_frame_equal(together[0], alone[0])
    assert together[1] == alone[1]
    assert not (tmp_path / "2" / "orders").exists()


def test_a_worker_that_is_killed_costs_the_time_of_its_trial(parts, deaths, tmp_path):
    expected, _ = search(parts, tmp_path / "alone", unstable_baseline, 1, strategy="grid")
    (deaths / "one").touch()
    table, _ = search(parts, tmp_path / "killed", unstable_baseline, 2, strategy="grid")
    assert not list(deaths.iterdir())
    pd.testing.assert_frame_equal(table, expected)


def test_a_trial_that_kills_two_workers_has_failed(
    parts, deaths, tmp_path, caplog, in_threads, monkeypatch
):
    monkeypatch.setattr(unstable_baseline, "die", sys.exit)
    for name in ("one", "two", "three"):
        (deaths / name).touch()
    table, best = search(parts, tmp_path / "s", unstable_baseline, 2, strategy="grid")
    assert len(list(deaths.iterdir())) == 1
    assert table["status"].tolist() == ["completed", "failed", "completed", "completed"]
    assert table["message"][1].startswith("the worker that ran it died; most die of too little")
    assert best["trials_failed"] == 1
    assert caplog.text.count("died in trial 1") == 2


@pytest.mark.parametrize("strategy", ["random", "bayesian", "hyperband", "grid"])
def test_every_strategy_ends_with_many_workers(parts, tmp_path, in_threads, strategy):
    module = find_module("baseline", "nearest_neighbours")
    changes = {"strategy": strategy, "trials": 7}
    alone, _ = search(parts, tmp_path / "alone", module, 1, **changes)
    table, _ = search(parts, tmp_path / "many", module, 4, **changes)
    assert len(table) == len(alone) and table["status"].eq("completed").all()
    if strategy in ("random", "grid"):
        pd.testing.assert_frame_equal(table, alone)


@pytest.mark.parametrize("strategy", ["random", "grid"])
def test_a_chief_killed_at_any_write_goes_on_with_other_workers(
    parts, tmp_path, in_threads, strategy
):
    settings = {"strategy": strategy, "trials": 3}
    module = find_module("baseline", "nearest_neighbours")
    whole, _ = search(parts, tmp_path / "whole", module, 1, **settings)
    tries = kill_at_every_write(
        lambda writes: search(parts, tmp_path / str(writes), module, 3, **settings)
    )
    for writes in tries:
        table, _ = search(parts, tmp_path / str(writes), module, 2 - writes % 2, **settings)
        pd.testing.assert_frame_equal(table, whole, obj=f"write {writes}")
    assert writes >= 3 * len(whole)


def test_grid_search_keeps_every_worker_busy(parts, tmp_path, in_threads, monkeypatch):
    together = threading.Barrier(4, timeout=30)

    class Waiting(LogisticRegression):
        def fit(self, features, labels):
            together.wait()
            return super().fit(features, labels)

    monkeypatch.setattr(unstable_baseline, "LogisticRegression", Waiting)
    monkeypatch.setenv("DEATHS", str(tmp_path))
    monkeypatch.setattr(unstable_baseline, "DEADLY", 0)
    table, _ = search(parts, tmp_path / "s", unstable_baseline, 4, strategy="grid")
    assert table["status"].eq("completed").all()


def test_a_mistake_in_the_code_ends_the_search(parts, tmp_path, in_threads, monkeypatch):
    monkeypatch.setenv("DEATHS", str(tmp_path / "missing"))
    with pytest.raises(keras_tuner.errors.FatalError, match=r"No such file.*missing"):
        search(parts, tmp_path / "s", unstable_baseline, 2)


def test_what_a_worker_cannot_open_is_said_in_its_words(parts, tmp_path, in_threads, monkeypatch):
    def refuse(*_):
        raise InputError("compute.gpu: 2 GPUs are wanted")

    monkeypatch.setattr("deeprules.tune.trials.load_development", refuse)
    with pytest.raises(InputError, match="2 GPUs are wanted"):
        search(parts, tmp_path / "s", find_module("baseline", "nearest_neighbours"), 2)


@pytest.mark.parametrize(("letters", "family"), [(10, str), (105, str), (105, tuple)])
def test_workers_find_their_chief_wherever_temporary_files_are(
    tmp_path, monkeypatch, letters, family
):
    """A path to a socket has 107 letters at most; without /tmp they meet on this machine's net."""
    folder = tmp_path / ("x" * letters)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    if family is tuple:
        monkeypatch.setattr("deeprules.tune.search_chief.LONGEST_SOCKET", 5)
    with listening(is_local=True) as (listener, key, arrivals):
        assert type(listener.address) is family
        Client(listener.address, authkey=key).close()
        assert arrivals.get(timeout=10)
    assert not list(folder.iterdir())


def test_workers_that_never_come_end_the_search(parts, tmp_path, monkeypatch):
    gone = SimpleNamespace(poll=lambda: 1, wait=lambda timeout: 1, terminate=None, kill=None)
    monkeypatch.setattr(Workers, "start", lambda *_: [lambda: gone] * 2)
    started = time.monotonic()
    with pytest.raises(RuntimeError, match=r"all workers died.*workers\.log"):
        search(parts, tmp_path / "s", find_module("baseline", "nearest_neighbours"), 2)
    assert time.monotonic() - started < 30


def test_a_place_is_filled_again_only_after_progress():
    started = []
    ended = SimpleNamespace(poll=lambda: 1)
    post = Post(lambda: started.append(1) or ended)
    assert [post.fill(ended) for ended in (0, 0, 1, 1, 2)] == [True, False, True, False, True]
    assert len(started) == 3


def test_a_worker_leaves_when_its_chief_is_gone():
    chief, connection = Pipe()
    left = threading.Event()
    chief.close()
    work(connection, lambda: None, left.set)
    assert left.is_set()


def test_a_stranger_is_turned_away():
    with listening(is_local=True) as (listener, key, arrivals):
        with pytest.raises(AuthenticationError):
            Client(listener.address, authkey=b"guess")
        Client(listener.address, authkey=key).close()
        time.sleep(0.5)
        assert not arrivals.empty()


@pytest.mark.parametrize(
    ("threads", "resources", "expected"),
    [
        (1, {}, Workers(1, 1)),
        (8, {"workers": 4}, Workers(4, 2)),
        (2, {"workers": 4}, Workers(2, 1)),
        (3, {"workers": 4, "mpi": "srun", "tasks": 6}, Workers(6, 3, "srun")),
        (4, {"workers": 4, "gpu": 2}, Workers(4, 1, None, ("0", "1"))),
    ],
)
def test_workers_times_threads_are_the_threads_of_the_job(
    threads, resources, expected, monkeypatch
):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert Workers.of_job(threads, resources) == expected


def test_workers_take_the_gpus_of_the_job_in_turn(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    workers = Workers.of_job(3, {"workers": 3, "gpu": 2})
    started = []
    monkeypatch.setattr(
        "deeprules.tune.workers.subprocess.Popen", lambda *_, env, **__: started.append(env)
    )
    workers.hide_gpus()
    for start in workers.start(Path("/dev/null")):
        start()
    assert [env["CUDA_VISIBLE_DEVICES"] for env in started] == ["3", "5", "3"]
    assert np.all([env["TF_FORCE_GPU_ALLOW_GROWTH"] == "true" for env in started])


def test_an_allocation_starts_a_worker_on_each_task(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(
        "deeprules.tune.workers.subprocess.Popen", lambda command, **_: commands.append(command)
    )
    (start,) = Workers(4, 2, "srun --gpus-per-task=1").start(tmp_path / "orders")
    start()
    assert commands[0][:6] == ["srun", "--gpus-per-task=1", "-n", "4", "-c", "2"]
    assert commands[0][-1] == str(tmp_path / "orders")
