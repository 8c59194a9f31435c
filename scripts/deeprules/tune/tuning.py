"""One search for networks and baselines: the oracles of Keras Tuner over any `build(hp, train)`."""

import json
import logging
import math
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.candidates import Candidate
from deeprules.tune.keras_tuner_alone import keras_tuner
from deeprules.tune.oracles import rounds
from deeprules.tune.search import Search, check_space, preset_space, settled_space
from deeprules.tune.trials import EndedTrials, Trials

log = logging.getLogger("deeprules")


class ModelSearch:
    """The search of one model: whatever has ended is told to a new oracle, the rest is run.

    Parameters
    ----------
    ended : trials that have ended

    Raises
    ------
    InputError
        If the space of the candidate names an unknown hyperparameter.
    """

    def __init__(
        self,
        search: Search,
        candidate: Candidate,
        development: Development,
        ended: EndedTrials,
    ):
        self.terms, self.candidate, self.train = search, candidate, development.train
        self.runner, self.ended = Trials(search, candidate, development), ended
        self.table, self.seconds = [], []
        space = candidate.space
        if space or candidate.private:
            known = {hp.name: hp.default for hp in self._open({}).get_space().space}
            check_space(space, set(known), candidate.name)
            space = settled_space(space, known) if candidate.private else space
        self.oracle = self._open(space)
        self.origin = {"strategy": search.strategy, "workers": search.workers, "space": space}
        if search.strategy == "bayesian":
            self.oracle.known = self._known_proposals()

    def _open(self, space):
        """A new oracle that knows every hyperparameter of the model."""
        asked = keras_tuner.HyperParameters()
        self._declare(asked)
        is_fixed = not asked.space or self.candidate.private is not None
        oracle = self.terms.oracle(preset_space(space), is_fixed=is_fixed)
        oracle.verbose = 0
        with tempfile.TemporaryDirectory() as empty:
            keras_tuner.engine.base_tuner.BaseTuner(oracle, self._declare, empty)
        return oracle

    def _declare(self, hp):
        if self.candidate.kind == "network":
            from deeprules.fit.training import compile_network

            return compile_network(self.candidate, hp, self.train)[0]
        return self.candidate.build(hp, self.train)

    def _known_proposals(self):
        """What this search proposed before, by number; only whole rounds, each found at one go."""
        records = self.ended.records.values()
        of_this_search = [one for one in records if one["origin"] == self.origin]
        found = {one["trial"]: one["values"] for one in of_this_search}
        size, known = self.terms.workers, {}
        for start in range(0, self.terms.trials, size):
            numbers = range(start, min(start + size, self.terms.trials))
            if all(number in found for number in numbers):
                known |= {number: found[number] for number in numbers}
        return known

    def run(self, last: int | None = None, worker: int = 1, workers: int = 1) -> list[dict]:
        """Run what has not ended of all rounds, or of those up to the round `last`, from 1 on.

        Returns
        -------
        Records of the trials of the last round that are the worker's: every `workers`-th.
        """
        for number, trials in enumerate(rounds(self.oracle, self.terms.round_size), 1):
            mine = trials[worker - 1 :: workers] if number == last else trials
            proposed = [dict(trial.hyperparameters.values) for trial in mine]
            for trial, values in zip(mine, proposed, strict=True):
                if self.ended.get(values) is None:
                    self._run(trial, values)
            if number == last:
                return [self.ended.get(values) for values in proposed]
            for trial, values in zip(mine, proposed, strict=True):
                self._tell(trial, self.ended.get(values))
        return []

    def _run(self, trial, values):
        """Run a trial, keep how it ended, and say how the search stands."""
        number, terms = int(trial.trial_id), self.terms
        record = self.runner.run(trial.hyperparameters)
        self.ended.add(values, {"trial": number, "origin": self.origin, **record})
        score, seconds = record["score"], record["seconds"]
        self.seconds += [] if seconds is None else [seconds]
        known = [one["score"] for one in self.ended.records.values() if one["score"] is not None]
        log.info(
            "trial %d%s: %s %s, best so far %s%s",
            number + 1,
            "" if terms.strategy == "hyperband" else f" of {terms.trials}",
            terms.objective,
            "failed" if score is None else f"{score:.4f}, {seconds:.0f} s",
            f"{max(known):.4f}" if known else "none",
            self._time_left(number),
        )

    def _time_left(self, number):
        """Estimate from the mean time of a trial; Hyperband does not tell how many follow."""
        if self.terms.strategy == "hyperband" or not self.seconds:
            return ""
        rounds_left = (self.terms.trials - number - 1) / self.terms.workers
        return f", about {np.mean(self.seconds) * rounds_left:.0f} s left"

    def _tell(self, trial, record):
        """Tell the oracle how a trial ended."""
        config = record["hyperparameters"]
        trial.hyperparameters = keras_tuner.HyperParameters.from_config(config)
        score = record["score"]
        if score is not None:
            self.oracle.update_trial(trial.trial_id, {self.terms.objective: score})
        trial.status = "FAILED" if score is None else "COMPLETED"
        self.oracle.end_trial(trial)
        self.table.append(
            {
                "model": self.candidate.name,
                "kind": self.candidate.kind,
                "trial": int(trial.trial_id),
                "status": trial.status.lower(),
                **{name: record[name] for name in ("score", "train_score", "epochs", "seconds")},
                "hyperparameters": json.dumps(trial.hyperparameters.values, sort_keys=True),
                "message": record["message"],
            }
        )


def warn_of_a_cut_grid(search: ModelSearch) -> None:
    """Log how much of a grid the trials leave out; what comes first in it then never changes."""
    combinations = math.prod(len(list(hp.values)) for hp in search.oracle.get_space().space)
    if combinations > search.terms.trials:
        log.warning(
            "%s: %d trials cover a corner of a grid of %d combinations. Fix or list values under "
            "`models: %s: space`, give more trials, or search at random.",
            *(search.candidate.name, search.terms.trials, combinations, search.candidate.name),
        )


def choose_best(run: ModelSearch) -> tuple[pd.DataFrame, dict]:
    """Run what has not ended of a search, and choose.

    Returns
    -------
    The table of trials, one row each in the order they were proposed, and the best trial as a
    dictionary (`best.yaml`).

    Raises
    ------
    InputError
        If every trial failed, or a user's tool did.
    """
    if run.ended.records:
        log.info(
            "%s: going on after %d finished trials", run.candidate.name, len(run.ended.records)
        )
    if run.terms.strategy == "grid":
        warn_of_a_cut_grid(run)
    run.run()
    table = pd.DataFrame(run.table)
    completed = table[table["status"] == "completed"]
    if completed.empty:
        raise InputError(
            f"all {len(table)} trials of {run.candidate.name} failed; the first said: "
            f"{table['message'].iloc[0]}"
        )
    best = completed.loc[completed["score"].idxmax()]
    private = run.candidate.private
    return table, {
        "model": run.candidate.name,
        "kind": run.candidate.kind,
        **({"private": private} if private else {}),
        "objective": run.terms.objective,
        "strategy": run.terms.strategy,
        "trial": int(best["trial"]),
        "score": float(best["score"]),
        "trials_completed": len(completed),
        "trials_failed": len(table) - len(completed),
        "hyperparameters": json.loads(best["hyperparameters"]),
    }


def search_model(
    search: Search, candidate: Candidate, development: Development, folder: Path
) -> tuple[pd.DataFrame, dict]:
    """Search the hyperparameters of one model in this process; see `ModelSearch`, `choose_best`.

    Ended trials are kept in `folder`.
    """
    return choose_best(ModelSearch(search, candidate, development, EndedTrials(folder)))
