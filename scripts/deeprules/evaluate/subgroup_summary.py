"""What the scores by subgroup say, in sentences."""

import numpy as np
import pandas as pd

from deeprules.evaluate.slice_summary import LEVEL
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import compared_p, format_bounds, format_number

MEASURES = {
    "error_rate": "the error rate",
    "false_positive_rate": "the false positive rate",
    "false_negative_rate": "the false negative rate",
    "calibration_gap": "the calibration gap (mean prediction less what is observed)",
    "absolute_error": "the mean absolute error",
}
NAMED = 8
"""Gaps of a model that are named in sentences, at most; the table has all of them."""


def summarise_subgroups(table: pd.DataFrame, columns: list[str]) -> dict:
    """The findings of `subgroups.tsv`, for a JSON file.

    Returns
    -------
    columns; adjusted_by; models (for each: model, n_tested, n_gaps, too_small, sentences).
    """
    return {
        "columns": columns,
        "adjusted_by": "Holm",
        "models": [_of_model(model, rows) for model, rows in table.groupby("model", sort=False)],
    }


def gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """Differences that chance does not explain, the surest first."""
    return rows[rows["adjusted"] < LEVEL].sort_values("adjusted", kind="stable")


def _of_model(model: str, rows: pd.DataFrame) -> dict:
    tested, found = rows[rows["p_value"].notna()], gaps(rows)
    small = rows[rows["too_small"].notna()]
    sentences = [_gap(model, row) for _, row in found.head(NAMED).iterrows()]
    if len(found) > NAMED:
        sentences.append(f"`{model}` differs in {len(found) - NAMED} more; see the table.")
    if not len(found):
        sentences.append(
            f"No difference of `{model}` between subgroups is beyond chance ({len(tested)} tests). "
            "That none was shown does not show that there is none."
        )
    sentences += [
        f"Too small to judge: {row['column']} {row['subgroup']} ({row['too_small']})."
        for _, row in small.iterrows()
    ]
    return {
        "model": model,
        "n_tested": len(tested),
        "n_gaps": len(found),
        "too_small": len(small),
        "sentences": sentences,
    }


def _gap(model: str, row: pd.Series) -> str:
    """A gap with its numbers."""
    measure = MEASURES.get(row["measure"], METRIC_LABELS.get(row["measure"], row["measure"]))
    value = format_bounds(row["value"], row["lower"], row["upper"])
    rest = format_number(row["rest"]) if np.isfinite(row["rest"]) else "not defined"
    return (
        f"`{model}`, {row['column']} {row['subgroup']} ({int(row['n']):,} examples): {measure} is "
        f"{value}, against {rest} outside it (adjusted p {compared_p(row['adjusted'])})."
    )
