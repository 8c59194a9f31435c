"""Figures of the data, as Plotly figures; each draws one table of results/explore."""

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.style import KIND_COLOURS, empty_figure, shown


def scree(table: pd.DataFrame) -> go.Figure:
    """Share of variance of each principal component, and the running total."""
    figure = empty_figure("Principal component", "Share of variance")
    figure.add_bar(
        x=table["component"],
        y=table["variance_share"],
        name="component",
        marker_color=KIND_COLOURS["network"],
    )
    figure.add_scatter(
        x=table["component"],
        y=table["cumulative"],
        name="running total",
        mode="lines+markers",
        line_color=KIND_COLOURS["baseline"],
    )
    return figure.update_yaxes(range=[0, 1.02], tickformat=".0%")


def association(table: pd.DataFrame) -> go.Figure:
    """Share of each component's variance that goes with each covariate, with p-values."""
    shares = table.pivot(index="component", columns="covariate", values="variance_share")
    p_values = table.pivot(index="component", columns="covariate", values="p_value")
    rows, columns = table["component"].unique(), table["covariate"].unique()
    shares, p_values = shares.loc[rows, columns], p_values.loc[rows, columns]
    text = shares.map("{:.2f}".format) + "<br>p " + p_values.map("{:.2g}".format)
    figure = empty_figure("", "", height=60 + 40 * len(rows), meta=70 + 78 * len(columns))
    figure.add_heatmap(
        z=shares.to_numpy(),
        x=[shown(name) for name in columns],
        y=rows,
        text=text.to_numpy(),
        texttemplate="%{text}",
        textfont_size=11,
        hovertemplate="%{y}, %{x}: share of variance %{z:.3f}<br>%{text}<extra></extra>",
        colorscale=[[0, "#f6f8fb"], [1, "#0b5cad"]],
        zmin=0,
        zmax=1,
        xgap=2,
        ygap=2,
        showscale=False,
    )
    return figure.update_yaxes(autorange="reversed").update_xaxes(side="top")
