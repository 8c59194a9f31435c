"""A baseline whose fits kill their process, as often as there are files in the folder DEATHS."""

import os
import signal
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

DEADLY = 0.5


def build(hp, train):
    """A penalty below one half is deadly, once for each file."""
    penalty = hp.Choice("C", [1.0, 0.1, 2.0, 4.0, 8.0])
    return make_pipeline(FunctionTransformer(Killer(penalty)), LogisticRegression(C=penalty))


def die():
    """The end of a process."""
    os.kill(os.getpid(), signal.SIGKILL)


class Killer:
    """Passes features on, or kills the process."""

    def __init__(self, penalty):
        self.penalty = penalty

    def __call__(self, features):
        deaths = sorted(Path(os.environ["DEATHS"]).iterdir())
        if self.penalty < DEADLY and deaths:
            deaths[0].unlink()
            die()
        return features
