"""Figures of the page, their look, and the data that its script draws them from."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.tables import shown

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
HEATMAP = {
    "colorscale": [[0, "#f6f8fb"], [1, "#0b5cad"]],
    "zmin": 0,
    "zmax": 1,
    "xgap": 2,
    "ygap": 2,
    "showscale": False,
    "texttemplate": "%{text}",
}
"""A heatmap of shares, with a text in each cell."""


@dataclass(frozen=True)
class Figure:
    """A figure of the page: its title, the table it draws, and what can be chosen in it.

    `choices` has a function that draws it for each choice of `choice` (a metric, a model ...); one
    without a name if there is nothing to choose. What the page's script draws by itself has
    `columns` instead. `finding` says what is seen in the figure, for those who do not see it.
    """

    title: str
    file: str
    caption: str
    choices: Mapping[str, Callable[[], go.Figure]]
    choice: str = ""
    columns: dict | None = None
    finding: str = ""

    @property
    def alt(self) -> str:
        """Text that stands for the figure where it is not seen."""
        return f"{self.title}. {self.finding or self.caption}".replace("`", "")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.choices or self.columns)

    @cached_property
    def drawn(self) -> dict[str, go.Figure]:
        """The figure of each choice."""
        return {name: draw() for name, draw in self.choices.items()}

    def as_json(self) -> dict | list:
        """What the script draws it from."""
        if self.columns:
            return self.columns
        choices = [json.loads(choice.to_json()) for choice in self.drawn.values()]
        for choice in choices:
            choice["layout"].pop("template")
        return choices

    @property
    def min_width(self) -> int:
        """Pixels below which the figure scrolls in its box; 0 for one that fits anywhere."""
        return max((one.layout.meta or 0 for one in self.drawn.values()), default=0)


def figure_data(figures: Mapping[str, Figure]) -> dict:
    """What the page's script draws; the style that all figures share stands in it once."""
    style = json.loads(go.Figure(layout={"template": TEMPLATE}).to_json())
    return {"style": style, "figures": {name: one.as_json() for name, one in figures.items()}}


def each(rows: pd.DataFrame, column: str, draw: Callable) -> dict[str, Callable[[], go.Figure]]:
    """`Figure.choices` with one choice for each value of a column, drawn from its rows."""
    named = shown if column == "model" else str
    return {named(name): partial(draw, part) for name, part in rows.groupby(column, sort=False)}


def model_colours(kinds: Mapping[str, str]) -> dict[str, str]:
    """A colour for each model, from the family of colours of its kind."""
    colours = {}
    for kind, palette in MODEL_COLOURS.items():
        members = [name for name, of in kinds.items() if of == kind]
        colours |= {name: palette[i % len(palette)] for i, name in enumerate(members)}
    return colours


def model_line(colour: str, kind: str) -> dict:
    """The line of a model: networks are thick, nuisance baselines dotted."""
    return {
        "color": colour,
        "width": 3 if kind == "network" else 1.8,
        "dash": "dot" if kind == "nuisance" else "solid",
    }


def whiskers(values: Iterable, lower: Iterable, upper: Iterable) -> dict:
    """Error bars from values to the ends of their intervals."""
    return {"array": upper - values, "arrayminus": values - lower, "thickness": 2, "width": 5}


def empty_figure(x_title: str, y_title: str, height: int = 380, **layout) -> go.Figure:
    """An empty figure in the report's style.

    `meta` is the width in pixels below which it scrolls in its box instead of shrinking.
    """
    figure = go.Figure(layout={"template": TEMPLATE, "height": height, **layout})
    return figure.update_xaxes(title_text=x_title).update_yaxes(title_text=y_title)


def in_lines(name: str, letters: int) -> str:
    """A name in lines of at most so many letters, broken between words where it can be."""
    lines = [""]
    for word in re.findall(rf"[^ ]{{1,{letters}}}", name):
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= letters:
            lines[-1] = joined
        else:
            lines.append(word)
    return "<br>".join(filter(None, lines))
