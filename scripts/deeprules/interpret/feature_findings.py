"""What is said in words of the features that a model responds to."""

import pandas as pd

from deeprules.interpret.findings import STRONGEST
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import format_number, format_score


def feature_sentences(model: str, tables: dict[str, pd.DataFrame], facts: dict) -> list[str]:
    """The strongest findings in words; features that the batch tells are named as such."""
    table = tables["importance"]
    shown = table[table["survives"] | table["is_batch"] & (table["lower"] > 0)].head(STRONGEST)
    coefficients = tables["coefficients"].set_index("feature")
    return [
        _sentence(model, row, coefficients, facts)
        for row in shown.rename(columns={"class": "label"}).itertuples()
    ]


def _sentence(model, row, coefficients: pd.DataFrame, facts: dict) -> str:
    """One group of features."""
    named = f"`{row.feature}`"
    if row.members > 1:
        named += f" and {row.members - 1} that go{'es' * (row.members == 2)} with it"
        named += f" (`{row.together_with}`)"
    metric = METRIC_LABELS[facts["metric"]]
    said = (
        f"`{model}` responds to {named}: shuffled, {metric} on tune falls by "
        f"{format_score(row.loss)}, in {row.fits_with_it} of {row.fits} fits beyond chance."
    )
    if row.direction:
        change, label = {"raises": "higher", "lowers": "lower"}[row.direction], row.label
        said += f" Higher values go with {change} " + (
            f"odds of `{label}`." if label else "values."
        )
    if row.feature in coefficients.index:
        one = coefficients.loc[row.feature]
        said += (
            f" Its coefficient is {format_number(one['coefficient'])} (bootstrap "
            f"{format_number(one['lower'])} to {format_number(one['upper'])})."
        )
    if row.is_batch:
        # The share is the largest among the features of the group.
        goes = "It goes" if row.members == 1 else "One of these, or more, goes"
        it = "it costs" if row.members == 1 else "they cost"
        said += (
            f" {goes} with the batch ({row.batch_share:.0%} of its variance); shuffled within "
            f"batches alone {it} {format_score(row.within_batches)}"
        )
        said += "." if row.survives else ": the model may respond to the batch."
    return said


def summarise_features(model: str, kind: str, tables: dict[str, pd.DataFrame], facts: dict) -> dict:
    """The content of `features.json`."""
    importance = tables["importance"]
    return {
        "model": model,
        "kind": kind,
        **facts,
        "groups": len(importance),
        "surviving": int(importance["survives"].sum()),
        "batch_linked": importance.loc[importance["is_batch"], "feature"].tolist(),
        "sentences": feature_sentences(model, tables, facts),
    }
