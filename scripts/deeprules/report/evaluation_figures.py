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
    MUTED,
    Figure,
    each,
    empty_figure,
    model_colours,
    whiskers,
)
from deeprules.report.results import Results
from deeprules.report.tables import shown
from deeprules.wording import format_count

FOLDER = "results/evaluation"


def class_figures(results: Results) -> dict[str, Figure]:
    """Curves, calibration and confusion of the chosen models."""
    chosen, kinds = list(results.chosen.values()), results.kinds
    test = results.split["sizes"]["test"]
    shares = {str(name): (n or 0) / test["n"] for name, n in test["labels"].items()}
    versus = "One class against the rest. " if results.dataset["task"] == "multiclass" else ""

    def of_chosen(name, title, caption, choice, draw) -> Figure:
        rows = results.in_order(getattr(results, name))
        drawn = each(rows[rows["model"].isin(chosen)], choice, draw)
        return Figure(title, f"{FOLDER}/{name}.tsv", caption, drawn, choice.capitalize())

    fit = f"{versus}Chosen models, the fit under the first seed."
    return {
        "pr_curve": of_chosen(
            "pr_curve",
            "Precision and recall",
            f"{fit} The dashed line is the prevalence: what guessing reaches.",
            "class",
            lambda rows: pr_curve(rows, kinds, shares[rows["class"].iloc[0]]),
        ),
        "roc_curve": of_chosen(
            "roc_curve",
            "Receiver operating characteristic",
            f"{fit} The dashed line is what guessing reaches.",
            "class",
            partial(roc_curve, kinds=kinds),
        ),
        "calibration": of_chosen(
            "calibration",
            "Calibration",
            f"{fit} On the dashed line, predicted probabilities equal observed shares.",
            "class",
            partial(calibration, kinds=kinds),
        ),
        "confusion": of_chosen(
            "confusion",
            "Confusion matrix",
            "Counts, and shares of the true class, of the fit under the first seed.",
            "model",
            confusion,
        ),
    }


def value_figure(results: Results) -> dict[str, Figure]:
    """Predicted against observed values of the chosen models, mean over seeds."""
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
    )
    return {"predicted": figure}


def score_intervals(scores: pd.DataFrame, metric: str, lower_is_better: bool) -> go.Figure:
    """Mean over seeds of one score, with the interval of a single fit; small circles are seeds."""
    rows = scores[scores["metric"] == metric]
    means = rows[rows["seed"] == "mean"].sort_values("value", ascending=not lower_is_better)
    seeds = rows[~rows["seed"].isin(["mean", "ensemble"])]
    title = f"{shown(metric)} on test" + (" (lower is better)" if lower_is_better else "")
    figure = empty_figure(title, "", height=120 + 32 * len(means))
    figure.add_scatter(
        x=seeds["value"],
        y=[shown(name) for name in seeds["model"]],
        name="single seed",
        mode="markers",
        marker={"symbol": "circle-open", "size": 6, "color": MUTED},
        text="seed " + seeds["seed"],
        hovertemplate="%{y}, %{text}: %{x:.4f}<extra></extra>",
    )
    _add_whiskers(figure, means, means["model"].map(shown), "value", "kind")
    return figure.update_yaxes(
        categoryorder="array", categoryarray=[shown(name) for name in means["model"]]
    )


def comparison(table: pd.DataFrame, minimum_gain: float | None) -> go.Figure:
    """Gain of each network over each other model in one score, paired by example.

    `minimum_gain`, drawn as a dashed line, is None for scores that it was not set for.
    """
    several = table["network"].nunique() > 1
    names = [
        f"{shown(row.network)} - {shown(row.versus)}" if several else shown(row.versus)
        for row in table.itertuples()
    ]
    metric = shown(table["metric"].iloc[0])
    figure = empty_figure(f"Gain in {metric}", "", height=130 + 32 * len(table))
    _add_whiskers(figure, table, pd.Series(names, table.index), "difference", "versus_kind")
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    if minimum_gain:
        figure.add_vline(x=minimum_gain, line={"color": INK, "width": 1, "dash": "dash"})
    return figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])


def _add_whiskers(
    figure: go.Figure, table: pd.DataFrame, names: pd.Series, value: str, kind: str
) -> None:
    """A dot with its interval for each row, a trace a kind of model."""
    for name in KIND_COLOURS:
        rows = table[table[kind] == name]
        if rows.empty:
            continue
        figure.add_scatter(
            x=rows[value],
            y=names[rows.index],
            name=name,
            mode="markers",
            marker={"size": 10, "color": KIND_COLOURS[name]},
            error_x=whiskers(rows[value], rows["lower"], rows["upper"]),
            customdata=rows[["lower", "upper"]],
            hovertemplate="%{y}: %{x:.4f} [%{customdata[0]:.4f}, %{customdata[1]:.4f}]"
            "<extra></extra>",
        )


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
            name=shown(model),
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
