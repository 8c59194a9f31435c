"""Scores with real labels beside those of the same fits on shuffled ones."""

import pandas as pd

from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.wording import format_number


def summarise_shuffled(table: pd.DataFrame, real: dict[str, float], objective: str) -> list[dict]:
    """Each model's score on tune beside those on shuffled labels.

    Parameters
    ----------
    table : rows of `deeprules.controls.shuffled_labels.fit_shuffled`, of all models
    real : {model: mean score on tune of the final fits}

    Returns
    -------
    For each model and scheme: model, kind, scheme, real, shuffled (mean), best_shuffled,
    memorised (mean score on shuffled train), fits, p_value, is_better (than every fit),
    sentence.
    """
    sign = -1 if objective in LOWER_IS_BETTER else 1
    found = []
    chosen = table[table["metric"] == objective]
    for (model, kind, scheme), rows in chosen.groupby(["model", "kind", "scheme"], sort=False):
        tune = sign * rows.loc[rows["partition"] == "tune", "score"].to_numpy()
        memorised = rows.loc[rows["partition"] == "train", "score"].mean()
        at_least = int((tune >= sign * real[model]).sum())
        entry = {
            "model": model,
            "kind": kind,
            "scheme": scheme,
            "real": float(real[model]),
            "shuffled": float(sign * tune.mean()),
            "best_shuffled": float(sign * tune.max()),
            "memorised": float(memorised),
            "fits": len(tune),
            "p_value": (1 + at_least) / (1 + len(tune)),
            "is_better": at_least == 0,
        }
        found.append({**entry, "sentence": _sentence(entry, len(tune))})
    return found


def _sentence(entry, n):
    """What the control shows of one model."""
    where = "shuffled labels" + (" within each batch" if entry["scheme"] == "within_batch" else "")
    numbers = (
        f"{format_number(entry['real'])} on tune, {format_number(entry['shuffled'])} on {where} "
        f"({n} permutation{'s' * (n != 1)}, the best {format_number(entry['best_shuffled'])})"
    )
    if entry["is_better"]:
        return f"`{entry['model']}` learnt from the labels: {numbers}."
    return f"`{entry['model']}` is no better than on {where}: {numbers}."
