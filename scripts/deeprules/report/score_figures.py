"""Scores on test and gains of the network, as dots with their intervals."""

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import INK, KIND_COLOURS, MUTED, empty_figure, whiskers
from deeprules.report.tables import shown


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
