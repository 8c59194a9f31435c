"""Split stringency: one model refitted on splits that keep more and more together.

The splits of the development data are drawn by `deeprules.split.stringency`; the model is scored on
what each of them holds out. Known as the leakage ladder.
"""

import numpy as np
import pandas as pd

from deeprules.control import (
    Cost,
    Terms,
    predict_held_out,
    score_rows,
    scored,
    whole_fits,
)
from deeprules.data import Development
from deeprules.files import finite_or_none, read_json, read_table
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed
from deeprules.split.stringency import KEPT
from deeprules.statistics.drops import score_drop
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRIC_LABELS
from deeprules.wording import format_bounds

REPEATED = ""
NEEDS = ("splits",)

BINS = {"below 50%": 0.5, "50 to 70%": 0.7, "70 to 90%": 0.9, "90 to 100%": np.inf}
"""Bins of identity to the nearest training example, by what each ends below."""
NO_HIT = "none found"

FIT = 4
"""What numbers the seed of the fits: that of every split is the same."""
COLUMNS = ["model", "kind", "split", "identity", "train", "held_out", "metric", "score", "lower"]
COLUMNS += ["upper"]
NUMBERS = ("score", "lower", "upper", "drop", "drop_lower", "drop_upper")


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Fit a model on each split, once.

    Returns
    -------
    A row a split and metric, see `COLUMNS`: scores on the held-out part of each split, and on those
    of its examples of the random split that lie in a bin of identity to the nearest training
    example (`identity`, empty for the whole held-out part), where similar sequences were looked
    for.

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    part = development.joined()
    splits, nearest = (read_table(terms.files[name]) for name in ("splits", "nearest"))
    fit_seed, rows = derived_seed(terms.seed, FIT), []
    for split, drawn in splits.groupby("split", sort=False):
        partition = part.examples["id"].map(drawn.set_index("id")["partition"]).to_numpy()
        train, tune, held = (
            part.subset(np.flatnonzero(partition == name)) for name in ("train", "tune", "held_out")
        )
        predictions = predict_held_out(chosen, train, tune, held, fit_seed, split)
        head = {**chosen.facts, "split": split, "train": len(train)}
        bins = {"": np.arange(len(held))}
        if split == "random" and len(nearest):
            identity = held.examples["id"].map(nearest.set_index("id")["identity"]).to_numpy()
            bins |= _rows_by_identity(identity)
        for name, inside in bins.items():
            found = scored(held.subset(inside), predictions[inside], terms.replicates, terms.seed)
            facts = {**head, "identity": name, "held_out": len(inside)}
            rows += score_rows(facts, found)
    return pd.DataFrame(rows, columns=COLUMNS)


def identity_bin(identity: np.ndarray) -> np.ndarray:
    """Name of the bin (N,) of each identity (0..1; NaN where nothing similar was found)."""
    names = np.array([*BINS, NO_HIT], dtype=object)
    place = np.digitize(identity, list(BINS.values())[:-1])
    return names[np.where(np.isnan(identity), len(BINS), place)]


def _rows_by_identity(identity: np.ndarray) -> dict[str, np.ndarray]:
    """Row numbers of each bin that holds any, by its name."""
    bins = identity_bin(identity)
    found = {name: np.flatnonzero(bins == name) for name in (*BINS, NO_HIT)}
    return {name: rows for name, rows in found.items() if len(rows)}


def with_drops(table: pd.DataFrame) -> pd.DataFrame:
    """The table of scores with `drop`: how much worse than on the random split each split's is.

    `drop_lower` and `drop_upper` are the bounds of its interval, see `score_drop`; the splits hold
    out some examples in common.
    """
    columns = ["score", "lower", "upper"]
    keys = pd.MultiIndex.from_frame(table[["model", "metric"]])
    is_whole = table["identity"].eq("").to_numpy()
    is_random = table["split"].eq("random").to_numpy()
    random = table[is_random & is_whole].set_index(["model", "metric"])[columns]
    base, score = random.reindex(keys).to_numpy().T, table[columns].to_numpy().T
    is_error = table["metric"].isin(LOWER_IS_BETTER).to_numpy()
    drop, lower, upper = score_drop(base, score, is_error)
    return table.assign(
        drop=np.where(is_whole, drop, np.nan),
        drop_lower=np.where(is_random, np.nan, lower),
        drop_upper=np.where(is_random, np.nan, upper),
    )


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """What the splits show in the objective.

    Returns
    -------
    The table with drops, and `splits` (facts of each, see
    `deeprules.split.stringency.draw_splits`) and `entries`: model, kind, split, kept (what stays
    together), train, held_out, score, lower, upper, drop, drop_lower, drop_upper, is_below (whether
    the whole interval of the drop is above 0), sentence.
    """
    table = with_drops(table)
    return table, {
        "splits": read_json(terms.files["split_facts"]),
        "entries": entries_of(table, terms.objective),
    }


def cost(development: Development, terms: Terms) -> Cost:
    """A fit on the train of every split that could be drawn."""
    sizes = [split["train"] for split in read_json(terms.files["split_facts"])]
    return Cost(1, whole_fits([n / len(development.train) for n in sizes if n]))


def entries_of(table: pd.DataFrame, objective: str) -> list[dict]:
    """The entries of `summarise` from a table with drops."""
    chosen = table[(table["metric"] == objective) & (table["identity"] == "")]
    random = chosen[chosen["split"] == "random"].set_index("model")
    entries = []
    for row in chosen.drop(columns=["metric", "identity"]).to_dict("records"):
        entry = {**row, "kept": KEPT[row["split"]], "is_below": bool(row["drop_lower"] > 0)}
        entry |= {name: finite_or_none(row[name]) for name in NUMBERS}
        if row["split"] != "random" and row["model"] in random.index:
            entry["sentence"] = _sentence(row, random.loc[row["model"]], objective)
        entries.append(entry)
    return entries


def _sentence(row: dict, base: pd.Series, objective: str) -> str:
    found = (
        f"`{row['model']}`: {METRIC_LABELS[objective]} {_score(row)} where "
        f"{KEPT[row['split']]} stay together, {_score(base)} on a random split"
    )
    drop = format_bounds(row["drop"], row["drop_lower"], row["drop_upper"])
    if row["drop_lower"] > 0:
        return f"{found}: a random split makes it look better by {drop}."
    return f"{found}: no clear drop, {drop}."


def _score(row) -> str:
    """A score with its interval."""
    return format_bounds(row["score"], row["lower"], row["upper"])
