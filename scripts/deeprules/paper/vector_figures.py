"""Figures of the report as vector graphics: what Plotly draws on the page, drawn by Matplotlib.

Every figure of the report is a Plotly figure in memory, so one translation serves them all, those
of sections still to come among them. Text stays text: SVG names the font, PDF embeds it.
"""

from os import PathLike

import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib.figure import Figure

from deeprules.explore.explore_figures import draw_components
from deeprules.files import whole_file
from deeprules.paper.vector_drawing import PANELS_FROM, draw, plain, whisker

WIDTHS = (89, 183)
"""Widths in mm of one and two columns, as journals ask for them."""
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 6.5,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 6,
    "svg.fonttype": "none",
    "svg.hashsalt": "deeprules",
    "pdf.fonttype": 42,
}


def save_vector(figure: go.Figure, width: float, *paths: str | PathLike) -> None:
    """Write a figure of the report, `width` mm wide, to SVG and PDF files.

    Raises
    ------
    InputError
        If the figure has a kind of trace that is not known here.
    """
    with mpl.rc_context(STYLE):
        save(draw(figure, width), *paths)


def save_components(
    scores: pd.DataFrame, scree: pd.DataFrame, covariate: str, width: float, *paths: str | PathLike
) -> None:
    """Principal components coloured by a covariate, `width` mm wide, to SVG and PDF files."""
    with mpl.rc_context(STYLE):
        is_narrow = width < PANELS_FROM
        drawn = draw_components(scores, scree.head(2) if is_narrow else scree, covariate)
        drawn.set_size_inches(width / 25.4, 60 / 25.4)
        save(drawn, *paths)


def save(drawn: Figure, *paths: str | PathLike) -> None:
    """Write a Matplotlib figure to files, its layout found once."""
    drawn.draw_without_rendering()
    drawn.set_layout_engine("none")
    for path in paths:
        with whole_file(path) as unfinished:
            empty = {"Date": None} if str(path).endswith("svg") else {"CreationDate": None}
            drawn.savefig(unfinished, metadata=empty)


def drawn_numbers(figure: go.Figure) -> pd.DataFrame:
    """What a figure draws, a row a point: series, x, y, and the ends of intervals."""
    rows = []
    for trace in figure.data:
        if trace.type == "heatmap":
            cells = np.ndenumerate(np.asarray(trace.z, dtype=float))
            rows += [{"x": trace.x[j], "y": trace.y[i], "value": z} for (i, j), z in cells]
        else:
            rows += _points(trace)
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def _points(trace) -> list[dict]:
    """The points of a line, of markers or of bars."""
    rows = pd.DataFrame(
        {
            "series": trace.name and plain(trace.name).replace("\n", " "),
            "x": list(trace.x),
            "y": list(trace.y),
        }
    )
    for axis in ("x", "y"):
        error = getattr(trace, f"error_{axis}")
        if error.array is not None:
            rows[f"{axis}_lower"] = rows[axis] - whisker(error, "arrayminus")
            rows[f"{axis}_upper"] = rows[axis] + whisker(error, "array")
    return rows.to_dict("records")
