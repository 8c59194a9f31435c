"""Shapley values: how much each feature of a row moves what a model says of it.

By TreeSHAP for trees (Lundberg et al. 2020, Nature Machine Intelligence 2:56), by the coefficients
for linear models, and by permutations for all others (Lundberg and Lee 2017, NeurIPS).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.interpret.filled_rows import filled, going_with, medians
from deeprules.interpret.pipelines import Unrolled, unroll
from deeprules.statistics.log_odds import log_odds

ROWS = {"trees": 200, "linear": 200, "permutations": 30}
"""Examples that are explained."""
SCREENED = 1000
"""Features that are tried one by one where a model is asked like a black box: those that go most
with its score."""
SCREEN_ROWS = 20
AT_A_TIME = 100
"""Features that are tried in one prediction."""
PERMUTED = 50
"""Of those, the features whose Shapley values are computed: the others keep their values."""
BACKGROUND = 10
"""Rows of train whose values stand for a feature that is left out."""


@dataclass(frozen=True)
class Shapley:
    """Shapley values of N rows.

    Attributes
    ----------
    values : (N, P, K), K being 1, or the classes of more than two
    rows : (N, P) that they explain
    how : `trees`, `linear` or `permutations`
    unit : what they are shares of, in words
    """

    values: np.ndarray
    rows: np.ndarray
    how: str
    unit: str

    @property
    def strength(self) -> np.ndarray:
        """Mean absolute value of each feature (P,), over rows and classes."""
        return np.abs(self.values).mean(axis=(0, 2))

    def direction(self, feature: int) -> tuple[int, str]:
        """The class that a feature moves most, and what its higher values do: raises, lowers."""
        of_class = np.abs(self.values[:, feature]).mean(axis=0)
        place = int(of_class.argmax())
        known = ~np.isnan(self.rows[:, feature])
        given, moved = self.rows[known, feature], self.values[known, feature, place]
        if given.std() == 0 or moved.std() == 0:
            return place, ""
        return place, "raises" if np.corrcoef(given, moved)[0, 1] > 0 else "lowers"


def shapley_values(
    model: object, task: str, rows: np.ndarray, examples: pd.DataFrame, train: np.ndarray, seed: int
) -> Shapley:
    """Shapley values of a fitted model.

    Parameters
    ----------
    rows : (N, P), of which as many are explained as `ROWS` says
    examples : their rows of the table of examples
    train : (M, P), rows that the model was fitted on
    """
    pipeline = unroll(model, rows.shape[1])
    if pipeline and pipeline.is_linear:
        return _of_linear(pipeline, task, rows[: ROWS["linear"]], train)
    if pipeline and pipeline.is_trees:
        return _of_trees(pipeline, task, rows[: ROWS["trees"]])
    return _by_permutations(model, task, rows, examples, train, seed)


def _spread(values: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    """Values (N, M, K) of some features as those of all: (N, P, K)."""
    found = np.zeros((len(values), width, values.shape[2]))
    found[:, columns] = values
    return found


def _of_linear(pipeline: Unrolled, task: str, rows, train) -> Shapley:
    seen = pipeline.seen(rows) - pipeline.seen(train).mean(axis=0)
    weights = np.atleast_2d(pipeline.last.coef_)
    values = seen[:, :, None] * weights.T[None]
    unit = "the predicted value, as fitted" if task == "regression" else "the log odds"
    return Shapley(_spread(values, pipeline.columns, rows.shape[1]), rows, "linear", unit)


def _of_trees(pipeline: Unrolled, task: str, rows) -> Shapley:
    import shap

    found = np.asarray(
        shap.TreeExplainer(pipeline.last).shap_values(pipeline.seen(rows), check_additivity=False)
    )
    if found.ndim == 2:
        found = found[:, :, None]
    elif task == "binary":
        found = found[:, :, 1:]
    is_boosted = type(pipeline.last).__name__.startswith("LGBM")
    unit = "the log odds" if is_boosted else "the probability"
    unit = "the predicted value, as fitted" if task == "regression" else unit
    return Shapley(_spread(found, pipeline.columns, rows.shape[1]), rows, "trees", unit)


def _by_permutations(model, task, rows, examples, train, seed) -> Shapley:
    import shap

    def ask(given, table):
        found = log_odds(model.predict(given, table), task)
        return found[:, 1:] if task == "binary" else found

    columns = _screened(ask, rows[:SCREEN_ROWS], examples[:SCREEN_ROWS], train)
    drawn = np.random.default_rng(seed).permutation(len(train))[:BACKGROUND]
    some, values = rows[: ROWS["permutations"]], []
    for number, row in enumerate(some):

        def told(given, row=row, number=number):
            full = np.repeat(row[None], len(given), axis=0)
            full[:, columns] = given
            return ask(full, examples.iloc[np.repeat(number, len(given))])

        explainer = shap.PermutationExplainer(told, train[np.ix_(drawn, columns)], seed=seed)
        found = explainer(row[None, columns], max_evals=2 * (2 * len(columns) + 1), silent=True)
        values.append(np.reshape(found.values, (1, len(columns), -1)))
    unit = "the predicted value" if task == "regression" else "the log odds"
    found = _spread(np.concatenate(values), columns, rows.shape[1])
    return Shapley(found, some, "permutations", unit)


def _screened(ask, rows, examples, train) -> np.ndarray:
    """Places of the features that move the score most when one becomes its median of train."""
    width = rows.shape[1]
    median = medians(train)
    before = ask(rows, examples)
    tried = np.arange(width)
    if width > SCREENED:
        alike, _ = going_with(filled(rows, median), before)
        tried = np.sort(np.argsort(-alike, kind="stable")[:SCREENED])
    changes = np.zeros(len(tried))
    for start in range(0, len(tried), AT_A_TIME):
        # Many features in one prediction: a network's prediction of few rows is all overhead.
        some = tried[start : start + AT_A_TIME]
        changed = np.repeat(rows[None], len(some), axis=0)
        changed[np.arange(len(some)), :, some] = median[some, None]
        table = pd.concat([examples] * len(some))
        found = ask(changed.reshape(-1, width), table).reshape(len(some), *before.shape)
        changes[start : start + len(some)] = np.abs(found - before).mean(axis=(1, 2))
    kept = np.argsort(-changes, kind="stable")[:PERMUTED]
    return np.sort(tried[kept])
