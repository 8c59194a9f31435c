"""One trial of a search: a fit with given hyperparameters, scored on train and tune."""

import importlib
import time
from collections.abc import Mapping

import keras_tuner
import numpy as np

from deeprules.data import Development
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import FitFailed, fit, limit_threads
from deeprules.fit.job_inputs import load_development, load_needed
from deeprules.statistics.metrics import scores
from deeprules.tune.search import Search

SCORED_TRAIN = 5000
"""Training examples, at most, behind a trial's score on train."""


class Trials:
    """Runs trials of one model; nothing is carried over from one to the next."""

    def __init__(self, search: Search, candidate: Candidate, development: Development):
        self.terms, self.candidate, self.development = search, candidate, development
        train = development.train
        rows = np.random.default_rng(search.seed).permutation(len(train))[:SCORED_TRAIN]
        self.scored_train = train.subset(np.sort(rows))

    def run(self, hp: keras_tuner.HyperParameters) -> dict:
        """Fit with hyperparameters; returns what is recorded, the objective among it.

        Raises
        ------
        keras_tuner.errors.FailedTrialError
            If these hyperparameters give no usable model.
        """
        terms = self.terms
        share = hp.values.get("tuner/epochs", terms.budget.max_epochs) / terms.budget.max_epochs
        started = time.monotonic()
        try:
            fitted = fit(self.candidate, hp, self.development, terms.seed, terms.budget, share)
            tune_score = self._score(fitted.model, self.development.tune)
            train_score = self._score(fitted.model, self.scored_train)
            if not np.isfinite(tune_score):
                raise FitFailed(f"{terms.objective} on tune is not defined for its predictions")
        except FitFailed as error:
            raise keras_tuner.errors.FailedTrialError(str(error)) from None
        return {
            terms.objective: tune_score,
            "train_score": train_score,
            "epochs": fitted.epochs,
            "seconds": time.monotonic() - started,
        }

    def _score(self, model, part):
        """The objective on a partition."""
        predictions = model.predict(part.features, part.examples)
        if not np.isfinite(predictions).all():
            raise FitFailed("the predictions are not finite")
        return scores(part.dataset.task, part.labels, predictions)[self.terms.objective]


def open_trials(
    search: Search, name: str, kind: str, module: str, inputs: Mapping[str, str]
) -> Trials:
    """What a worker needs for its trials: a module by its full name, a job's inputs by theirs."""
    limit_threads(kind, search.budget.threads)
    found = importlib.import_module(module)
    candidate = Candidate(name, kind, found, needed=load_needed(inputs))
    return Trials(search, candidate, load_development(inputs))
