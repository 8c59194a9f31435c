"""A small page on the predictions of a finished run for new examples."""

from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.files import read_json, read_table
from deeprules.report.page import environment
from deeprules.report.tables import stacked, table
from deeprules.wording import format_number

FLAGS = {
    "outside_length": "longer or shorter than any training example",
    "outside_gc": "GC share outside the range of train",
    "outside_n_share": "more unknown bases than any training example",
    "outside_features": "more features outside their range in train than in any example of tune",
    "missing_features": "features of the model are missing and have the median of train",
    "near_identical": "a copy, or nearly, of a training example: a score on it says nothing new",
}
"""What each flag says."""


def render_predictions(paths, name: str) -> str:
    """The HTML of the page.

    Parameters
    ----------
    paths : `summary`, `scores` and `predictions` of the predictions, and the `template`
    name : of the new examples in the configuration
    """
    summary, template = read_json(paths.summary), Path(paths.template)
    folder = Path(paths.predictions).parent
    return (
        environment(template.parent)
        .get_template(template.name)
        .render(
            name=name,
            summary=summary,
            folder=folder,
            scores=_scores(read_table(paths.scores), str(paths.scores)),
            flags=_flags(summary, str(folder / "predictions.tsv")),
            classes=_classes(summary, str(folder / "predictions.tsv")),
            confidence=_confidence(summary, str(folder / "predictions.tsv")),
        )
    )


def _scores(scores: pd.DataFrame, file: str):
    """Scores with their intervals."""
    rows = [
        {
            **({"label": row.label} if "label" in scores else {}),
            "summary": row.summary,
            "metric": row.metric,
            "score": stacked(row.value, row.lower, row.upper),
        }
        for row in scores.itertuples()
    ]
    note = "`mean` is that of a single fit, `ensemble` that of all fits together."
    return table("Scores on the labelled new examples", file, rows, note=note.replace("`", ""))


def _flags(summary: dict, file: str):
    """How many examples have each flag."""
    rows = [
        {"flag": name, "n": n, "meaning": FLAGS.get(name, "")}
        for name, n in summary["flags"].items()
    ]
    return table("Flags", file, rows)


def _classes(summary: dict, file: str):
    """How many examples are predicted to be of each class."""
    what = "label" if summary.get("several") else "class"
    rows = [{what: name, "n": n} for name, n in summary["predicted"].items()]
    return table(f"Predicted {'labels' if what == 'label' else 'classes'}", file, rows)


def _confidence(summary: dict, file: str):
    """How sure the predictions are."""
    edges = np.linspace(0, 1, len(summary["confidence"]) + 1)
    rows = [
        {"confidence": f"{format_number(low, 1)} to {format_number(high, 1)}", "n": n}
        for low, high, n in zip(edges, edges[1:], summary["confidence"], strict=False)
    ]
    return table("Confidence: calibrated probability of the predicted class", file, rows)
