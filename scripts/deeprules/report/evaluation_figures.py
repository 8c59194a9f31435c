"""Figures of the report's test results, as Plotly figures."""

from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import (
    HEATMAP,
    INK,
    KIND_COLOURS,
    MAX_POINTS,
    Figure,
    each,
    empty_figure,
    in_lines,
    model_colours,
)
from deeprules.report.results import Results
from deeprules.report.seen import confusion_seen, scores_seen
from deeprules.report.tables import shown
from deeprules.wording import format_count

FOLDER = "results/evaluation"
LEGEND_LETTERS = 26
"""Letters on a line of the legend of a figure that stands beside another on paper."""


def class_figures(results: Results) -> dict[str, Figure]:
    """Curves, calibration and confusion of the chosen models."""
    chosen, kinds = list(results.chosen.values()), results.kinds
    test = results.split["sizes"]["test"]
    known = _known(results)
    shares = {
        str(name): (n or 0) / max(known.get(name, test["n"]), 1)
        for name, n in test["labels"].items()
    }
    versus = "One class against the rest. " if results.dataset["task"] == "multiclass" else ""

    def of_chosen(name, title, caption, choice, draw, finding) -> Figure:
        rows = results.in_order(getattr(results, name))
        drawn = each(rows[rows["model"].isin(chosen)], choice, draw)
        file, choice = f"{FOLDER}/{name}.tsv", choice.capitalize()
        return Figure(title, file, caption, drawn, choice, finding=finding)

    fit = f"{versus}Chosen models, the fit under the first seed."
    return {
        "pr_curve": of_chosen(
            "pr_curve",
            "Precision and recall",
            f"{fit} The dashed line is the prevalence: what guessing reaches.",
            "class",
            lambda rows: pr_curve(rows, kinds, shares[rows["class"].iloc[0]]),
            scores_seen(results, "auprc", chosen),
        ),
        "roc_curve": of_chosen(
            "roc_curve",
            "Receiver operating characteristic",
            f"{fit} The dashed line is what guessing reaches.",
            "class",
            partial(roc_curve, kinds=kinds),
            scores_seen(results, "auroc", chosen),
        ),
        "calibration": of_chosen(
            "calibration",
            "Calibration",
            f"{fit} On the dashed line, predicted probabilities equal observed shares.",
            "class",
            partial(calibration, kinds=kinds),
            scores_seen(results, "brier", chosen),
        ),
        "confusion": of_chosen(
            "confusion",
            "Confusion matrix",
            "Counts, and shares of the true class, of the fit under the first seed.",
            "model",
            confusion,
            confusion_seen(results.confusion[results.confusion["model"].isin(chosen)]),
        ),
    }


def _known(results: Results) -> dict[str, int]:
    """Test examples of which each of several labels is known; empty for one label."""
    if "label_verdicts" not in results:
        return {}
    return {label["name"]: label["test"]["known"] for label in results.label_verdicts["labels"]}


def value_figure(results: Results) -> dict[str, Figure]:
    """Predicted against observed values of the chosen models, mean over seeds.

    None of several labels, whose scores are shown one by one.
    """
    if results.dataset.get("labels"):
        return {}
    rows = results.in_order(results.predictions)
    rows = rows[rows["model"].isin(results.chosen.values())]
    single = rows[rows["seed"].astype(str) != "ensemble"]
    values = single.groupby(["model", "id"], sort=False)[["label", "prediction"]]
    figure = Figure(
        "Predicted and observed",
        f"{FOLDER}/predictions.parquet",
        "Mean over seeds. On the dashed line, both are equal.",
        each(values.mean().reset_index(), "model", predicted_observed),
        "Model",
        finding=scores_seen(results, "pearson", list(results.chosen.values())),
    )
    return {"predicted": figure}


def pr_curve(curve: pd.DataFrame, kinds: dict[str, str], prevalence: float) -> go.Figure:
    """Precision against recall of one class, with the prevalence as the floor."""
    figure = _curves(curve, kinds, "recall", "precision")
    figure.add_hline(
        y=prevalence,
        line={"color": INK, "width": 1, "dash": "dash"},
        annotation={"text": f"prevalence {prevalence:.3f}", "font_size": 12},
        annotation_position="bottom left",
    )
    return figure


def roc_curve(curve: pd.DataFrame, kinds: dict[str, str]) -> go.Figure:
    """True against false positive rate of one class, with the diagonal of chance."""
    figure = _curves(curve, kinds, "fpr", "tpr")
    _add_diagonal(figure, 0, 1)
    figure.update_xaxes(title_text="False positive rate")
    return figure.update_yaxes(title_text="True positive rate")


def calibration(bins: pd.DataFrame, kinds: dict[str, str]) -> go.Figure:
    """Observed share of a class against the mean predicted probability, bin by bin."""
    figure = _curves(bins, kinds, "mean_predicted", "observed", markers=True)
    _add_diagonal(figure, 0, 1)
    figure.update_xaxes(title_text="Mean predicted probability")
    return figure.update_yaxes(title_text="Observed share")


def confusion(table: pd.DataFrame) -> go.Figure:
    """Counts of one model by true and predicted class; colour is the share of the true class."""
    classes = list(table["true"].unique())
    counts = table.pivot(index="true", columns="predicted", values="n").loc[classes, classes]
    share = counts.div(counts.sum(axis=1).clip(lower=1), axis=0).where(counts.notna().all(axis=1))
    text = counts.map(format_count) + share.map("<br>{:.0%}".format).where(share.notna(), "")
    figure = empty_figure("Predicted class", "True class", height=160 + 60 * len(classes))
    figure.add_heatmap(
        z=share.to_numpy(),
        x=classes,
        y=classes,
        text=text.to_numpy(),
        hovertemplate="true %{y}, predicted %{x}: %{text}<extra></extra>",
        **HEATMAP,
    )
    figure.update_xaxes(type="category")
    return figure.update_yaxes(type="category", autorange="reversed")


def predicted_observed(predictions: pd.DataFrame) -> go.Figure:
    """Predicted against observed value of one model, at most `MAX_POINTS` examples."""
    drawn = predictions
    if len(drawn) > MAX_POINTS:
        drawn = drawn.sample(MAX_POINTS, random_state=0)
    figure = empty_figure("Observed", "Predicted", height=460, showlegend=False)
    figure.add_scatter(
        x=drawn["label"].astype("float32"),
        y=drawn["prediction"].astype("float32"),
        text=drawn["id"],
        mode="markers",
        marker={"size": 5, "color": KIND_COLOURS["network"], "opacity": 0.5},
        hovertemplate="%{text}: observed %{x:.3f}, predicted %{y:.3f}<extra></extra>",
    )
    both = np.concatenate([predictions["label"], predictions["prediction"]])
    _add_diagonal(figure, both.min(), both.max())
    return figure


def _curves(
    table: pd.DataFrame, kinds: dict[str, str], x: str, y: str, markers: bool = False
) -> go.Figure:
    """A line a model on the unit square."""
    figure = empty_figure(x.capitalize(), y.capitalize(), height=430)
    colours = model_colours(kinds)
    for model, rows in table.groupby("model", sort=False):
        figure.add_scatter(
            x=rows[x].astype("float32"),
            y=rows[y].astype("float32"),
            name=in_lines(shown(model), LEGEND_LETTERS),
            mode="lines+markers" if markers else "lines",
            line={
                "color": colours[model],
                "width": 2.5,
                "dash": "dot" if kinds[model] == "nuisance" else "solid",
            },
            hovertemplate="(%{x:.3f}, %{y:.3f})",
        )
    return figure.update_xaxes(range=[-0.01, 1.01]).update_yaxes(range=[-0.01, 1.01])


def _add_diagonal(figure: go.Figure, low: float, high: float) -> None:
    figure.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": INK, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
