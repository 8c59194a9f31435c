"""Figures of tuning and fitting, as Plotly figures."""

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale
from plotly.subplots import make_subplots

from deeprules.report.style import (
    INK,
    KIND_COLOURS,
    MUTED,
    SEED_COLOURS,
    TEMPLATE,
    empty_figure,
    model_colours,
    shown,
)
from deeprules.report.tables import setting

MAX_LABELS = 4
"""Different whole numbers up to which each has a label of its own on an axis."""


def best_so_far(trials: pd.DataFrame, kinds: dict[str, str], objective: str) -> go.Figure:
    """Best score on tune up to each trial, a line a model; crosses mark failed trials."""
    figure = empty_figure("Trial", f"Best {shown(objective)} on tune so far", height=440)
    most = trials.groupby("model").size().max()
    figure.update_xaxes(tick0=1, dtick=max(1, round(most / 10)))
    colours = model_colours(kinds)
    for model, rows in trials.groupby("model", sort=False):
        rows = rows.reset_index(drop=True)
        best, number = rows["score"].cummax().ffill(), rows.index + 1
        figure.add_scatter(
            x=number,
            y=best,
            name=shown(model),
            legendgroup=model,
            mode="lines+markers",
            line={
                "color": colours[model],
                "shape": "hv",
                "width": 3 if kinds[model] == "network" else 1.8,
                "dash": "dot" if kinds[model] == "nuisance" else "solid",
            },
            marker_size=4,
            customdata=rows["score"],
            hovertemplate="trial %{x}: best %{y:.4f}, this one %{customdata:.4f}",
        )
        failed = rows["status"] == "failed"
        if failed.any():
            figure.add_scatter(
                x=number[failed],
                y=best.bfill()[failed],
                name=f"{shown(model)}: failed",
                legendgroup=model,
                showlegend=False,
                mode="markers",
                marker={"symbol": "x", "size": 10, "color": "#b3261e"},
                text=rows.loc[failed, "message"].fillna("no message"),
                hovertemplate="trial %{x} failed: %{text}<extra></extra>",
            )
    return figure


def parallel_coordinates(trials: pd.DataFrame, objective: str) -> go.Figure:
    """The trials of one model, a line each across hyperparameters; the best one in orange.

    Drawn with plain lines, as Plotly's own trace needs WebGL and cannot show unused values.
    """
    trials = trials[trials["status"] == "completed"].sort_values("score")
    settings = pd.DataFrame([json.loads(text) for text in trials["hyperparameters"]])
    settings = settings[[name for name in settings if not name.startswith("tuner/")]]
    settings.insert(0, shown(objective), trials["score"].to_numpy())
    figure = empty_figure("", "", height=430, showlegend=False, meta=82 * settings.shape[1])
    heights = np.column_stack(
        [_axis_heights(figure, i, settings[name]) for i, name in enumerate(settings)]
    )
    ranks = np.linspace(0.15, 1, len(trials)) if len(trials) > 1 else [1.0]
    colours = [*sample_colorscale("Blues", list(ranks))[:-1], KIND_COLOURS["baseline"]]
    for row, colour in enumerate(colours):
        trial = trials.iloc[row]
        figure.add_scatter(
            x=list(range(settings.shape[1])),
            y=heights[row],
            mode="lines",
            line={"color": colour, "width": 3 if row == len(trials) - 1 else 1.5},
            text=[f"{name}: {value}" for name, value in settings.iloc[row].items()],
            hovertemplate=f"trial {trial['trial']}, {trial['score']:.4f}<br>%{{text}}"
            "<extra></extra>",
        )
    names = [shown(name).replace(" ", "<br>") for name in settings]
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names, showgrid=True)
    figure.update_xaxes(range=[-0.3, len(names) - 0.4], gridcolor="#9aa5b1", tickangle=0)
    return figure.update_yaxes(visible=False, range=[-0.2, 1.08])


def _axis_heights(figure: go.Figure, position: int, values: pd.Series) -> np.ndarray:
    """Height (0..1) of each value on its axis, -0.15 where it is not used; labels the axis."""
    used = values.notna()
    heights = np.full(len(values), -0.15)
    kinds = set(values[used].map(type))
    if float in kinds or (kinds == {int} and values[used].nunique() > MAX_LABELS):
        numbers = values[used].astype(float)
        low, high = numbers.min(), numbers.max()
        scaled = np.log([low, high]) if low > 0 and high / low > 50 else np.array([low, high])
        points = np.log(numbers) if low > 0 and high / low > 50 else numbers
        heights[used] = (points - scaled[0]) / (scaled[1] - scaled[0])
        labels = {0.0: setting(low), 1.0: setting(high)}
    else:
        levels = sorted(values[used].unique(), key=lambda value: (str(type(value)), value))
        places = np.linspace(0, 1, len(levels)) if len(levels) > 1 else [0.5]
        heights[used] = values[used].map(dict(zip(levels, places, strict=True)))
        labels = {place: setting(level) for place, level in zip(places, levels, strict=True)}
    if not used.all():
        labels[-0.15] = "not used"
    for height, label in labels.items():
        figure.add_annotation(
            x=position,
            y=height,
            text=label.replace("_", " "),
            showarrow=False,
            xanchor="left",
            xshift=4,
            bgcolor="rgba(255,255,255,0.75)",
            font_size=11,
        )
    return heights


def learning_curves(history: pd.DataFrame) -> go.Figure:
    """Loss of one network on train and tune by epoch, and their gap, a colour a seed."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.62, 0.38]
    )
    figure.update_layout(template=TEMPLATE, height=520, hovermode="x unified")
    for i, (seed, rows) in enumerate(history.groupby("seed", sort=False)):
        colour = SEED_COLOURS[i % len(SEED_COLOURS)]
        shape = {"x": rows["epoch"], "legendgroup": seed, "mode": "lines"}
        lines = {"train": (rows["loss"], "dot"), "tune": (rows["val_loss"], "solid")}
        for name, (values, dash) in lines.items():
            figure.add_scatter(
                y=values,
                name=f"seed {seed}, {name}",
                line={"color": colour, "dash": dash},
                **shape,
                row=1,
                col=1,
            )
        figure.add_scatter(
            y=rows["val_loss"] - rows["loss"],
            name=f"seed {seed}, gap",
            line={"color": colour},
            showlegend=False,
            **shape,
            row=2,
            col=1,
        )
    figure.add_hline(y=0, line={"color": MUTED, "width": 1}, row=2, col=1)
    figure.update_yaxes(title_text="Loss", row=1, col=1)
    figure.update_yaxes(title_text="Gap (tune - train)", row=2, col=1)
    return figure.update_xaxes(title_text="Epoch", row=2, col=1)


def gaps(table: pd.DataFrame, objective: str) -> go.Figure:
    """Score of each model on train and tune, joined by a line.

    `table`: one row a model with the columns model, train and tune.
    """
    figure = empty_figure(shown(objective), "", height=110 + 30 * len(table))
    table = table.sort_values("tune")
    names = [shown(name) for name in table["model"]]
    joined = [value for row in table.itertuples() for value in (row.tune, row.train, None)]
    figure.add_scatter(
        x=joined,
        y=[value for name in names for value in (name, name, None)],
        mode="lines",
        line={"color": "#b8c1cc", "width": 4},
        hoverinfo="skip",
        showlegend=False,
    )
    for partition, symbol, colour in (("train", "circle-open", MUTED), ("tune", "circle", INK)):
        figure.add_scatter(
            x=table[partition],
            y=names,
            name=partition,
            mode="markers",
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2}},
            hovertemplate="%{y}: %{x:.4f}",
        )
    return figure
