"""The figure of the simulation study: where a network gains over the best baseline."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deeprules.explore.explore_figures import COLOURS
from deeprules.statistics.metrics import METRIC_LABELS

COLUMNS = 3
"""Panels in a row of the figure."""

STYLES = {
    "network": {"color": COLOURS[0], "marker": "o"},
    "baseline": {"color": COLOURS[1], "marker": "s"},
    "no_difference": {"color": COLOURS[3], "marker": "D"},
    "withheld": {"color": "#7a7a7a", "marker": "o", "markerfacecolor": "white"},
}
EXPECTED = {
    "network": "network",
    "baseline": "baseline or no difference",
    "withheld": "withheld",
    "open": "not settled by the design",
}
SPREAD = 0.06
"""Distance between the repeats of a cell, as a share of the number of examples."""


def draw_study(repeats: pd.DataFrame) -> Figure:
    """Gain of the network with its interval against n, a panel a condition, a point a repeat.

    `repeats` holds the rows of `simulated_study.run_cell`, of all cells. The dotted line is the
    smallest gain that is worth a network.
    """
    conditions = list(repeats["condition"].unique())
    n_rows = -(-len(conditions) // COLUMNS)
    figure = Figure(figsize=(3.3 * COLUMNS, 2.6 * n_rows + 0.6), layout="constrained")
    panels = figure.subplots(n_rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, condition in zip(panels, conditions, strict=False):
        _draw_condition(axes, repeats[repeats["condition"] == condition])
    for axes in panels[len(conditions) :]:
        axes.set_axis_off()
    sizes = sorted(repeats["n"].unique())
    panels[0].set_xscale("log")
    panels[0].set_xticks(sizes, [f"{size:,}" for size in sizes])
    panels[0].minorticks_off()
    figure.supxlabel("Number of sequences", fontsize="medium")
    metric = METRIC_LABELS[repeats["metric"].iloc[0]]
    figure.supylabel(f"Gain of the network in {metric}, with 95% interval", fontsize="medium")
    handles = {}
    for axes in panels:
        handles |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(
        handles.values(),
        [f"verdict: {name.replace('_', ' ')}" for name in handles],
        loc="outside upper center",
        ncols=len(STYLES),
        frameon=False,
        fontsize="small",
    )
    return figure


def _draw_condition(axes: Axes, rows: pd.DataFrame) -> None:
    """One panel."""
    axes.axhline(0, color="#b0b0b0", linewidth=0.8)
    axes.axhline(rows["minimum_gain"].iloc[0], color="#b0b0b0", linewidth=0.8, linestyle=":")
    middle = (rows["repeat"].max() + 1) / 2
    x = rows["n"] * np.exp(SPREAD * (rows["repeat"] - middle))
    for verdict, style in STYLES.items():
        drawn = rows["verdict"] == verdict
        if drawn.any():
            found = rows[drawn]
            # Not error bars: a bias-corrected interval need not hold its estimate.
            axes.vlines(x[drawn], found["lower"], found["upper"], style["color"], linewidth=1)
            axes.plot(
                x[drawn], found["gain"], linestyle="none", markersize=5, label=verdict, **style
            )
    expected = EXPECTED[rows["expected"].iloc[0]]
    axes.set_title(
        f"{rows['condition'].iloc[0].replace('_', ' ').capitalize()}\nexpected: {expected}",
        fontsize="small",
        loc="left",
    )
    axes.spines[["top", "right"]].set_visible(False)
