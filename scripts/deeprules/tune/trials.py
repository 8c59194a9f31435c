"""One trial of a search: a fit with given hyperparameters, scored on train and tune."""

import hashlib
import json
import logging
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import finite_or_none, make_folder, read_json, write_json
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import FitFailed, fit
from deeprules.fit.order_only import only_order_counts
from deeprules.statistics.metrics import scores
from deeprules.tune.keras_tuner_alone import keras_tuner
from deeprules.tune.search import Search

log = logging.getLogger("deeprules")

SCORED_TRAIN = 5000
"""Training examples, at most, behind a trial's score on train."""


class Trials:
    """Runs trials of one model; nothing is carried over from one to the next."""

    def __init__(self, search: Search, candidate: Candidate, development: Development):
        self.terms, self.candidate, self.development = search, candidate, development
        train = development.train
        self.order_only = only_order_counts(train.dataset.task, search.objective)
        rows = np.random.default_rng(search.seed).permutation(len(train))[:SCORED_TRAIN]
        self.scored_train = train.subset(np.sort(rows))

    def run(self, hp: keras_tuner.HyperParameters) -> dict:
        """Fit with hyperparameters, and record how it ended.

        Returns
        -------
        score, train_score, epochs and seconds, each None where the hyperparameters gave no usable
        model; message (why they did not); hyperparameters (all that the fit asked for, as Keras
        Tuner writes them).
        """
        terms, started = self.terms, time.monotonic()
        share = hp.values.get("tuner/epochs", terms.budget.max_epochs) / terms.budget.max_epochs
        ended = dict.fromkeys(("score", "train_score", "epochs", "seconds")) | {"message": ""}
        try:
            fitted = fit(
                *(self.candidate, hp, self.development, terms.seed, terms.budget, share),
                order_only=self.order_only,
            )
            tune_score = self._score(fitted.model, self.development.tune)
            train_score = self._score(fitted.model, self.scored_train)
            if not np.isfinite(tune_score):
                raise FitFailed(f"{terms.objective} on tune is not defined for its predictions")
        except FitFailed as error:
            ended["message"] = str(error).strip().split("\n")[-1]
        else:
            ended |= {"score": float(tune_score), "train_score": finite_or_none(train_score)}
            ended |= {"epochs": fitted.epochs, "seconds": time.monotonic() - started}
        return ended | {"hyperparameters": hp.get_config()}

    def _score(self, model, part):
        """The objective on a partition."""
        predictions = model.predict(part.features, part.examples)
        if not np.isfinite(predictions).all():
            raise FitFailed("the predictions are not finite")
        return scores(part.dataset.task, part.labels, predictions)[self.terms.objective]


class EndedTrials:
    """How trials ended, by what they were asked to try; each is kept in a file of its own.

    A killed job loses no trial but the one that it runs: a file is whole or absent.

    Parameters
    ----------
    folder : where to keep them; for one `trial_fingerprint`
    others : files of records from other jobs of the search
    """

    def __init__(self, folder: Path, others: Iterable[str | Path] = ()):
        self.folder, self.records = folder, {}
        for path in sorted(folder.glob("[!.]*.json")):
            try:
                self._take(read_json(path), path.stem)
            except (InputError, KeyError, TypeError) as error:
                log.warning("A trial is run again, as its file %s is damaged: %s", path, error)
        for path in others:
            for record in read_json(path):
                self._take(record, _name(record["values"]))

    def _take(self, record, name):
        if _name(record["values"]) != name:
            raise InputError(f"it is not the trial of this name, {name}")
        self.records[name] = record

    def get(self, values: dict) -> dict | None:
        """The record of a trial with these values; None if none has ended."""
        return self.records.get(_name(values))

    def add(self, values: dict, record: dict) -> None:
        """Keep the record of a trial."""
        make_folder(self.folder)
        name = _name(values)
        self.records[name] = {"values": values, **record}
        write_json(self.folder / f"{name}.json", self.records[name])


def _name(values):
    """Name of the trial that is asked to try these values."""
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
