"""What models lose on a batch that they have never seen, over all batches."""

import numpy as np
import pandas as pd
from scipy import stats

from deeprules.files import finite_or_none
from deeprules.statistics.drops import score_drop
from deeprules.statistics.intervals import LEVEL
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRIC_LABELS
from deeprules.wording import format_bounds


def summarise_left_out(table: pd.DataFrame, objective: str) -> dict:
    """The mean drop of each model from random splits to batches left out.

    Parameters
    ----------
    table : rows of `deeprules.controls.left_out_batches.leave_batches_out` of all models

    Returns
    -------
    objective, and models: model, kind, batches (those scored), undefined (names of the others),
    by_batch ({batch: drop}), drop (mean over batches; None if no batch was scored), lower and upper
    (Student's t interval over batches, of a single batch that of its examples, see `score_drop`;
    None where it is undefined), sentence.
    """
    models = []
    for (model, kind), rows in table.groupby(["model", "kind"], sort=False):
        found = _drops(rows[rows["metric"] == objective], objective)
        drops = {batch: drop for batch, (drop, *_) in found.items()}
        names = list(dict.fromkeys(rows["batch"]))
        entry = {
            "model": model,
            "kind": kind,
            "batches": len(drops),
            "undefined": [name for name in names if name not in drops],
            "by_batch": drops,
        }
        mean = _mean(list(found.values()))
        sentence = _sentence({**entry, **mean}, objective)
        mean = {name: finite_or_none(value) for name, value in mean.items()}
        models.append({**entry, **mean, "sentence": sentence})
    return {"objective": objective, "models": models}


def _drops(rows: pd.DataFrame, objective: str) -> dict[str, tuple[float, float, float]]:
    """How much worse each batch is scored than its random split, where both are defined.

    Each drop comes with the bounds of its interval over the examples that were held out.
    """
    found = {}
    for batch, both in rows.dropna(subset=["score"]).groupby("batch", sort=False):
        scores = both.set_index("split")[["score", "lower", "upper"]].T
        if {"random", "batch"} <= {*scores}:
            drop = score_drop(scores["random"], scores["batch"], objective in LOWER_IS_BETTER)
            found[batch] = tuple(map(float, drop))
    return found


def _mean(drops: list[tuple[float, float, float]]) -> dict[str, float]:
    """Mean with its interval over batches; a single drop with its own; NaN without any."""
    if len(drops) < 2:
        drop, lower, upper = drops[0] if drops else (np.nan, np.nan, np.nan)
        return {"drop": drop, "lower": lower, "upper": upper}
    values = np.array(drops)[:, 0]
    mean = float(values.mean())
    margin = float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values))
    return {"drop": mean, "lower": mean - margin, "upper": mean + margin}


def _sentence(entry: dict, objective: str) -> str:
    """The drop of a model in words."""
    model, n, label = entry["model"], entry["batches"], METRIC_LABELS[objective]
    left = f" {len(entry['undefined'])} batches could not be scored." if entry["undefined"] else ""
    left = left.replace("1 batches", "1 batch")
    if not n:
        return f"`{model}`: no batch could be scored when it was left out."
    over = f"mean of {n} batches" if n > 1 else "a single batch, which says nothing of others"
    drop = format_bounds(entry["drop"], entry["lower"], entry["upper"])
    return (
        f"{drop}: what `{model}` loses in {label} on a batch that it has never seen, "
        f"against a random split of the same sizes ({over}).{left}"
    )
