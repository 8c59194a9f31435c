"""What models lose on a batch that they have never seen, over all batches."""

import numpy as np
import pandas as pd
from scipy import stats

from deeprules.evaluate.bootstrap import LEVEL
from deeprules.evaluate.verdict import format_bounds, format_number
from deeprules.metrics import LOWER_IS_BETTER, METRIC_LABELS


def summarise_left_out(table: pd.DataFrame, objective: str) -> dict:
    """The mean drop of each model from random splits to batches left out.

    Parameters
    ----------
    table : rows of `deeprules.controls.left_out_batches.leave_batches_out` of all models

    Returns
    -------
    objective, and models: model, kind, batches (those scored), undefined (names of the others),
    drop (mean over batches; None if no batch was scored), lower and upper (Student's t interval
    over batches; None for fewer than two), by_batch ({batch: drop}), sentence.
    """
    models = []
    for (model, kind), rows in table.groupby(["model", "kind"], sort=False):
        drops = _drops(rows[rows["metric"] == objective], objective)
        names = list(dict.fromkeys(rows["batch"]))
        entry = {
            "model": model,
            "kind": kind,
            "batches": len(drops),
            "undefined": [name for name in names if name not in drops],
            **_mean(np.array(list(drops.values()))),
            "by_batch": drops,
        }
        models.append({**entry, "sentence": _sentence(entry, objective)})
    return {"objective": objective, "models": models}


def _drops(rows: pd.DataFrame, objective: str) -> dict[str, float]:
    """How much worse each batch is scored than its random split, where both are defined."""
    wide = rows.pivot(index="batch", columns="split", values="score").dropna()
    wide = wide.reindex([name for name in dict.fromkeys(rows["batch"]) if name in wide.index])
    if wide.empty:
        return {}
    sign = -1 if objective in LOWER_IS_BETTER else 1
    return (sign * (wide["random"] - wide["batch"])).to_dict()


def _mean(drops: np.ndarray) -> dict[str, float | None]:
    """Mean with its interval over batches."""
    if not len(drops):
        return {"drop": None, "lower": None, "upper": None}
    mean = float(drops.mean())
    if len(drops) == 1:
        return {"drop": mean, "lower": None, "upper": None}
    margin = stats.t.ppf((1 + LEVEL) / 2, len(drops) - 1) * stats.sem(drops)
    return {"drop": mean, "lower": float(mean - margin), "upper": float(mean + margin)}


def _sentence(entry: dict, objective: str) -> str:
    """The drop of a model in words."""
    model, n, label = entry["model"], entry["batches"], METRIC_LABELS[objective]
    left = f" {len(entry['undefined'])} batches could not be scored." if entry["undefined"] else ""
    left = left.replace("1 batches", "1 batch")
    if not n:
        return f"`{model}`: no batch could be scored when it was left out."
    over = f"mean of {n} batches" if n > 1 else "a single batch"
    drop = format_number(entry["drop"])
    if n > 1:
        drop = format_bounds(entry["drop"], entry["lower"], entry["upper"])
    return (
        f"{drop}: what `{model}` loses in {label} on a batch that it has never seen, "
        f"against a random split of the same sizes ({over}).{left}"
    )
