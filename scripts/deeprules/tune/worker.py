"""A worker of a search: a process that runs the trials that it is given."""

import functools
import logging
import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection
from pathlib import Path

import keras_tuner

from deeprules.errors import InputError
from deeprules.logs import tell_last_words
from deeprules.tune.trials import Trials

OUTPUT = "workers.log"
"""What the processes print, beside their orders."""


@dataclass(frozen=True)
class Orders:
    """What a worker has to know to begin.

    Attributes
    ----------
    address, key : where its chief listens, and the secret that both must know
    open_trials : makes what runs the trials
    """

    address: str | tuple
    key: bytes
    open_trials: Callable[[], Trials]


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes
    ----------
    hyperparameters : all that the fit asked for, as Keras Tuner writes them
    record : what is recorded, the objective among it; None without a usable model
    message : the reason, as a traceback where it is not for the user
    fatal : what ends the search: `InputError`, or `FatalError` if the code is wrong
    """

    hyperparameters: dict
    record: dict | None
    message: str | None = None
    fatal: type[Exception] | None = None


def run_trial(open_trials: Callable[[], Trials], config: dict) -> Outcome:
    """Run one trial with hyperparameters as Keras Tuner writes them.

    What fails in opening the data is an outcome too, so that the search says why.
    """
    hp = keras_tuner.HyperParameters.from_config(config)
    try:
        record = open_trials().run(hp)
    except keras_tuner.errors.FailedTrialError:
        return Outcome(hp.get_config(), None, traceback.format_exc())
    except InputError as error:
        return Outcome(hp.get_config(), None, str(error), InputError)
    except Exception:
        return Outcome(hp.get_config(), None, traceback.format_exc(), keras_tuner.errors.FatalError)
    return Outcome(hp.get_config(), record)


def work(
    connection: Connection, open_trials: Callable[[], Trials], leave: Callable[[], None]
) -> None:
    """Run the trials that come from the chief, until it says None; `leave` if it is gone."""
    waiting, opened = queue.SimpleQueue(), functools.cache(open_trials)
    threading.Thread(target=_listen, args=(connection, waiting, leave), daemon=True).start()
    while (config := waiting.get()) is not None:
        connection.send(run_trial(opened, config))


def _listen(connection, waiting, leave):
    """Pass on what the chief says. It is heard also during a fit that no one waits for any more."""
    try:
        while (config := connection.recv()) is not None:
            waiting.put(config)
        waiting.put(None)
    except (EOFError, OSError):
        leave()
        waiting.put(None)


def main() -> None:
    """Work by the orders in the file that the command line names."""
    tell_last_words(logging.getLogger("deeprules"), Path(sys.argv[1]).with_name(OUTPUT))
    orders = pickle.loads(Path(sys.argv[1]).read_bytes())
    chief = Client(orders.address, authkey=orders.key)
    work(chief, orders.open_trials, leave=lambda: os._exit(1))
