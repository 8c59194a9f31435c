"""Parallel coordinates of hyperparameters.

Drawn with plain lines, as Plotly's own trace needs WebGL and cannot show unused values.
"""

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from deeprules.report.figures import KIND_COLOURS, empty_figure
from deeprules.report.tables import shown
from deeprules.wording import format_setting

MAX_LABELS = 4
"""Different whole numbers up to which each has a label of its own on an axis."""


def parallel_coordinates(trials: pd.DataFrame, objective: str) -> go.Figure:
    """The trials of one model, a line each across hyperparameters; the best one in orange."""
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
        labels = {0.0: format_setting(low), 1.0: format_setting(high)}
    else:
        levels = sorted(values[used].unique(), key=lambda value: (str(type(value)), value))
        places = np.linspace(0, 1, len(levels)) if len(levels) > 1 else [0.5]
        heights[used] = values[used].map(dict(zip(levels, places, strict=True)))
        labels = {place: format_setting(level) for place, level in zip(places, levels, strict=True)}
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
