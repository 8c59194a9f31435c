"""What proposes trials: the oracles of Keras Tuner, as functions of a seed and of ended trials.

Nothing of an oracle is kept on disk. Whoever wants to know the next trials makes a new one, asks
it, tells it how they ended, and asks again: in any process, it proposes the same.
"""

import copy
from collections.abc import Iterator

import numpy as np

from deeprules.tune.keras_tuner_alone import keras_tuner


class DefaultsFirst:
    """Makes an oracle propose every hyperparameter's default before it draws, and write no files.

    A model's first trial is then what an expert would try first, network and baseline alike.
    Grid search begins with the defaults by itself.
    """

    def save(self):
        """Nothing to keep: the state follows from the trials."""

    def _save_trial(self, trial):
        """The same."""

    def _random_values(self):
        if self.start_order:
            return super()._random_values()
        first = keras_tuner.HyperParameters()
        for hyperparameter in self.hyperparameters.space:
            first.merge([hyperparameter])
            if first.is_active(hyperparameter):
                first.values[hyperparameter.name] = hyperparameter.default
        return first.values


class RandomSearchOracle(DefaultsFirst, keras_tuner.oracles.RandomSearchOracle):
    """Random search."""


class GridSearchOracle(DefaultsFirst, keras_tuner.oracles.GridSearchOracle):
    """Grid search; a trial's successor is known when it begins."""

    def populate_space(self, trial_id):
        """The next combination of the grid."""
        response = super().populate_space(trial_id)
        if response["status"] == "RUNNING" and trial_id not in self._populate_next:
            self._populate_next.append(trial_id)
        return response


class HyperbandOracle(DefaultsFirst, keras_tuner.oracles.HyperbandOracle):
    """Successive halving over brackets; no bracket begins while trials of another one run."""

    def populate_space(self, trial_id):
        """The next trial of the rung that is under way, or the first of the next one."""
        before = copy.deepcopy((self._brackets, self._current_bracket, self._seed_state))
        response = super().populate_space(trial_id)
        if self.ongoing_trials and self._current_bracket != before[1]:
            self._brackets, self._current_bracket, self._seed_state = before
            return {"status": "IDLE"}
        return response

    def _random_trial(self, trial_id, bracket):
        response = super()._random_trial(trial_id, bracket)
        # Where nothing new is left to draw, the search ends, whatever runs at that time.
        return response if response["status"] == "RUNNING" else {"status": "STOPPED"}


class FlatSurface:
    """Stands in for a Gaussian process where its optimum is known already."""

    def fit(self, x, y):
        """Nothing to fit."""

    def predict(self, x, return_std):
        """The same everywhere."""
        return np.zeros(len(x)), np.zeros(len(x))


class BayesianOptimizationOracle(DefaultsFirst, keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimisation with a Gaussian process.

    `known` holds what it proposed before, by the number of the trial: to find an optimum takes
    seconds, and its last digits may differ from one processor to the next.
    """

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.known: dict[int, dict] = {}

    def populate_space(self, trial_id):
        """The next trial; random numbers are drawn for a known one as for any other."""
        if int(trial_id) not in self.known:
            return super().populate_space(trial_id)
        process, self.gpr = self.gpr, FlatSurface()
        response = super().populate_space(trial_id)
        self.gpr = process
        return response | {"values": dict(self.known[int(trial_id)])}


ORACLES = {
    "random": RandomSearchOracle,
    "bayesian": BayesianOptimizationOracle,
    "hyperband": HyperbandOracle,
    "grid": GridSearchOracle,
}


def rounds(oracle: keras_tuner.Oracle, size: int | None) -> Iterator[list]:
    """Trials that can run side by side, round after round.

    Before the next round is asked for, all trials of the last one must have ended.

    Parameters
    ----------
    size : trials in a round; None for as many as the oracle proposes without knowing how they end
    """
    is_over = False
    while not is_over:
        trials = []
        while size is None or len(trials) < size:
            trial = oracle.create_trial(f"trial {len(oracle.trials)}")
            is_over = trial.status == "STOPPED"
            if trial.status != "RUNNING":
                break
            trials.append(trial)
        if trials:
            yield trials
