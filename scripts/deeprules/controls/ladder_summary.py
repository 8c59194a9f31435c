"""The leakage ladder in words: what each rung scores, and what it loses against the random one."""

import numpy as np
import pandas as pd

from deeprules.statistics.drops import score_drop
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRIC_LABELS
from deeprules.wording import format_bounds

KEPT = {
    "group": "groups",
    "chromosome": "chromosomes, or blocks of them,",
    "batch": "batches",
    "homology": "similar sequences",
}
"""What a rung keeps together."""


def with_drops(table: pd.DataFrame) -> pd.DataFrame:
    """The table of scores with `drop`: how much worse than on the random rung each score is.

    `drop_lower` and `drop_upper` are the bounds of its interval, see `score_drop`; the rungs hold
    out some examples in common.
    """
    columns = ["score", "lower", "upper"]
    keys = pd.MultiIndex.from_frame(table[["model", "metric"]])
    random = table[table["rung"] == "random"].set_index(["model", "metric"])[columns]
    base, score = random.reindex(keys).to_numpy().T, table[columns].to_numpy().T
    is_error = table["metric"].isin(LOWER_IS_BETTER).to_numpy()
    drop, lower, upper = score_drop(base, score, is_error)
    is_random = table["rung"].eq("random").to_numpy()
    return table.assign(
        drop=drop,
        drop_lower=np.where(is_random, np.nan, lower),
        drop_upper=np.where(is_random, np.nan, upper),
    )


def summarise_ladder(table: pd.DataFrame, rungs: list[dict], objective: str) -> dict:
    """What the ladder shows in the objective.

    Parameters
    ----------
    table : rows of `deeprules.controls.ladder.climb_ladder` of all models, with drops
    rungs : facts of the rungs, see `deeprules.controls.rungs.draw_rungs`

    Returns
    -------
    objective, rungs, and entries: model, kind, rung, train, held_out, score, lower, upper, drop,
    drop_lower, drop_upper, is_below (whether the whole interval of the drop is above 0), sentence.
    """
    chosen = table[table["metric"] == objective]
    random = chosen[chosen["rung"] == "random"].set_index("model")
    entries = []
    for row in chosen.to_dict("records"):
        entry = {name: _or_none(value) for name, value in row.items() if name != "metric"}
        entry["is_below"] = bool(row["drop_lower"] > 0)
        if row["rung"] != "random" and row["model"] in random.index:
            entry["sentence"] = _sentence(row, random.loc[row["model"]], objective)
        entries.append(entry)
    return {"objective": objective, "rungs": rungs, "entries": entries}


def _sentence(row: dict, base: pd.Series, objective: str) -> str:
    found = (
        f"`{row['model']}`: {METRIC_LABELS[objective]} {_score(row)} where "
        f"{KEPT[row['rung']]} stay together, {_score(base)} on a random split"
    )
    drop = format_bounds(row["drop"], row["drop_lower"], row["drop_upper"])
    if row["drop_lower"] > 0:
        return f"{found}: a random split makes it look better by {drop}."
    return f"{found}: no clear drop, {drop}."


def _score(row) -> str:
    """A score with its interval."""
    return format_bounds(row["score"], row["lower"], row["upper"])


def _or_none(value):
    """A value for JSON: None where a number is not defined."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
