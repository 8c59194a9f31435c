"""Coefficients of linear models of tables, with their spread over fits and samples of train."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import clone

from deeprules.data import Partition
from deeprules.fit.models import FittedBaseline
from deeprules.interpret.pipelines import Unrolled, unroll

BOOTSTRAPS = 20
MAX_ROWS = 2000
"""Examples of train of a bootstrap sample."""
SHOWN = 30
COEFFICIENT_COLUMNS = ["feature", "class", "coefficient", "lowest", "highest", "lower", "upper"]
COEFFICIENT_COLUMNS += ["same_sign"]


def coefficient_table(
    fits: Sequence, train: Partition, names: Sequence[str], seed: int
) -> pd.DataFrame:
    """The largest coefficients: `COEFFICIENT_COLUMNS`; no rows for a model that is not linear.

    A coefficient is the change of the score for one standard deviation of the feature: mean,
    lowest and highest over fits; `lower` and `upper` hold the middle 95% of fits to bootstrap
    samples of train (of groups, where there are some), choice of features included; `same_sign` is
    the share of these with the sign of the mean.
    """
    pipelines = [unroll(one, len(names)) for one in fits]
    if not all(one and one.is_linear for one in pipelines):
        return pd.DataFrame(columns=COEFFICIENT_COLUMNS)
    by_fit = np.stack([_weights(one, len(names)) for one in pipelines])
    drawn = _bootstrapped(fits[0], pipelines[0], train, len(names), seed)
    mean = by_fit.mean(axis=0)
    order = np.argsort(-np.abs(mean).max(axis=0), kind="stable")[:SHOWN]
    classes = train.dataset.classes
    labels = classes if len(mean) > 1 else [classes[-1] if classes else ""]
    rows = []
    for feature in order:
        place = int(np.abs(mean[:, feature]).argmax())
        here = by_fit[:, place, feature]
        samples = drawn[:, place, feature] if len(drawn) else drawn
        bounds, same = [np.nan] * 2, np.nan
        if len(samples):
            bounds = np.quantile(samples, [0.025, 0.975])
            same = (np.sign(samples) == np.sign(here.mean())).mean()
        numbers = [here.mean(), here.min(), here.max(), *bounds, same]
        rows.append([names[feature], labels[place], *map(float, numbers)])
    return pd.DataFrame(rows, columns=COEFFICIENT_COLUMNS)


def _weights(pipeline: Unrolled, width: int) -> np.ndarray:
    """Coefficients (K, P) of all features; 0 for those that the model does not see."""
    values = np.atleast_2d(pipeline.last.coef_)
    found = np.zeros((len(values), width))
    found[:, pipeline.columns] = values
    return found


def _bootstrapped(fit, pipeline: Unrolled, train: Partition, width: int, seed: int) -> np.ndarray:
    """Coefficients (B, K, P) of fits to samples of train; one that lacks a class is left out."""
    rng, found = np.random.default_rng(seed), []
    labels = fit.target.standardise(train.labels) if not fit.is_classification else train.labels
    groups = train.groups
    for _ in range(BOOTSTRAPS):
        rows = _drawn(len(train), groups, rng)
        if fit.is_classification and len(np.unique(labels[rows])) < len(train.dataset.classes):
            continue
        fitted = clone(pipeline.pipeline).fit(train.features[rows], labels[rows])
        refit = FittedBaseline(fitted, fit.inputs, fit.is_classification)
        found.append(_weights(unroll(refit, width), width))
    return np.stack(found) if found else np.zeros((0, 1, width))


def _drawn(n: int, groups: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Row numbers of a bootstrap sample, whole groups where there are some."""
    if groups is None:
        return np.sort(rng.integers(n, size=min(n, MAX_ROWS)))
    names, members = np.unique(groups, return_inverse=True)
    counts = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
    rows = np.repeat(np.arange(n), counts[members])
    return np.sort(rng.permutation(rows)[:MAX_ROWS])
