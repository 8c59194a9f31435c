"""The terms of a search, the same for every model of a run."""

import hashlib
from dataclasses import dataclass, replace

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.tune.keras_tuner_alone import keras_tuner
from deeprules.tune.oracles import ORACLES

PRIVATE = {
    "batch_normalisation": False,
    "dropout": 0.0,
    "input_dropout": 0.0,
    "augment_shift": 0,
    "strands": "average",
    "batch_size": 256,
}
"""Hyperparameters of a network that is trained with differential privacy, unless told otherwise.

No layer holds a number of the data or draws at random (see `deeprules.fit.private_training`), and
batches are large, as the noise does not grow with them.
"""


@dataclass(frozen=True)
class Search:
    """The terms of a search, the same for every model of a run.

    Attributes
    ----------
    strategy : `random`, `bayesian`, `hyperband` or `grid`
    trials : trials for each model; with `hyperband` the number follows from the epochs
    objective : score on tune to maximise
    seed : seed of the proposals and of every trial's fit
    budget : what each fit may use
    workers : jobs that run a round of trials side by side
    """

    strategy: str
    trials: int
    objective: str
    seed: int
    budget: Budget
    workers: int = 1

    @property
    def round_size(self) -> int | None:
        """Trials in a round; None for as many as follow without knowing how others end.

        The Gaussian process knows the more, the fewer trials run at the same time.
        """
        return self.workers if self.workers == 1 or self.strategy == "bayesian" else None

    def oracle(self, preset: keras_tuner.HyperParameters, is_fixed: bool = False):
        """A new oracle.

        `preset` holds the hyperparameters whose range is given; where `is_fixed`, there is
        nothing to choose and the oracle proposes one trial.
        """
        settings = {
            "objective": keras_tuner.Objective(self.objective, "max"),
            "hyperparameters": preset,
            "seed": self.seed or 1,  # it takes 0 for no seed
            "max_consecutive_failed_trials": 10**9,
        }
        if is_fixed:
            return ORACLES["random"](max_trials=1, **settings)
        if self.strategy == "hyperband":
            return ORACLES["hyperband"](max_epochs=self.budget.max_epochs, **settings)
        return ORACLES[self.strategy](max_trials=self.trials, **settings)


def preset_space(space: dict) -> keras_tuner.HyperParameters:
    """Hyperparameters with one value (`{dropout: 0.2}`) or a list to choose from.

    Keras Tuner refuses whole numbers among decimal ones: `[0.1, 1, 10]`.
    """
    preset = keras_tuner.HyperParameters()
    for name, values in space.items():
        if isinstance(values, list):
            if any(isinstance(value, float) for value in values):
                values = [float(value) for value in values]
            preset.Choice(name, values)
        else:
            preset.Fixed(name, values)
    return preset


def settled_space(space: dict, defaults: dict) -> dict:
    """One value for every hyperparameter of a network that is trained with differential privacy.

    Nothing of the data chooses between values, so that a search spends nothing of what is promised.
    Those that `space` does not fix are as `PRIVATE` or else their `defaults` have them.
    """
    known = {name: value for name, value in PRIVATE.items() if name in defaults}
    return {**defaults, **known, **space}


def check_space(space: dict, known: set[str], model: str) -> None:
    """Refuse the name of a hyperparameter that the model does not have."""
    unknown = sorted(set(space) - known)
    if unknown:
        raise InputError(
            f"models.{model}.space of the configuration names {', '.join(unknown)}; the "
            f"hyperparameters of this model are {', '.join(sorted(known))}"
        )


def trial_fingerprint(
    search: Search, code: str, candidate: Candidate, development: Development
) -> str:
    """What the end of a trial depends on besides its hyperparameters: code, data, seed, budget.

    `code` stands for the library and the arithmetic, the backend included.

    A pretrained model or a user's tool that the model needs is part of the data. How trials are
    proposed, how many there are and where they run changes none, nor do threads and memory.
    """
    budget = replace(search.budget, threads=0, in_memory_mb=0)
    terms = (search.objective, search.seed, budget, code)
    digest = hashlib.sha256(repr(terms).encode())
    digest.update(candidate.identity.encode())
    for part in development:
        digest.update(part.identity())
    return digest.hexdigest()[:16]
