"""What the scores in slices say, in sentences: where a model fails, and on what it is tested."""

import numpy as np
import pandas as pd

from deeprules.evaluate.slices import QUARTERS
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import compared_p, format_number

LEVEL = 0.05
NAMED = 5
"""Slices of a model that are named in sentences, at most; the table has all of them."""


def summarise_slices(
    table: pd.DataFrame, similarity: dict, examples: dict[str, tuple[int, int]]
) -> dict:
    """The findings of `slices.tsv`.

    Parameters
    ----------
    table : rows of `deeprules.evaluate.slice_scores.slice_table`, of tune and test
    similarity : facts of the `Reference`
    examples : {partition: number of examples looked at, and of all}

    Returns
    -------
    For a JSON file: similarity; adjusted_by; tested ({partition: number of tests}); models (for
    each: model, n_tested, n_worse, worst (sentences), lowest (a sentence where nothing is worse
    than chance allows), similarity (a sentence or None), far_is_tested and fails_far (whether
    the slice least similar to train was tested, and is worse; of several labels, whether all
    were tested, and any is worse)); notes.
    """
    on_test = table[table["partition"] == "test"]
    return {
        "similarity": similarity,
        "adjusted_by": "Holm",
        "tested": {name: _n_tested(table[table["partition"] == name]) for name in examples},
        "models": [
            _model_summary(model, rows) for model, rows in on_test.groupby("model", sort=False)
        ],
        "notes": _notes(similarity, examples),
    }


def worse(rows: pd.DataFrame) -> pd.DataFrame:
    """Slices that are worse than chance allows, the worst first."""
    found = rows[(rows["adjusted"] < LEVEL) & (rows["difference"] < 0)]
    return found.sort_values("difference", kind="stable")


def _n_tested(rows: pd.DataFrame) -> int:
    return int(rows["p_value"].notna().sum())


def _model_summary(model: str, rows: pd.DataFrame) -> dict:
    """The findings of one model on test."""
    worst, tested = worse(rows), rows[rows["p_value"].notna()]
    similar = _by_similarity(rows)
    of_each = [one for _, one in similar.groupby("column", sort=False)]
    far = similar.groupby("column", sort=False).head(1)
    lowest = None
    if worst.empty and len(tested):
        lowest = _sentence(tested.loc[tested["difference"].idxmin()], "scores lowest")
        lowest += " Chance may explain it."
    return {
        "model": model,
        "n_tested": len(tested),
        "n_worse": len(worst),
        "worst": [_sentence(row, "is worse") for _, row in worst.head(NAMED).iterrows()],
        "lowest": lowest,
        "similarity": _similarity_sentence(model, min(of_each, key=_far)) if of_each else None,
        "far_is_tested": bool(len(far) and far.index.isin(tested.index).all()),
        "fails_far": bool(far.index.isin(worst.index).any()),
    }


def _sentence(row: pd.Series, what: str) -> str:
    """A slice with its numbers."""
    return (
        f"`{row['model']}` {what} in {described(row)} ({row['n']:,} examples): {_score(row)}, "
        f"against {format_number(row['rest'])} outside it (adjusted p "
        f"{compared_p(row['adjusted'])})."
    )


def described(row: pd.Series) -> str:
    """A slice in words."""
    column, name = row["column"], row["slice"]
    if name.startswith(QUARTERS):
        quarter, _, values = name.partition(", ")
        return f"the {quarter} of {column}, {values}"
    return f"{column} {name}"


def _score(row: pd.Series) -> str:
    """The score of a slice with its interval."""
    label = METRIC_LABELS.get(row["metric"], row["metric"])
    numbers = [format_number(row[name]) for name in ("score", "lower", "upper")]
    return f"{label} {numbers[0]} [{numbers[1]}, {numbers[2]}]"


def _by_similarity(rows: pd.DataFrame) -> pd.DataFrame:
    """Slices by similarity to train, of each label the least similar first."""
    return rows[(rows["by"] == "similarity") & np.isfinite(rows["score"])]


def _far(rows: pd.DataFrame) -> float:
    """How much better the least similar slice is than the rest; infinite where it is not known."""
    return float(rows["difference"].fillna(np.inf).iloc[0])


def _similarity_sentence(model: str, rows: pd.DataFrame) -> str:
    """Scores far from train and near to it; of several labels, of the one that loses most."""
    far, near = rows.iloc[0], rows.iloc[-1]
    label = far["column"].removesuffix("similarity to train").removesuffix(": ")
    of = f" (label {label})" if label else ""
    return (
        f"`{model}` on the test examples least similar to train{of}: {_score(far)} "
        f"(n = {far['n']:,}); on the most similar: {_score(near)} (n = {near['n']:,})."
    )


def _notes(similarity: dict, examples: dict[str, tuple[int, int]]) -> list[str]:
    """What was not looked at."""
    notes = [
        f"Of {name}, {looked:,} of {n:,} examples were looked at, drawn at random."
        for name, (looked, n) in examples.items()
        if looked < n
    ]
    looked, n = similarity["n_looked_at"], similarity["n_train"]
    if looked < n:
        notes.append(
            f"Similarity is that to the nearest of {looked:,} training examples, drawn at random "
            f"from {n:,}: a nearer one may have been missed."
        )
    return notes
