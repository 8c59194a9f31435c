"""What the report says of scores against the size of train: tables, figures and findings."""

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results
from deeprules.report.style import empty_figure, model_colours, shown
from deeprules.report.tables import Table, table
from deeprules.report.transfer import compared_by_size
from deeprules.wording import format_number

BAND = 0.1
"""Opacity of an interval band."""


def size_figure(curve: pd.DataFrame, kinds: dict[str, str], metric: str) -> go.Figure:
    """Mean score on tune of each model by training examples, in the band of its interval.

    `curve`: rows of `curve.tsv`; models take their order and colours among all `kinds`.
    """
    rows = curve[curve["metric"] == metric]
    height = 400 + 18 * rows["model"].nunique()
    figure = empty_figure("Training examples", f"{shown(metric)} on tune", height=height)
    colours = model_colours(kinds)
    parts = {model: rows[rows["model"] == model] for model in kinds if model in set(rows["model"])}
    for model, part in parts.items():
        figure.add_scatter(
            x=[*part["n"], *part["n"][::-1]],
            y=[*part["upper"], *part["lower"][::-1]],
            fill="toself",
            fillcolor=_faint(colours[model]),
            mode="none",
            legendgroup=model,
            showlegend=False,
            hoverinfo="skip",
        )
    for model, part in parts.items():
        figure.add_scatter(
            x=part["n"],
            y=part["score"],
            name=shown(model),
            legendgroup=model,
            mode="lines+markers",
            line={
                "color": colours[model],
                "width": 3 if kinds[model] == "network" else 1.8,
                "dash": "dot" if kinds[model] == "nuisance" else "solid",
            },
            marker_size=7,
            customdata=part[["lower", "upper"]],
            hovertemplate="%{x:,} examples: %{y:.4f} [%{customdata[0]:.4f}, %{customdata[1]:.4f}]",
        )
    sizes = sorted(rows["n"].unique())
    return figure.update_xaxes(type="log", tickvals=sizes, ticktext=[f"{n:,}" for n in sizes])


def _faint(colour: str) -> str:
    """A colour with the opacity of a band."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND})"


def size_tables(results: Results) -> dict[str, Table]:
    """The score of each model at each size, and what its power law says; empty without curves."""
    if results.curve is None:
        return {}
    members = {name for names in compared_by_size(results).values() for name in names}
    return {
        "sizes": _size_table(results, results.curve),
        "transfer_sizes": _size_table(results, results.curve[results.curve["model"].isin(members)]),
        "power_laws": _law_table(results),
    }


def _size_table(results: Results, curve: pd.DataFrame) -> Table:
    """The objective of each model at each size."""
    objective = results.frozen["objective"]
    columns = {"model": "model", "kind": "kind", "share": "share of train", "n": "examples"}
    columns |= {"score": shown(objective), "lower": "lower", "upper": "upper", "seeds": "seeds"}
    scores = dict.fromkeys(["score", "lower", "upper"], format_number)
    order = {model: place for place, model in enumerate(results.kinds)}
    rows = curve[curve["metric"] == objective].sort_values(
        "model", key=lambda names: names.map(order), kind="stable"
    )
    return table(rows, columns, model=shown, share="{:g}".format, **scores)


def _law_table(results: Results) -> Table:
    """One row a model: its gain over the sizes, and the curve fitted through them."""
    order = list(results.kinds)
    rows = [
        {
            "model": shown(record["model"]),
            "kind": record["kind"],
            "gain from the smallest size": _interval(record["rise"]),
            "expected of twice the data": _interval(record["doubling"]),
            **{
                name: _interval(record["power_law"] and record["power_law"][name]) for name in "abc"
            },
        }
        for record in sorted(
            results.curve_summary["models"], key=lambda one: order.index(one["model"])
        )
    ]
    header = list(rows[0])
    return Table(
        header, [False, False, *[True] * (len(header) - 2)], [list(row.values()) for row in rows]
    )


def _interval(numbers: dict | None) -> str:
    """An estimate above its interval."""
    if numbers is None or numbers["lower"] is None:
        return "-"
    value, lower, upper = (format_number(numbers[name]) for name in ("value", "lower", "upper"))
    return f"{value}\n[{lower}, {upper}]"


def size_findings(results: Results) -> list:
    """Part of tip 1: whether the score still grows with the data, and who would then be ahead."""
    if results.curve_summary is None:
        return [Missing("score against the size of train", essential=True)]
    records = {record["model"]: record for record in results.curve_summary["models"]}
    wanted = [results.chosen.get("network"), results.chosen.get("baseline"), *records]
    record = next(records[name] for name in wanted if name in records)
    checks = [_growth(record, results.verdict["minimum_gain"])]
    crossing = results.curve_summary["overtaking"]
    if crossing and crossing["n"] and crossing["n"] > record["largest"]:
        checks.append(Check("warn", crossing["sentence"]))
    return checks


def _growth(record: dict, minimum_gain: float) -> Check:
    """What a model's curve says about more data."""
    rise, gain = record["rise"], record["doubling"]
    if rise["upper"] is not None and rise["upper"] < 0:
        fault = "Its score falls with more data, which points to a fault in data or training."
        return Check("fail", f"{record['sentence']} {fault}")
    grows = gain is not None and gain["lower"] > 0 and gain["value"] >= minimum_gain
    return Check("warn" if grows or gain is None else "pass", record["sentence"])
