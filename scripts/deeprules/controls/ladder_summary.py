"""The leakage ladder in words: what each rung scores, and what it loses against the random one."""

import numpy as np
import pandas as pd

from deeprules.evaluate.verdict import format_number
from deeprules.metrics import LOWER_IS_BETTER, METRIC_LABELS

KEPT = {
    "group": "groups",
    "chromosome": "chromosomes, or blocks of them,",
    "batch": "batches",
    "homology": "similar sequences",
}
"""What a rung keeps together."""


def with_drops(table: pd.DataFrame) -> pd.DataFrame:
    """The table of scores with `drop`: how much worse than on the random rung each score is."""
    random = table[table["rung"] == "random"].set_index(["model", "metric"])["score"]
    keys = pd.MultiIndex.from_frame(table[["model", "metric"]])
    sign = np.where(table["metric"].isin(LOWER_IS_BETTER), -1, 1)
    return table.assign(drop=sign * (random.reindex(keys).to_numpy() - table["score"]))


def summarise_ladder(table: pd.DataFrame, rungs: list[dict], objective: str) -> dict:
    """What the ladder shows in the objective.

    Parameters
    ----------
    table : rows of `deeprules.controls.ladder.climb_ladder` of all models, with drops
    rungs : facts of the rungs, see `deeprules.controls.rungs.draw_rungs`

    Returns
    -------
    objective, rungs, and entries: model, kind, rung, train, held_out, score, lower, upper, drop,
    is_below (whether the score is worse than the whole interval of the random rung), sentence.
    """
    chosen = table[table["metric"] == objective]
    random = chosen[chosen["rung"] == "random"].set_index("model")
    entries = []
    for row in chosen.to_dict("records"):
        entry = {name: _or_none(value) for name, value in row.items() if name != "metric"}
        entry["is_below"] = False
        base = random.loc[row["model"]] if row["model"] in random.index else None
        if base is not None and row["rung"] != "random":
            if objective in LOWER_IS_BETTER:
                entry["is_below"] = bool(row["score"] > base["upper"])
            else:
                entry["is_below"] = bool(row["score"] < base["lower"])
            entry["sentence"] = _sentence(row, base, objective, entry["is_below"])
        entries.append(entry)
    return {"objective": objective, "rungs": rungs, "entries": entries}


def _sentence(row: dict, base: pd.Series, objective: str, is_below: bool) -> str:
    found = (
        f"`{row['model']}`: {METRIC_LABELS[objective]} {_score(row)} where "
        f"{KEPT[row['rung']]} stay together, {_score(base)} on a random split"
    )
    if is_below:
        return f"{found}: a random split makes it look better by {format_number(row['drop'])}."
    return f"{found}: no clear drop."


def _score(row) -> str:
    """A score with its interval."""
    value, lower, upper = (format_number(row[name]) for name in ("score", "lower", "upper"))
    return f"{value} [{lower}, {upper}]"


def _or_none(value):
    """A value for JSON: None where a number is not defined."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
