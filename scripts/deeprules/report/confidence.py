"""What the report says of the confidence of single predictions: figure, tables and findings."""

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.findings import Check
from deeprules.report.results import Results
from deeprules.report.style import INK, KIND_COLOURS, empty_figure, shown
from deeprules.report.tables import Table, table
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


def confidence_figures(results: Results) -> dict[str, go.Figure]:
    """Accuracy against the share of predictions kept; none for a regression."""
    if results.risk_coverage.empty:
        return {}
    figure = empty_figure("Share of predictions kept, the surest first", "Accuracy", height=430)
    curves = results.risk_coverage.groupby(["model", "kind", "confidence"], sort=False)
    for (model, kind, confidence), rows in curves:
        figure.add_scatter(
            x=rows["coverage"].astype("float32"),
            y=1 - rows["error"].astype("float32"),
            name=f"{shown(model)}: {MEASURES[confidence]}",
            mode="lines",
            line={"color": KIND_COLOURS[kind], "width": 2.5, "dash": DASHES[confidence]},
            hovertemplate="%{x:.0%} kept: accuracy %{y:.3f}",
        )
    figure.add_hline(y=1, line={"color": INK, "width": 1})
    return {"": figure.update_xaxes(range=[0, 1.01], tickformat=".0%")}


def confidence_tables(results: Results) -> dict[str, Table]:
    """One row a model and confidence; no rows for a regression."""
    rows = []
    found = results.confidence.groupby(["model", "kind", "confidence"], sort=False)
    for (model, kind, confidence), part in found:
        cells = {row.metric: _cell(row) for row in part.itertuples()}
        row = {"model": shown(model), "kind": kind, "confidence": MEASURES[confidence]}
        rows.append(row | {title: cells.get(name) for name, title in COLUMNS.items()})
    return {"confidence": table(pd.DataFrame(rows))}


def _cell(row) -> str:
    """A number, above its interval if it has one."""
    if row.lower != row.lower:
        return format_number(row.value)
    return f"{format_number(row.value)}\n[{format_number(row.lower)}, {format_number(row.upper)}]"


def confidence_sentences(results: Results) -> list[str]:
    """What keeping only sure predictions does, and what calibration did."""
    return [sentence for _, sentence in _judged(results)]


def confidence_findings(results: Results) -> list[Check]:
    """Part of tip 2: whether sure predictions are right more often; nothing for a regression."""
    return [Check("pass" if ranks else "warn", sentence) for ranks, sentence in _judged(results)]


def _judged(results: Results) -> list[tuple[bool, str]]:
    """For each model, whether some confidence ranks its errors, and a sentence."""
    found = []
    for model, rows in results.confidence.groupby("model", sort=False):
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
        found.append((is_ranked, text))
    return found
