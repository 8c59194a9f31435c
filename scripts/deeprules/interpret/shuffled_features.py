"""What a model's score loses when a feature is shuffled, with those that tell the same.

Features that go together are shuffled together: one alone would be replaced by the others (Strobl
et al. 2008, BMC Bioinformatics 9:307).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.inspection import permutation_importance

from deeprules.interpret.filled_rows import filled
from deeprules.statistics.metrics import metric_score

ALIKE = 0.8
"""Correlation, of either sign, from which on two features are shuffled together."""
REPEATS = 10
WITHIN = 5
"""Shuffles within batches."""


def correlated_groups(rows: np.ndarray, leaders: Sequence[int], n: int) -> list[np.ndarray]:
    """Up to `n` groups of features, each a leader followed by what goes with it.

    Parameters
    ----------
    rows : (N, P) of train
    leaders : features, the strongest first; one that is in a group already leads none
    """
    centred = filled(rows).astype(np.float64)
    centred -= centred.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    centred /= np.where(norms > 0, norms, 1)
    free, groups = np.ones(rows.shape[1], dtype=bool), []
    for leader in leaders:
        if len(groups) == n:
            break
        if free[leader]:
            alike = np.abs(centred.T @ centred[:, leader])
            alike[leader] = 2
            members = np.flatnonzero((alike >= ALIKE) & free)
            groups.append(members[np.argsort(-alike[members], kind="stable")])
            free[members] = False
    return groups


class Shuffled(BaseEstimator):
    """A fitted model that is given row numbers (N, G) and takes the features of each group there.

    That is how scikit-learn shuffles whole groups.
    """

    def __init__(self, model: object, rows: np.ndarray, examples: pd.DataFrame, groups: list):
        self.model, self.rows, self.examples, self.groups = model, rows, examples, groups

    def fit(self, places, labels=None):
        """Nothing is learnt."""
        return self

    def predict(self, places: np.ndarray) -> np.ndarray:
        """What the model predicts for the rows so put together."""
        own = np.arange(len(self.rows))
        given = self.rows.copy()
        for place, group in enumerate(self.groups):
            if (places[:, place] != own).any():
                given[:, group] = self.rows[np.ix_(places[:, place], group)]
        return self.model.predict(given, self.examples)


def losses(
    model: object, part, groups: list, metric: str, seed: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Score lost by shuffling each group: (G, `REPEATS`), and mean within batches (G,) or None.

    Parameters
    ----------
    part : partition that the model was not fitted on, its features an array in memory
    metric : score that is to be high
    """
    if not groups:
        return np.zeros((0, REPEATS)), None
    task = part.dataset.task
    asked = Shuffled(model, part.features, part.examples, groups)

    def scoring(estimator, places, labels):
        return metric_score(metric, task, labels, estimator.predict(places))

    places = np.repeat(np.arange(len(part))[:, None], len(groups), axis=1)
    found = permutation_importance(
        asked, places, part.labels, scoring=scoring, n_repeats=REPEATS, random_state=seed
    ).importances
    if not part.dataset.has_batch or part.examples["batch"].nunique() < 2:
        return found, None
    whole = scoring(asked, places, part.labels)
    batches = part.examples["batch"].to_numpy()
    rng, within = np.random.default_rng(seed), np.zeros((len(groups), WITHIN))
    for group in range(len(groups)):
        for repeat in range(WITHIN):
            drawn = places.copy()
            drawn[:, group] = _shuffled_within(batches, rng)
            within[group, repeat] = whole - scoring(asked, drawn, part.labels)
    return found, within.mean(axis=1)


def _shuffled_within(batches: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Row numbers (N,), shuffled among the rows of each batch."""
    places = np.arange(len(batches))
    for batch in pd.unique(batches):
        rows = np.flatnonzero(batches == batch)
        places[rows] = rng.permutation(rows)
    return places
