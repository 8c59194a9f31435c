"""The terms of a search, the same for every model of a run."""

import hashlib
import logging
import shutil
from dataclasses import dataclass, replace
from functools import cmp_to_key
from pathlib import Path

import keras
import keras_tuner
import pandas as pd

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import read_json, write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate

log = logging.getLogger("deeprules")


class ResumableState:
    """Makes an oracle of Keras Tuner go on from wherever its process was killed.

    Each state file is written whole or not at all. Between two of them the trials on disk can be
    one step ahead of the oracle's own state, or that state one step behind its ended trials.
    """

    def save(self):
        """Write the state of the search, without its trials."""
        write_json(self._get_oracle_fname(), self.get_state())

    def _save_trial(self, trial):
        write_json(Path(self._get_trial_dir(trial.trial_id)) / "trial.json", trial.get_state())

    def set_state(self, state):
        """Take a saved state, whoever worked on it.

        A trial it does not list is proposed anew, an ended one is over, and one that was under
        way is the first to be run again.
        """
        super().set_state(state)
        self.trials = {trial_id: self.trials[trial_id] for trial_id in self.start_order}
        begun = {trial.trial_id for trial in self.ongoing_trials.values()}
        again = (begun | set(self._retry_queue)) - set(self.end_order)
        self.ongoing_trials = {}
        self._retry_queue = sorted(again, reverse=True)
        for trial_id in again:
            self.trials[trial_id].status = "INVALID"


class DefaultsFirst(ResumableState):
    """Makes an oracle of Keras Tuner propose every hyperparameter's default before it draws.

    A model's first trial is then what an expert would try first, network and baseline alike.
    Grid search begins with the defaults by itself.
    """

    def _random_values(self):
        if self.start_order:
            return super()._random_values()
        first = keras_tuner.HyperParameters()
        for hyperparameter in self.hyperparameters.space:
            first.merge([hyperparameter])
            if first.is_active(hyperparameter):
                first.values[hyperparameter.name] = hyperparameter.default
        return first.values


class GridSearchOracle(ResumableState, keras_tuner.oracles.GridSearchOracle):
    """Grid search, from the defaults on.

    A trial's successor is known when it begins, so that no worker waits for its end.
    """

    def populate_space(self, trial_id):
        """The next combination of the grid."""
        response = super().populate_space(trial_id)
        if response["status"] == "RUNNING" and trial_id not in self._populate_next:
            self._populate_next.append(trial_id)
        return response

    def set_state(self, state):
        """Take a saved state; the place in the grid follows from the trials."""
        super().set_state(state)
        self._ordered_ids = type(self._ordered_ids)()
        in_grid_order = sorted(
            self.start_order,
            key=cmp_to_key(
                lambda a, b: self._compare(
                    self.trials[a].hyperparameters.values, self.trials[b].hyperparameters.values
                )
            ),
        )
        for trial_id, previous in zip(in_grid_order, [None, *in_grid_order], strict=False):
            self._ordered_ids.insert(trial_id, previous)
        self._populate_next = list(self.start_order)


class RandomSearchOracle(DefaultsFirst, keras_tuner.oracles.RandomSearchOracle):
    """Random search."""


class BayesianOptimizationOracle(DefaultsFirst, keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimisation with a Gaussian process."""


class HyperbandOracle(DefaultsFirst, keras_tuner.oracles.HyperbandOracle):
    """Successive halving over brackets."""


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
    """

    strategy: str
    trials: int
    objective: str
    seed: int
    budget: Budget

    def oracle(self, preset: keras_tuner.HyperParameters, is_fixed: bool = False):
        """A new oracle.

        `preset` holds the hyperparameters whose range is given; where `is_fixed`, there is
        nothing to choose and the oracle proposes one trial.
        """
        settings = {
            "objective": keras_tuner.Objective(self.objective, "max"),
            "hyperparameters": preset,
            "seed": self.seed,
            "max_retries_per_trial": 1,
            "max_consecutive_failed_trials": 10**9,
        }
        if is_fixed:
            return RandomSearchOracle(max_trials=1, **settings)
        if self.strategy == "hyperband":
            return HyperbandOracle(max_epochs=self.budget.max_epochs, **settings)
        oracle = {
            "random": RandomSearchOracle,
            "bayesian": BayesianOptimizationOracle,
            "grid": GridSearchOracle,
        }[self.strategy]
        return oracle(max_trials=self.trials, **settings)


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


def check_space(space: dict, known: set[str], model: str) -> None:
    """Refuse the name of a hyperparameter that the model does not have."""
    unknown = sorted(set(space) - known)
    if unknown:
        raise InputError(
            f"models.{model}.space of the configuration names {', '.join(unknown)}; the "
            f"hyperparameters of this model are {', '.join(sorted(known))}"
        )


def discard_damaged_state(folder: Path) -> None:
    """Remove the kept state of a search if a file of it is missing or damaged, and say so."""
    try:
        for path in sorted(folder.rglob("*.json")):
            content = read_json(path)
            is_whole = isinstance(content, dict)
            if is_whole and path.name == "trial.json":
                is_whole = path.parent.name == f"trial_{content.get('trial_id')}"
            if is_whole and path.name == "oracle.json":
                ended = content.get("end_order", [None])
                is_whole = all((folder / f"trial_{one}" / "trial.json").is_file() for one in ended)
            if is_whole and path.name.startswith("tuner"):
                is_whole = (folder / "oracle.json").is_file()
            if not is_whole:
                raise InputError(f"{path}: is not the state of this search, or not all of it")
    except InputError as error:
        log.warning("The search starts anew: %s", error)
        shutil.rmtree(folder)


def search_fingerprint(
    search: Search, library: str, candidate: Candidate, development: Development
) -> str:
    """Name of a search: another one as soon as its terms, the code or the data differ.

    A pretrained model or a user's tool that the model needs is part of the data.
    Threads and memory may change between a search and its continuation.
    """
    budget = replace(search.budget, threads=0, in_memory_mb=0)
    terms = (
        replace(search, budget=budget),
        keras.backend.backend(),
        library,
        sorted(candidate.space.items()),
    )
    digest = hashlib.sha256(repr(terms).encode())
    digest.update(candidate.identity.encode())
    for part in development:
        known = part.examples[["content_hash", "label", *part.dataset.metadata]]
        digest.update(pd.util.hash_pandas_object(known, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]
