"""Which features of a table a model responds to, asked in three ways, on development data alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import beta, false_discovery_control

from deeprules.data import Development, Partition
from deeprules.explore.batch_effects import variance_shares
from deeprules.feature_store import dense
from deeprules.interpret.coefficients import coefficient_table
from deeprules.interpret.explained import INTERPRET
from deeprules.interpret.filled_rows import filled
from deeprules.interpret.shapley import shapley_values
from deeprules.interpret.shuffled_features import correlated_groups, losses
from deeprules.seeds import derived_seed

MAX_ROWS = 500
"""Examples of tune that are looked at, and twice as many of train."""
GROUPS = 20
"""Groups of features that are shuffled."""
SHOWN = 50
"""Features whose Shapley values are listed."""
BATCH_SHARE = 0.25
"""Share of a feature's variance that goes with the batch, from which on it is marked."""
LEFT_WITHIN = 0.5
"""Share of what shuffling takes that is left within batches, below which the batch tells it."""
IMPORTANCE_COLUMNS = ["feature", "members", "together_with", "loss", "lower", "upper"]
IMPORTANCE_COLUMNS += ["null_loss", "fits_with_it", "fits", "within_batches", "batch_share"]
IMPORTANCE_COLUMNS += ["is_batch", "direction", "class", "survives", "because"]
SHAPLEY_COLUMNS = ["feature", "shapley", "lowest", "highest", "null", "class", "direction"]
SHAPLEY_COLUMNS += ["batch_share", "is_batch"]


def explain_features(
    fits: Sequence,
    null: tuple[object, Development],
    development: Development,
    names: Sequence[str],
    metric: str,
    seed: int,
) -> tuple[dict[str, pd.DataFrame], dict]:
    """Shuffled features, Shapley values and coefficients of all fits of a model.

    Parameters
    ----------
    null : the same model fitted to shuffled labels, and the data with these (`null_fit`)
    names : of the features (P)
    metric : score whose loss is measured, one that is to be high

    Returns
    -------
    Tables by name (importance, shapley, coefficients), and how they were made.
    """
    seed = derived_seed(seed, INTERPRET, 6)
    tune, train = (
        _in_memory(part, most, seed)
        for part, most in ((development.tune, MAX_ROWS), (development.train, 2 * MAX_ROWS))
    )
    null_model, null_tune = null[0], _in_memory(null[1].tune, MAX_ROWS, seed)
    given = tune.dataset.task, tune.features, tune.examples, train.features
    *explained, of_null = (shapley_values(one, *given, seed) for one in (*fits, null_model))
    strength = np.stack([one.strength for one in explained])
    order = np.argsort(-strength.mean(axis=0), kind="stable")
    order = order[strength.mean(axis=0)[order] > 0]
    shares, marked = batch_shares(train, tune)
    groups = correlated_groups(train.features, order, GROUPS)
    told = [explained[0].direction(feature) for feature in range(len(names))]
    asked = groups, metric, derived_seed(seed, 1)
    by_fit = [losses(one, tune, *asked) for one in fits]
    null_losses = losses(null_model, null_tune, *asked)[0].mean(axis=1)
    own = tune.dataset, names, (shares, marked), told
    tables = {
        "importance": _importance(by_fit, null_losses, groups, *own),
        "shapley": _shapley(strength, of_null.strength, order, *own),
        "coefficients": coefficient_table(fits, development.train, names, seed),
    }
    coefficients, place = tables["coefficients"], {name: i for i, name in enumerate(names)}
    known = [place[name] for name in coefficients["feature"]]
    tables["coefficients"] = coefficients.assign(batch_share=shares[known], is_batch=marked[known])
    first = explained[0]
    facts = {"how": first.how, "unit": first.unit, "explained": len(first.rows)}
    facts |= {"metric": metric, "shuffled_on": len(tune), "features": len(names), "fits": len(fits)}
    facts |= {"null_loss": float(null_losses.max(initial=0))}
    facts |= {"null_shapley": float(of_null.strength.max(initial=0))}
    return tables, facts


def _in_memory(part: Partition, most: int, seed: int) -> Partition:
    """Up to `most` examples at random, their features as an array."""
    rows = np.sort(np.random.default_rng(seed).permutation(len(part))[:most])
    found = part.subset(rows)
    found.features = dense(found.features)
    found.labels = part.labels[rows]
    return found


def batch_shares(train: Partition, tune: Partition) -> tuple[np.ndarray, np.ndarray]:
    """Share of the variance of each feature (P,) that goes with the batch, and which are marked.

    Marked are shares of `BATCH_SHARE` and more with a false discovery rate below 5% (analysis of
    variance). Without batches all shares are missing and none is marked.
    """
    width = train.features.shape[1]
    batches = pd.concat([train.examples, tune.examples]).get("batch")
    codes = pd.factorize(batches)[0] if train.dataset.has_batch else np.zeros(1)
    if len(np.unique(codes)) < 2 or len(np.unique(codes)) == len(codes):
        return np.full(width, np.nan), np.zeros(width, dtype=bool)
    rows = np.concatenate([train.features, tune.features]).astype(np.float64)
    rows = filled(rows)
    varies = np.ptp(rows, axis=0) > 0
    shares = np.zeros(width)
    shares[varies] = np.clip(variance_shares(rows[:, varies], codes), 0, 1)
    between = len(np.unique(codes)) - 1
    p = beta.sf(shares, between / 2, (len(rows) - between - 1) / 2)
    return shares, (shares >= BATCH_SHARE) & (false_discovery_control(p) < 0.05)


def _importance(found, null_losses, groups, dataset, names, batch, told) -> pd.DataFrame:
    """`IMPORTANCE_COLUMNS`, the group first whose shuffling costs most.

    It is no finding where it costs no more than any group costs the model of shuffled labels.
    """
    by_fit = np.stack([one for one, _ in found])
    within = None if found[0][1] is None else np.mean([one for _, one in found], axis=0)
    rows = []
    for place, group in enumerate(groups):
        mean, spread = by_fit[:, place].mean(), by_fit[:, place].std(ddof=1)
        low = by_fit[:, place].mean(axis=1) - 2 * by_fit[:, place].std(axis=1, ddof=1)
        left = np.nan if within is None else float(within[place])
        leader, clear = int(group[0]), int((low > 0).sum())
        marked = bool(batch[1][group].any())
        reasons = []
        if 2 * clear <= len(found):
            reasons.append("shuffling it costs no more than chance in most fits")
        if mean - 2 * spread <= null_losses.max():
            reasons.append("it costs no more than a feature may cost a model of shuffled labels")
        if marked and left < LEFT_WITHIN * mean:
            reasons.append("it goes with the batch, and within batches it tells little")
        target, direction = told[leader]
        label = _class_of(dataset.classes, target)
        others = ", ".join(names[one] for one in group[1:6])
        head = [names[leader], len(group), others + (" ..." if len(group) > 6 else "")]
        loss = map(float, (mean, mean - 2 * spread, mean + 2 * spread))
        share = float(np.max(batch[0][group]))
        seen = [float(null_losses[place]), clear, len(found), left, share, marked, direction, label]
        rows.append([*head, *loss, *seen, not reasons, "; ".join(reasons)])
    table = pd.DataFrame(rows, columns=IMPORTANCE_COLUMNS)
    return table.sort_values("loss", ascending=False, kind="stable", ignore_index=True)


def _shapley(strength, of_null, order, dataset, names, batch, told) -> pd.DataFrame:
    """`SHAPLEY_COLUMNS`: mean absolute Shapley value, mean, lowest and highest of the fits.

    `null` is the same of the model fitted to shuffled labels.
    """
    rows = []
    for feature in order[:SHOWN]:
        here, (target, direction) = strength[:, feature], told[feature]
        label = _class_of(dataset.classes, target)
        numbers = [*map(float, (here.mean(), here.min(), here.max(), of_null[feature]))]
        marks = [float(batch[0][feature]), bool(batch[1][feature])]
        rows.append([names[feature], *numbers, label, direction, *marks])
    return pd.DataFrame(rows, columns=SHAPLEY_COLUMNS)


def _class_of(classes: Sequence[str], target: int) -> str:
    """The class whose score it is: of two the second one, of a value none."""
    return classes[target] if len(classes) > 2 else (classes[1] if classes else "")
