"""The figure of the first screen: the chosen models, and the smallest gain that is worth it."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import KIND_COLOURS, Figure, empty_figure, in_lines, whiskers
from deeprules.report.results import Results
from deeprules.report.tables import Table, shown, table
from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.wording import as_given, format_bounds, format_score

FILE = "results/evaluation/scores.tsv"
ROLES = {"network": "network", "baseline": "baseline", "nuisance": "nuisance floor"}
BAND = "#e3ecf6"
LINE = 17
"""Letters of a model's name on a line: as many as a score with its interval, which stands below.
A phone then has room for the figure beside it."""


def answer_rows(results: Results) -> pd.DataFrame:
    """Score of the network, the baseline and the nuisance floor of the verdict.

    Returns
    -------
    The columns model, kind, value, lower, upper; a row for each that was entered and has a score.
    """
    verdict, scores = results.verdict, results.scores
    means = scores[(scores["seed"] == "mean") & (scores["metric"] == verdict["metric"])]
    named = pd.DataFrame(
        [(verdict[kind], kind) for kind in ROLES if verdict[kind]], columns=["model", "kind"]
    )
    rows = named.merge(means[["model", "value", "lower", "upper"]], on="model")
    return rows[rows["value"].notna()]


def worth(results: Results) -> tuple[float, float] | None:
    """Score of the baseline, and the score from which on a network is worth it."""
    rows = answer_rows(results)
    base, least = rows.loc[rows["kind"] == "baseline", "value"], results.verdict["minimum_gain"]
    if base.empty or least is None:
        return None
    sign = -1 if results.verdict["metric"] in LOWER_IS_BETTER else 1
    return base.iloc[0], base.iloc[0] + sign * least


def answer_figure(results: Results) -> Figure:
    """The figure; empty where none of the three has a score."""
    rows, metric = answer_rows(results), results.verdict["metric"]
    absent = [role for kind, role in ROLES.items() if kind not in set(rows["kind"])]
    without = f" No {' and no '.join(absent)} is shown: none has a score." if absent else ""
    side = "left" if metric in LOWER_IS_BETTER else "right"
    band = (
        "The band is the smallest gain worth a network, counted from the baseline: a network that "
        f"is worth it lies {side} of it. "
        if worth(results)
        else ""
    )
    caption = (
        f"{shown(metric)} on test: mean over seeds, with the 95% interval of a single fit. {band}"
        f"The verdict rests on the paired difference, not on whether these intervals overlap."
        f"{without}"
    )
    draw = partial(draw_answer, rows, metric, worth(results), results.verdict["minimum_gain"])
    return Figure(
        "Network, baseline and nuisance floor",
        FILE,
        caption,
        {"": draw} if len(rows) else {},
        finding=_finding(rows, metric, results.verdict),
    )


def _finding(rows: pd.DataFrame, metric: str, verdict: dict) -> str:
    """What is seen in the figure."""
    each = [f"{ROLES[row.kind]} {shown(row.model)} {_number(row)}" for row in rows.itertuples()]
    gain = ""
    if verdict["difference"] is not None and verdict["minimum_gain"] is not None:
        found = format_bounds(*(verdict[name] for name in ("difference", "lower", "upper")))
        gain = (
            f" Paired gain of the network {found}; the smallest worth it is "
            f"{_rounded(verdict['minimum_gain'])}."
        )
    return f"{shown(metric)} on test: {'; '.join(each)}.{gain}"


def answer_table(results: Results) -> Table:
    """The numbers of the figure."""
    least = results.verdict["minimum_gain"]
    note = "" if least is None else f"Smallest gain worth a network: {_rounded(least)}."
    rows = answer_rows(results)
    return table(
        f"Network, baseline and nuisance floor: {shown(results.verdict['metric'])} on test",
        FILE,
        rows,
        "model kind value lower upper",
        {"kind": "part", "value": shown(results.verdict["metric"])},
        note=note,
        scores=("value", "lower", "upper"),
        kind=ROLES.get,
    )


def draw_answer(
    rows: pd.DataFrame, metric: str, band: tuple[float, float] | None, least: float | None
) -> go.Figure:
    """A point with its interval for each row, its number beside its name, over the band.

    Parameters
    ----------
    rows : those of `answer_rows`
    band : score of the baseline, and the one from which on a network is worth it
    least : the smallest gain worth it, as it is written at the band
    """
    names = [
        f"{in_lines(shown(row.model), LINE)}<br><i>{ROLES[row.kind]}</i><br><b>{_number(row)}</b>"
        for row in rows.itertuples()
    ]
    title = f"{shown(metric)} on test" + (" (lower is better)" if metric in LOWER_IS_BETTER else "")
    row_height = 14 + 18 * max(name.count("<br>") + 1 for name in names)
    figure = empty_figure(title, "", 90 + row_height * len(rows), showlegend=False)
    ends = pd.concat([rows["value"], rows["lower"], rows["upper"], pd.Series(band or ())]).dropna()
    pad = 0.1 * max(ends.max() - ends.min(), 1e-3)
    bounds = [ends.min() - pad, ends.max() + pad]
    top = len(rows) - 0.4 + 0.3 * bool(band)
    if band:
        _add_band(figure, band, least, bounds, top)
    places = range(len(rows) - 1, -1, -1)
    for place, row in zip(places, rows.itertuples(), strict=True):
        _add_row(figure, place, row)
    figure.update_yaxes(
        tickvals=list(places),
        ticktext=names,
        range=[-0.6, top],
        showgrid=False,
        ticklabelstandoff=6,
    )
    return figure.update_xaxes(range=bounds)


def _add_band(figure, band, least, bounds, top) -> None:
    """The band of the smallest gain, with its name above the points."""
    low, high = sorted(band)
    figure.add_scatter(
        x=[low, high, high, low],
        y=[-0.6, -0.6, top, top],
        name="smallest gain worth it",
        mode="lines",
        line={"width": 0, "color": BAND},
        fill="toself",
        fillcolor=BAND,
        hoverinfo="skip",
    )
    # At an edge of the figure, where there is room for all of it.
    side = "right" if (low + high) / 2 > sum(bounds) / 2 else "left"
    figure.add_annotation(
        x=1 if side == "right" else 0,
        xref="paper",
        y=top - 0.14,
        text=f"smallest gain worth it: {_rounded(least)}",
        showarrow=False,
        xanchor=side,
        font={"size": 12},
    )


def _add_row(figure: go.Figure, place: int, row) -> None:
    """One model: its point and its interval."""
    one = pd.DataFrame([row])
    figure.add_scatter(
        x=one["value"],
        y=[place],
        name=f"{ROLES[row.kind]}: {shown(row.model)}",
        mode="markers",
        marker={"size": 12, "color": KIND_COLOURS[row.kind]},
        error_x=whiskers(one["value"], one["lower"], one["upper"]),
        hovertemplate="%{x:.4f}<extra></extra>",
    )


def _number(row) -> str:
    """A score with its interval, where it has one."""
    if pd.isna(row.lower) or pd.isna(row.upper):
        return format_score(row.value)
    return format_bounds(row.value, row.lower, row.upper)


def _rounded(least: float) -> str:
    """The smallest gain worth it, which may be a share of an error, in at most three digits."""
    return as_given(float(f"{least:.3g}"))
