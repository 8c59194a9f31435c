"""A small panel: the few features that say nearly what a model says.

Features are taken one after another, each the one that explains most of what is left of the model's
log odds on train (orthogonal matching pursuit, Tropp et al. 2006, Signal Processing 86:572). A
panel of each size is fitted to the labels as a linear model; tune tells how many features are
enough.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression, Ridge

from deeprules.ingest.transforms import IN_WORDS
from deeprules.interpret.panel_features import Candidates
from deeprules.statistics.log_odds import log_odds
from deeprules.statistics.metrics import metric_score

SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
BOOTSTRAPS = 200
CURVE_COLUMNS = ["features", "score", "fidelity", "agreement", "chosen", "model_score"]
SCORER = Path(__file__).with_name("panel_scorer.py")


def pursuit(values: np.ndarray, score: np.ndarray, most: int) -> list[int]:
    """Columns of values (N, M) that explain a score (N, K) best, one added at a time."""
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    target = score - score.mean(axis=0)
    target = target / np.maximum(target.std(axis=0), 1e-12)
    left, chosen = target, []
    while len(chosen) < min(most, values.shape[1]):
        gains = (standard.T @ left) ** 2
        gains = gains.sum(axis=1)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        some = standard[:, chosen]
        left = target - some @ np.linalg.lstsq(some, target, rcond=None)[0]
        if np.square(left).sum() < 1e-9 * np.square(target).sum():
            break
    return chosen


class Panel:
    """A linear model of some columns, fitted to labels.

    Parameters
    ----------
    values : (N, M) of all candidates
    labels : (N,) class indices or values
    columns : those that are used
    """

    def __init__(self, values: np.ndarray, labels: np.ndarray, columns: list[int], task: str):
        some = values[:, columns]
        self.columns, self.task = columns, task
        self.mean, self.scale = some.mean(axis=0), some.std(axis=0)
        model = Ridge(1.0) if task == "regression" else LogisticRegression(C=1.0, max_iter=2000)
        self.model = model.fit((some - self.mean) / self.scale, labels)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probabilities (N, C) or values (N,)."""
        standard = (values[:, self.columns] - self.mean) / self.scale
        if self.task == "regression":
            return self.model.predict(standard)
        return self.model.predict_proba(standard)


def fidelity(task: str, given: np.ndarray, model: np.ndarray) -> tuple[float, float]:
    """Rank correlation of both log odds (mean over classes), and share of equal classes."""
    one, other = (log_odds(predictions, task) for predictions in (given, model))
    columns = range(1, 2) if task == "binary" else range(one.shape[1])
    ranks = [spearmanr(one[:, place], other[:, place]).statistic for place in columns]
    same = np.nan
    if task != "regression":
        same = float((given.argmax(axis=1) == model.argmax(axis=1)).mean())
    return float(np.nanmean(np.nan_to_num(ranks))), same


def find_panel(
    candidates: Candidates,
    labels: Mapping[str, np.ndarray],
    model: Mapping[str, np.ndarray],
    task: str,
    metric: str,
    seed: int,
) -> tuple[Panel, pd.DataFrame]:
    """The smallest panel within one standard error of the best on tune, and `CURVE_COLUMNS`.

    Parameters
    ----------
    labels, model : labels, and predictions of the model that is to be reproduced, of `train` and
        `tune`
    """
    score = log_odds(model["train"], task)
    order = pursuit(candidates.train, score, SIZES[-1])
    sizes = [size for size in SIZES if size <= len(order)]
    panels = [Panel(candidates.train, labels["train"], order[:size], task) for size in sizes]
    told = [one.predict(candidates.tune) for one in panels]
    rows = []
    for size, predictions in zip(sizes, told, strict=True):
        found = metric_score(metric, task, labels["tune"], predictions)
        rows.append([size, found, *fidelity(task, predictions, model["tune"])])
    best = int(np.argmax([row[1] for row in rows]))
    error = _standard_error(metric, task, labels["tune"], told[best], seed)
    enough = next(place for place, row in enumerate(rows) if row[1] >= rows[best][1] - error)
    of_model = metric_score(metric, task, labels["tune"], model["tune"])
    rows = [[*row, place == enough, of_model] for place, row in enumerate(rows)]
    return panels[enough], pd.DataFrame(rows, columns=CURVE_COLUMNS)


def _standard_error(metric, task, labels, predictions, seed) -> float:
    """Standard deviation of a score over bootstrap samples of tune."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(BOOTSTRAPS):
        rows = rng.integers(len(labels), size=len(labels))
        found.append(metric_score(metric, task, labels[rows], predictions[rows]))
    return float(np.nanstd(found))


def panel_content(panel: Panel, candidates: Candidates, dataset) -> dict:
    """All that the scorer needs to know."""
    intercepts = np.atleast_1d(panel.model.intercept_)
    facts = [
        {**candidates.facts[column], "mean": float(mean), "scale": float(scale)}
        for column, mean, scale in zip(panel.columns, panel.mean, panel.scale, strict=True)
    ]
    return {
        "modality": dataset.modality,
        "both_strands": dataset.both_strands,
        "transformed": IN_WORDS.get(dataset.transform, ""),
        "classes": list(dataset.classes),
        "intercepts": intercepts.tolist(),
        "weights": np.atleast_2d(panel.model.coef_).tolist(),
        "features": facts,
    }


def panel_table(content: Mapping) -> pd.DataFrame:
    """One row a feature and class: feature, kind, class, weight (for one standard deviation), mean,
    standard_deviation; the intercept last."""
    classes = content["classes"]
    shown = classes if len(content["weights"]) > 1 else [classes[-1] if classes else ""]
    rows = [
        [one["name"], one["kind"], name, weights[place], one["mean"], one["scale"]]
        for place, one in enumerate(content["features"])
        for name, weights in zip(shown, content["weights"], strict=True)
    ]
    ends = zip(shown, content["intercepts"], strict=True)
    rows += [["(intercept)", "", name, value, np.nan, np.nan] for name, value in ends]
    columns = ["feature", "kind", "class", "weight", "mean", "standard_deviation"]
    return pd.DataFrame(rows, columns=columns)


def scorer_text(content: Mapping) -> str:
    """A program that scores examples with a panel, with the standard library alone."""
    before, after = SCORER.read_text(encoding="utf-8").split('json.loads("{}")')
    return f"{before}json.loads({json.dumps(content)!r}){after}"
