"""The look of the report's figures."""

import plotly.graph_objects as go

from deeprules.statistics.metrics import METRIC_LABELS

MAX_POINTS = 5000
"""Points of a scatter plot, at most."""

INK, MUTED, GRID = "#1d2733", "#5a6675", "#e4e8ee"
KIND_COLOURS = {"network": "#0b5cad", "baseline": "#c2570c", "nuisance": "#6b7280"}
MODEL_COLOURS = {
    "network": ["#0b5cad", "#3f9ae0", "#5a4fcf", "#0f7d8c", "#12305f"],
    "baseline": ["#c2570c", "#1b7f5c", "#b5338a", "#a08400", "#8c4a2f", "#2b8fa3", "#7a3b69"],
    "nuisance": ["#6b7280", "#a3a9b3", "#3d434d"],
}
SEED_COLOURS = ["#0b5cad", "#c2570c", "#1b7f5c", "#b5338a", "#a08400", "#5a4fcf"]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
AXIS = {
    "gridcolor": GRID,
    "linecolor": "#9aa5b1",
    "zeroline": False,
    "automargin": True,
    "title": {"standoff": 10, "font": {"size": 13}},
}
TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": AXIS,
        "yaxis": AXIS,
        "legend": {"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0},
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
    }
)


def shown(name: str) -> str:
    """A name as it is written in a figure or a table."""
    return METRIC_LABELS.get(name, str(name).replace("_", " "))


def model_colours(kinds: dict[str, str]) -> dict[str, str]:
    """A colour for each model, from the family of colours of its kind."""
    colours = {}
    for kind, palette in MODEL_COLOURS.items():
        members = [name for name, of in kinds.items() if of == kind]
        colours |= {name: palette[i % len(palette)] for i, name in enumerate(members)}
    return colours


def empty_figure(x_title: str, y_title: str, height: int = 380, **layout) -> go.Figure:
    """An empty figure in the report's style.

    `meta` is the width in pixels below which it scrolls in its box instead of shrinking.
    """
    figure = go.Figure(layout={"template": TEMPLATE, "height": height, **layout})
    return figure.update_xaxes(title_text=x_title).update_yaxes(title_text=y_title)
