"""One search over many workers: a chief that keeps the oracle, and processes that run its trials.

The chief mode of Keras Tuner is not used. A worker that dies keeps its trial for ever there, and
the chief waits for it without end: its calls have no connection whose loss would tell. The message
of a failed trial is lost on the way, and other workers ask without a pause while they wait. Here a
worker is a connection. When it closes, the trial goes to another worker, once.
"""

import contextlib
import logging
import multiprocessing
import os
import pickle
import queue
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Listener, wait
from pathlib import Path

import keras_tuner

from deeprules.tune import worker
from deeprules.tune.trials import Trials
from deeprules.tune.worker import OUTPUT
from deeprules.tune.workers import Post, Workers

log = logging.getLogger("deeprules")

DEATH = (
    "the worker that ran it died; most die of too little memory: raise compute.mem_mb, or lower "
    "tuning.workers"
)
"""The message of a trial whose worker is gone; a process that is killed has no last words."""
LONGEST_SOCKET = 100
"""Bytes of a path that the system takes for a socket, with some to spare."""
PAUSE = 0.2
"""Seconds between two looks at the workers while none has something to say."""


class Chief:
    """Hands the trials of a tuner's oracle to workers, in one thread, in the oracle's order."""

    def __init__(self, tuner, posts: list[Post], arrivals: queue.SimpleQueue):
        self.tuner, self.oracle = tuner, tuner.oracle
        self.posts, self.arrivals = posts, arrivals
        self.names, self.trials, self.arrived = {}, {}, 0

    def run(self) -> None:
        """Run the search to its end.

        Raises
        ------
        RuntimeError
            If all workers have died without having ended a trial.
        InputError, keras_tuner.errors.FatalError
            If a fit says what the user has to mend; if the code of a model is wrong.
        """
        try:
            while not self._hand_out():
                filled = [post.fill(len(self.oracle.end_order)) for post in self.posts]
                if not any(filled) and not self.trials:
                    raise RuntimeError(
                        "all workers died, and no trial came to its end meanwhile; what they said "
                        f"is in {Path(self.tuner.project_dir) / OUTPUT}"
                    )
                self._admit()
                for connection in wait([*self.names], PAUSE):
                    self._hear(connection)
        finally:
            self._admit()
            for connection in self.names:
                connection.close()

    def _admit(self):
        """Name the workers that have come."""
        while not self.arrivals.empty():
            self.arrived += 1
            self.names[self.arrivals.get()] = f"worker{self.arrived}"

    def _hand_out(self):
        """Give trials to the idle; says whether the search is over."""
        for connection in [name for name in self.names if name not in self.trials]:
            trial = self.oracle.create_trial(self.names[connection])
            if trial.status == "STOPPED" and not self.trials:
                self._dismiss()
                return True
            if trial.status != "RUNNING":
                return False
            self.trials[connection] = trial
            self.tuner.on_trial_begin(trial)
            with contextlib.suppress(OSError):  # it is told by the next look at the connection
                connection.send(trial.hyperparameters.get_config())
        return False

    def _hear(self, connection):
        """Take the outcome of a trial, or notice that its worker is gone."""
        try:
            outcome = connection.recv()
        except (EOFError, OSError):
            self._lose(connection)
            return
        trial = self.trials.pop(connection)
        trial.hyperparameters = keras_tuner.HyperParameters.from_config(outcome.hyperparameters)
        trial.message = outcome.message
        if outcome.fatal is not None:
            raise outcome.fatal(outcome.message)
        if outcome.record is None:
            trial.status = "FAILED"
        else:
            self.oracle.update_trial(trial.trial_id, outcome.record)
            trial.status = "COMPLETED"
        self.tuner.on_trial_end(trial)

    def _lose(self, connection):
        """Let another worker run the trial of one that is gone; the second loss is its end."""
        name, trial = self.names.pop(connection), self.trials.pop(connection, None)
        connection.close()
        if trial is None:
            return
        log.warning("%s died in trial %s", name, int(trial.trial_id))
        trial.status, trial.message = "INVALID", DEATH
        self.tuner.on_trial_end(trial)

    def _dismiss(self):
        """Tell all workers that no trial is left."""
        for connection in self.names:
            with contextlib.suppress(OSError):
                connection.send(None)


@contextlib.contextmanager
def listening(is_local: bool) -> Iterator[tuple[Listener, bytes, queue.SimpleQueue]]:
    """A listener, the secret that a worker must know, and the workers that have come.

    Workers on this machine come through a socket in the file system, others to this node's name.
    """
    key, arrivals = secrets.token_bytes(32), queue.SimpleQueue()
    with _address(is_local) as address, Listener(*address, backlog=64, authkey=key) as listener:
        threading.Thread(target=_welcome, args=(listener, arrivals), daemon=True).start()
        yield listener, key, arrivals


@contextlib.contextmanager
def _address(is_local):
    """Where to listen, and the kind of socket; a path for one must be short, wherever TMPDIR is."""
    if not is_local:
        yield (socket.gethostname(), 0), "AF_INET"
        return
    for folder in (tempfile.gettempdir(), "/tmp"):
        with contextlib.ExitStack() as stack:
            try:
                place = stack.enter_context(tempfile.TemporaryDirectory("", "search-", folder))
            except OSError:
                continue
            path = str(Path(place) / "socket")
            if len(os.fsencode(path)) <= LONGEST_SOCKET:
                yield path, "AF_UNIX"
                return
    yield ("127.0.0.1", 0), "AF_INET"


def _welcome(listener, arrivals):
    """Accept workers until the listener is closed; strangers are turned away."""
    while True:
        try:
            arrivals.put(listener.accept())
        except (multiprocessing.AuthenticationError, EOFError, ConnectionError):
            continue
        except OSError:
            return


def search_with_workers(tuner, workers: Workers, open_trials: Callable[[], Trials]) -> None:
    """Run the search of a tuner with several workers.

    Parameters
    ----------
    tuner : tuner with its oracle, both told of each trial as in a search without workers
    open_trials : makes what runs the trials, in each worker
    """
    orders, posts = Path(tuner.project_dir) / "orders", []
    try:
        with listening(workers.launcher is None) as (listener, key, arrivals):
            orders.unlink(missing_ok=True)
            content = pickle.dumps(worker.Orders(listener.address, key, open_trials))
            with open(os.open(orders, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            posts = [Post(start) for start in workers.start(orders)]
            Chief(tuner, posts, arrivals).run()
    finally:
        for post in posts:
            post.clear()
        orders.unlink(missing_ok=True)
