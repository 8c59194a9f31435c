"""A Plotly figure of the report, drawn by Matplotlib: its traces, shapes, axes and legend."""

import re

import matplotlib as mpl
import numpy as np
import plotly.graph_objects as go
from matplotlib import colors
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from deeprules.errors import InputError

POINTS = 0.5
"""Points on paper of a pixel on the page: lines and markers."""
PANELS_FROM = 150
"""Width in mm from which principal components are drawn in two panels."""
PAGE_WIDTH = 700
"""Pixels of a figure on the page, by which its height follows from its width on paper."""
DASHES = {"dash": "--", "dot": ":", "dashdot": "-.", "solid": "-", None: "-"}
MARKERS = {"circle": "o", "circle-open": "o", "x": "x", "diamond": "D", "square": "s", None: "o"}


def draw(figure: go.Figure, width: float) -> Figure:
    """The figure in Matplotlib, `width` mm wide."""
    if unknown := {trace.type for trace in figure.data} - {"scatter", "bar", "heatmap"}:
        raise InputError(f"figures: a {unknown.pop()} trace cannot be drawn for paper yet.")
    height = min((figure.layout.height or 380) / PAGE_WIDTH * max(width, 120), 230)
    drawn = Figure(figsize=(width / 25.4, height / 25.4), layout="constrained")
    panels, places = _panels(figure, drawn), _places(figure)
    for trace in figure.data:
        axes = panels[trace.yaxis or "y"]
        match trace.type:
            case "scatter":
                _scatter(axes, trace, places)
            case "bar":
                x, y = (_values(trace[axis], places[axis]) for axis in "xy")
                axes.bar(x, y, color=trace.marker.color, label=trace.name)
            case "heatmap":
                _heatmap(axes, trace)
    for axis_name, axes in panels.items():
        _shapes(figure, axes, axis_name)
        _axis(figure, axes, axis_name, places, width)
    _legend(figure, drawn, list(panels.values()))
    return drawn


def _panels(figure: go.Figure, drawn: Figure) -> dict[str, Axes]:
    """Axes one below the other, by the name of their y axis."""
    names = list(dict.fromkeys(trace.yaxis or "y" for trace in figure.data)) or ["y"]
    domains = [figure.layout[f"yaxis{name[1:]}"].domain or (0, 1) for name in names]
    ratios = [high - low for low, high in domains]
    axes = drawn.subplots(len(names), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    return dict(zip(names, axes, strict=True))


def _places(figure: go.Figure) -> dict[str, dict[str, int]]:
    """Place of each name on an axis of names; empty for an axis of numbers."""
    places = {}
    for axis in "xy":
        traces = [trace for trace in figure.data if trace.type != "heatmap"]
        met = [one for trace in traces for one in trace[axis] if isinstance(one, str)]
        ordered = figure.layout[f"{axis}axis"].categoryarray
        names = dict.fromkeys([*(ordered if ordered is not None and met else ()), *met])
        places[axis] = {name: place for place, name in enumerate(names)}
    return places


def _scatter(axes: Axes, trace: go.Scatter, places: dict) -> None:
    """Lines, markers, error bars, or a filled band."""
    x, y = (_values(trace[axis], places[axis]) for axis in "xy")
    name = plain(trace.name) if trace.name and trace.showlegend is not False else None
    if trace.fill == "toself":
        axes.fill(x, y, color=_colour(trace.fillcolor), linewidth=0)
        return
    line, marker, mode = trace.line, trace.marker, trace.mode or "lines"
    colour = _colour(marker.color if mode == "markers" else line.color)
    is_open = bool(marker.symbol and str(marker.symbol).endswith("-open"))
    size = marker.size if isinstance(marker.size, int | float) else 6
    style = {
        "color": colour,
        "linestyle": DASHES[line.dash] if "lines" in mode else "none",
        "linewidth": (line.width or 2) * POINTS,
        "drawstyle": "steps-post" if line.shape == "hv" else "default",
        "marker": MARKERS.get(marker.symbol, "o") if "markers" in mode else None,
        "markersize": size * POINTS,
        "markerfacecolor": "none" if is_open else colour,
        "markeredgewidth": 0.8 if is_open or marker.symbol == "x" else 0,
        "alpha": marker.opacity if mode == "markers" else None,
        "label": name,
    }
    bars = {
        f"{axis}err": [whisker(error, "arrayminus"), whisker(error, "array")]
        for axis, error in (("x", trace.error_x), ("y", trace.error_y))
        if error.array is not None
    }
    if bars:
        axes.errorbar(x, y, **bars, **style, elinewidth=0.8, capsize=1.5, capthick=0.8)
    else:
        axes.plot(x, y, **style)


def _heatmap(axes: Axes, trace: go.Heatmap) -> None:
    """A grid of shares with a text in each cell."""
    shares = np.asarray(trace.z, dtype=float)
    stops = [(place, colour) for place, colour in trace.colorscale]
    scale = LinearSegmentedColormap.from_list("report", stops)
    x, y = ([plain(name) for name in names] for names in (trace.x, trace.y))
    axes.pcolormesh(
        *(range(len(x)), range(len(y)), shares),
        **{"cmap": scale, "vmin": trace.zmin, "vmax": trace.zmax},
        **{"edgecolor": "white", "linewidth": 1, "shading": "nearest"},
    )
    for (row, column), share in np.ndenumerate(shares):
        ink = "white" if share > 0.6 else "black"
        text = plain(trace.text[row][column])
        axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=5.5)
    axes.set_xticks(range(len(x)), x)
    axes.set_yticks(range(len(y)), y)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _shapes(figure: go.Figure, axes: Axes, name: str) -> None:
    """Lines and bands across the axes, and notes."""
    for shape in figure.layout.shapes:
        is_across = "domain" in str(shape.xref)
        if (shape.yref or "y").split()[0] != name:
            continue
        style = {"color": shape.line.color, "linewidth": (shape.line.width or 1) * 0.6}
        if shape.type == "rect":
            axes.axvspan(shape.x0, shape.x1, color=_colour(shape.fillcolor), linewidth=0, zorder=0)
        elif is_across:
            axes.axhline(shape.y0, linestyle=DASHES[shape.line.dash], zorder=1, **style)
        else:
            axes.axvline(shape.x0, linestyle=DASHES[shape.line.dash], zorder=1, **style)
    for note in figure.layout.annotations:
        if (note.yref or "y").split()[0] != name or not note.text:
            continue
        is_across = "domain" in str(note.xref)
        place = axes.get_yaxis_transform() if is_across else axes.transData
        axes.annotate(
            plain(note.text),
            (note.x, note.y),
            **{"xycoords": place, "xytext": (2, 0), "textcoords": "offset points"},
            **{"ha": note.xanchor or "left", "va": _vertical(note), "fontsize": 5.5},
        )


def _axis(figure: go.Figure, axes: Axes, name: str, places: dict, width: float) -> None:
    """Titles, ranges, ticks, direction and grid."""
    is_crowded = (figure.layout.meta or 0) > PAGE_WIDTH
    y_axis = figure.layout[f"yaxis{name[1:]}"]
    x_axis = figure.layout[f"xaxis{name[1:]}"]
    for axis, set_by, which in ((x_axis, axes.xaxis, "x"), (y_axis, axes.yaxis, "y")):
        if axis.title.text:
            axes.set(**{f"{which}label": plain(axis.title.text)})
        if axis.type == "log":
            axes.set(**{f"{which}scale": "log"})
            set_by.set_minor_locator(mpl.ticker.NullLocator())
        if places[which]:
            set_by.set_ticks(range(len(places[which])), [plain(one) for one in places[which]])
        if axis.dtick is not None:
            set_by.set_major_locator(mpl.ticker.MultipleLocator(axis.dtick))
        if axis.tickvals is not None:
            words = axis.tickvals if axis.ticktext is None else axis.ticktext
            set_by.set_ticks(list(axis.tickvals), [plain(str(one)) for one in words])
        if axis.range is not None:
            axes.set(**{f"{which}lim": axis.range})
        if axis.tickformat == ".0%":
            set_by.set_major_formatter(PercentFormatter(1, decimals=0))
        if axis.visible is False:
            set_by.set_visible(False)
            axes.spines["left" if which == "y" else "bottom"].set_visible(False)
    if is_crowded:
        axes.tick_params(axis="x", labelrotation=90)
        for text in axes.texts:
            text.set(rotation=90 if width < PANELS_FROM else 0, fontsize=5)
    if y_axis.autorange == "reversed":
        axes.invert_yaxis()
    if x_axis.side == "top":
        axes.xaxis.tick_top()
    if not any(trace.type == "heatmap" for trace in figure.data):
        axes.grid(color="#e4e8ee", linewidth=0.4)
        axes.set_axisbelow(True)


def _legend(figure: go.Figure, drawn: Figure, panels: list[Axes]) -> None:
    """The legend above all panels, in as many columns as there is room for."""
    found = [
        pair for axes in panels for pair in zip(*axes.get_legend_handles_labels(), strict=True)
    ]
    once = {label: handle for handle, label in found}
    if figure.layout.showlegend is False or len(once) < 2:
        return
    longest = max(map(len, once)) + 6
    columns = max(1, int(drawn.get_figwidth() * 25.4 / (longest * 1.35)))
    drawn.legend(
        once.values(), once.keys(), loc="outside upper left", ncols=min(columns, len(once))
    )


def whisker(error, side: str) -> np.ndarray:
    """Lengths of error bars; none where an interval is not defined."""
    lengths = getattr(error, side)
    lengths = error.array if lengths is None else lengths
    return np.nan_to_num(np.asarray(lengths, dtype=float)).clip(min=0)


def _values(values, places: dict[str, int]) -> list[float]:
    """Coordinates, names by their places; a gap in a line is NaN."""
    found = (places.get(value, value) if places else value for value in values)
    return [np.nan if value is None else float(value) for value in found]


def plain(text) -> str:
    """Text without the page's markup."""
    return re.sub(r"<[^>]+>", "", re.sub(r"<br ?/?>", "\n", str(text)))


def _colour(colour: str | None):
    """A colour of the page for Matplotlib."""
    if colour and (match := re.fullmatch(r"rgba?\(([^)]+)\)", colour)):
        parts = [float(part) for part in match[1].split(",")]
        return (*(part / 255 for part in parts[:3]), *parts[3:])
    return colors.to_rgba(colour or "#1d2733")


def _vertical(note) -> str:
    return {"middle": "center"}.get(note.yanchor, note.yanchor or "center")
