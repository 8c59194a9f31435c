"""One search for networks and baselines: the oracles of Keras Tuner over any `build(hp, train)`."""

import json
import logging
import math
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras_tuner
import numpy as np
import pandas as pd
from keras_tuner.engine.base_tuner import BaseTuner

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import write_json
from deeprules.fit.candidates import Candidate
from deeprules.fit.training import compile_network
from deeprules.tune.search import Search, check_space, discard_damaged_state, preset_space
from deeprules.tune.search_chief import search_with_workers
from deeprules.tune.trials import Trials, open_trials
from deeprules.tune.workers import ALONE, Workers

log = logging.getLogger("deeprules")


class ModelTuner(BaseTuner):
    """Runs the trials of one model.

    Its state is kept in `folder` after every trial; a search that was stopped goes on from there.
    """

    def __init__(
        self,
        search: Search,
        candidate: Candidate,
        development: Development,
        folder: Path,
        workers: Workers = ALONE,
    ):
        self.terms, self.candidate, self.train = search, candidate, development.train
        self.runner, self.workers = Trials(search, candidate, development), workers
        self.begun: dict[str, float] = {}
        self.seconds: list[float] = []
        asked = keras_tuner.HyperParameters()
        self._declare(asked)
        super().__init__(
            search.oracle(preset_space(candidate.space), is_fixed=not asked.space),
            hypermodel=self._declare,
            directory=str(folder.parent),
            project_name=folder.name,
        )
        self.oracle.verbose = 0

    def _declare(self, hp):
        """Ask for every hyperparameter, so that the oracle knows the space."""
        if self.candidate.kind == "network":
            return compile_network(self.candidate, hp, self.train)[0]
        return self.candidate.build(hp, self.train)

    def run_trial(self, trial, *args, **kwargs):
        """Fit with a trial's hyperparameters; returns what is recorded, the objective among it."""
        try:
            return self.runner.run(trial.hyperparameters)
        except keras_tuner.errors.FailedTrialError:
            raise
        except Exception as error:
            raise keras_tuner.errors.FatalError(f"Trial {trial.trial_id} broke") from error

    def save(self):
        """Write the state of the search; the oracle's holds all there is."""
        self.oracle.save()
        write_json(self._get_tuner_fname(), self.get_state())

    def on_trial_begin(self, trial):
        """Start the clock of a trial."""
        self.begun[trial.trial_id] = time.monotonic()

    def on_trial_end(self, trial):
        """Save the state and say how the search stands."""
        super().on_trial_end(trial)
        if trial.trial_id not in self.oracle.end_order:
            return
        self.seconds.append(time.monotonic() - self.begun[trial.trial_id])
        done = len(self.oracle.end_order)
        score = trial_score(self.oracle.trials[trial.trial_id])
        completed = [trial_score(other) for other in self.oracle.trials.values()]
        best = max((other for other in completed if other is not None), default=None)
        log.info(
            "trial %d%s: %s %s, best so far %s, %.0f s%s",
            done,
            "" if self.terms.strategy == "hyperband" else f" of {self.terms.trials}",
            self.terms.objective,
            "failed" if score is None else f"{score:.4f}",
            "none" if best is None else f"{best:.4f}",
            self.seconds[-1],
            self._time_left(done),
        )

    def _time_left(self, done):
        """Estimate from the mean time of a trial; Hyperband does not tell how many follow."""
        if self.terms.strategy == "hyperband":
            return ""
        rounds = max(self.terms.trials - done, 0) / self.workers.number
        return f", about {np.mean(self.seconds) * rounds:.0f} s left"


def trial_score(trial) -> float | None:
    """The objective of a completed trial; None if it failed or has not ended."""
    return trial.score if trial.status == "COMPLETED" else None


def trial_table(tuner: ModelTuner) -> pd.DataFrame:
    """One row a trial, in the order they were started; the same columns for every model."""
    rows = []
    for trial_id in tuner.oracle.start_order:
        trial = tuner.oracle.trials[trial_id]
        score = trial_score(trial)
        record = {
            name: None if score is None else trial.metrics.get_best_value(name)
            for name in ("train_score", "epochs", "seconds")
        }
        rows.append(
            {
                "model": tuner.candidate.name,
                "kind": tuner.candidate.kind,
                "trial": int(trial_id),
                "status": "failed" if score is None else "completed",
                "score": score,
                **record,
                "hyperparameters": json.dumps(trial.hyperparameters.values, sort_keys=True),
                "message": (trial.message or "").strip().split("\n")[-1],
            }
        )
    return pd.DataFrame(rows)


def warn_of_a_cut_grid(tuner: ModelTuner) -> None:
    """Log how much of a grid the trials leave out; what comes first in it then never changes."""
    combinations = math.prod(len(list(hp.values)) for hp in tuner.oracle.get_space().space)
    if combinations > tuner.terms.trials:
        log.warning(
            "%s: %d trials cover a corner of a grid of %d combinations. Fix or list values under "
            "`models: %s: space`, give more trials, or search at random.",
            *(tuner.candidate.name, tuner.terms.trials, combinations, tuner.candidate.name),
        )


def run_all(tuner: ModelTuner, inputs: Mapping[str, str] | None) -> None:
    """Run all trials, here or in several workers, which read train and tune from `inputs`.

    Raises
    ------
    InputError
        If a fit says what the user has to mend.
    """
    is_one_fit = tuner.oracle.max_trials == 1 and tuner.candidate.kind != "network"
    if tuner.workers.number > 1 and not is_one_fit:
        model = tuner.candidate
        what = (tuner.terms, model.name, model.kind, model.source, dict(inputs))
        search_with_workers(tuner, tuner.workers, partial(open_trials, *what))
        return
    try:
        tuner.search()
    except keras_tuner.errors.FatalError as error:
        # What a user can act on is said as it is, not as a trial that broke.
        if isinstance(error.__cause__, InputError):
            raise error.__cause__ from None
        raise


def search_model(
    search: Search,
    candidate: Candidate,
    development: Development,
    folder: Path,
    workers: Workers = ALONE,
    inputs: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, dict]:
    """Search the hyperparameters of one model.

    Parameters
    ----------
    folder : where the state of the search is kept
    workers : processes that run the trials
    inputs : the job's inputs by name, from which several workers read train and tune

    Returns
    -------
    The table of trials, and the best trial as a dictionary (`best.yaml`).

    Raises
    ------
    InputError
        If its space names an unknown hyperparameter, every trial failed, or a user's tool did.
    """
    model, kind, space = candidate.name, candidate.kind, candidate.space
    if space:
        with tempfile.TemporaryDirectory() as empty:
            free = replace(candidate, space={})
            tuner = ModelTuner(search, free, development, Path(empty) / "search")
        check_space(space, {hp.name for hp in tuner.oracle.get_space().space}, model)
    discard_damaged_state(folder)
    tuner = ModelTuner(search, candidate, development, folder, workers)
    if tuner.oracle.end_order:
        log.info("%s: going on after %d finished trials", model, len(tuner.oracle.end_order))
    if search.strategy == "grid":
        warn_of_a_cut_grid(tuner)
    run_all(tuner, inputs)
    table = trial_table(tuner)
    completed = table[table["status"] == "completed"]
    if completed.empty:
        raise InputError(
            f"all {len(table)} trials of {model} failed; the first said: {table['message'].iloc[0]}"
        )
    best = completed.loc[completed["score"].idxmax()]
    return table, {
        "model": model,
        "kind": kind,
        "objective": search.objective,
        "strategy": search.strategy,
        "trial": int(best["trial"]),
        "score": float(best["score"]),
        "trials_completed": len(completed),
        "trials_failed": len(table) - len(completed),
        "hyperparameters": json.loads(best["hyperparameters"]),
    }
