"""Which predictions on test can be trusted."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import INK, KIND_COLOURS, Figure, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import Table, shown, stacked, table
from deeprules.wording import format_number

MEASURES = {
    "largest_probability": "largest probability",
    "calibrated_probability": "calibrated probability",
    "neighbours": "neighbours in train",
}
DASHES = {"largest_probability": "solid", "calibrated_probability": "dash", "neighbours": "dot"}
COLUMNS = {
    "error": "error of all",
    "error_at_80": "error of the surest 80%",
    "aurc": "AURC",
    "best_aurc": "best AURC possible",
    "brier": "Brier score",
    "log_loss": "log loss",
    "ece": "expected calibration error",
}


def section(results: Results) -> Section:
    """Accuracy of sure predictions, and calibration; a sentence for a regression."""
    if results.confidence.empty:
        what = "several labels" if results.dataset.get("labels") else "values"
        text = f"This run predicts {what}; confidence is measured for one label of classes."
        return Section("Confidence", text)
    judged = [_judged(*part) for part in results.confidence.groupby("model", sort=False)]
    return Section(
        "Confidence",
        "Which predictions on test can be trusted? A good confidence puts right predictions before "
        "wrong ones.",
        findings=judged,
        tables={"confidence": _table(results.confidence)},
        figures={
            "confidence": Figure(
                "Accuracy and confidence",
                "results/evaluation/risk_coverage.tsv",
                "Accuracy on test when only the surest predictions are kept. A line that rises to "
                "the left belongs to a confidence that knows its errors.",
                {"": partial(confidence_figure, results.risk_coverage)},
                finding=" ".join(one.sentence for one in judged),
            )
        },
        said={"sentences": [one.sentence for one in judged]},
    )


def _judged(model: str, rows: pd.DataFrame) -> Check:
    """Whether some confidence ranks a model's errors, and what calibration did."""
    values = rows.set_index(["confidence", "metric"])["value"]
    gains = rows[rows["metric"] == "gain"].set_index("confidence")["lower"]
    # Calibrated probabilities are judged by their calibration error instead.
    ranks = {name: lower for name, lower in gains.items() if name != "calibrated_probability"}
    kept = " and ".join(
        f"{format_number(values[name, 'error_at_80'])} by {MEASURES[name]}" for name in ranks
    )
    error = format_number(values["largest_probability", "error"])
    text = f"`{model}`: {error} of all predictions are wrong; of the surest 80%, {kept}."
    is_ranked = any(lower > 0 for lower in ranks.values())
    if not is_ranked:
        text += " No confidence is shown to put its errors last."
    raw, mended = (format_number(values[name, "ece"]) for name in list(MEASURES)[:2])
    text += f" Calibration on tune takes its calibration error on test from {raw} to {mended}."
    return Check(2, "pass" if is_ranked else "warn", text)


def _table(confidence: pd.DataFrame) -> Table:
    """One row a model and confidence."""
    rows = []
    groups = confidence.groupby(["model", "kind", "confidence"], sort=False)
    for (model, kind, measure), part in groups:
        cells = {one.metric: stacked(one.value, one.lower, one.upper) for one in part.itertuples()}
        row = {"model": model, "kind": kind, "confidence": MEASURES[measure]}
        rows.append(row | {title: cells.get(name) for name, title in COLUMNS.items()})
    return table(
        "Confidence of single predictions on test",
        "results/evaluation/confidence.tsv",
        rows,
        note="AURC is the mean error over all shares kept: lower is better. Each prediction's "
        "confidence stands in results/evaluation/example_confidence.parquet.",
    )


def confidence_figure(curves: pd.DataFrame) -> go.Figure:
    """Accuracy against the share of predictions kept; `curves`: rows of `risk_coverage.tsv`."""
    figure = empty_figure("Share of predictions kept, the surest first", "Accuracy", height=430)
    groups = curves.groupby(["model", "kind", "confidence"], sort=False)
    for (model, kind, confidence), rows in groups:
        figure.add_scatter(
            x=rows["coverage"].astype("float32"),
            y=1 - rows["error"].astype("float32"),
            name=f"{shown(model)}: {MEASURES[confidence]}",
            mode="lines",
            line={"color": KIND_COLOURS[kind], "width": 2.5, "dash": DASHES[confidence]},
            hovertemplate="%{x:.0%} kept: accuracy %{y:.3f}",
        )
    figure.add_hline(y=1, line={"color": INK, "width": 1})
    return figure.update_xaxes(range=[0, 1.01], tickformat=".0%")
