"""Figures of principal components, drawn with Matplotlib for SVG and PNG files."""

import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from pandas.api.types import is_numeric_dtype

from deeprules.files import whole_file

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""Palette that colour-blind readers can tell apart (Okabe & Ito 2008), without its yellow."""

MARKERS = ("o", "^", "s")
LEVELS = len(COLOURS) * len(MARKERS) - 1
"""Levels of a covariate that are told apart; the rarest beyond them are drawn as one."""

OTHER = "#b0b0b0"


def save_figure(figure: Figure, *paths: str | os.PathLike) -> None:
    """Write a figure to each path, in the format of its suffix; the same figure, the same bytes."""
    for path in map(Path, paths):
        with whole_file(path) as unfinished, mpl.rc_context({"svg.hashsalt": "deeprules"}):
            metadata = {"Date": None} if path.suffix == ".svg" else None
            figure.savefig(unfinished, dpi=150, metadata=metadata)


def draw_scree(scree: pd.DataFrame) -> Figure:
    """Share of variance of each component and the running total."""
    figure = Figure(figsize=(max(6.4, 0.6 * len(scree)), 3.8), layout="constrained")
    axes = figure.subplots()
    axes.bar(scree["component"], scree["variance_share"], color=COLOURS[0], label="component")
    axes.plot(
        scree["component"], scree["cumulative"], "o-", color=COLOURS[1], label="running total"
    )
    axes.set(xlabel="Principal component", ylabel="Share of variance", ylim=(0, 1.02))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(frameon=False)
    _plain(axes)
    return figure


def draw_components(scores: pd.DataFrame, scree: pd.DataFrame, covariate: str) -> Figure:
    """Scores of the first four components, coloured by a covariate."""
    names = scree["component"].tolist()[:4]
    pairs = list(zip(names[::2], names[1::2], strict=False)) or [(names[0], names[0])]
    share = scree.set_index("component")["variance_share"]
    height = max(4.4, 0.9 + 0.22 * min(scores[covariate].nunique(), LEVELS + 2))
    figure = Figure(figsize=(4.6 * len(pairs) + 1.8, height), layout="constrained")
    panels = figure.subplots(1, len(pairs), squeeze=False)[0]
    for axes, (x, y) in zip(panels, pairs, strict=True):
        drawn = _scatter(axes, scores[x], scores[y], scores[covariate])
        axes.set(xlabel=f"{x} ({share[x]:.1%})", ylabel=f"{y} ({share[y]:.1%})")
        _plain(axes)
    if drawn is None:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            title=covariate,
            loc="outside right upper",
            frameon=False,
            fontsize="small",
        )
    else:
        figure.colorbar(drawn, ax=panels, label=covariate)
    return figure


def _scatter(axes: Axes, x: pd.Series, y: pd.Series, values: pd.Series):
    """Draw the points; the mapping of numbers to colours, or None for categories."""
    size = float(np.clip(4000 / len(x), 6, 36))
    known = values.notna()
    if not known.all():
        axes.scatter(x[~known], y[~known], size, OTHER, alpha=0.6, label="missing", linewidths=0)
    if is_numeric_dtype(values):
        numbers = values[known].to_numpy(dtype=np.float64)
        return axes.scatter(x[known], y[known], size, numbers, cmap="cividis", linewidths=0)
    for label, rows, style in _levels(values[known]):
        axes.scatter(x[rows], y[rows], size, label=label, alpha=0.6, linewidths=0, **style)
    return None


def _levels(values: pd.Series) -> Iterator[tuple[str, pd.Index, dict]]:
    """Name, rows and style of each level, the rarest ones first and as one if there are many."""
    sizes = values.value_counts()
    shown = sizes.index[:LEVELS]
    if len(sizes) > LEVELS:
        rest = values.index[~values.isin(shown)]
        yield f"{len(sizes) - LEVELS} others", rest, {"color": OTHER, "marker": "."}
    for number, level in enumerate(sorted(shown)):
        style = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number // len(COLOURS)]}
        yield str(level), values.index[values == level], style


def _plain(axes: Axes) -> None:
    """Leave out the frame that carries no information."""
    axes.spines[["top", "right"]].set_visible(False)
