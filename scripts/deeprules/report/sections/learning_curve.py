"""Scores against the size of train: whether more data would help, and who would then be ahead."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import Figure, empty_figure, model_colours, model_line
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import Table, shown, stacked, table

BAND = 0.1
"""Opacity of an interval band."""
FILE = "results/controls/learning_curve/table.tsv"
WITHOUT = (Missing(1, "score against the size of train", essential=True),)


def section(results: Results) -> Section | None:
    """Scores by the size of train, of all models."""
    if "learning_curve" not in results:
        return None
    summary, curve = results.learning_curve, results.learning_curve_table
    chosen = [one for one in summary["models"] if one["model"] in results.chosen.values()]
    sentences = [one["sentence"] for one in chosen or summary["models"]]
    objective = shown(results.objective)
    return Section(
        "Learning curve",
        "Models refitted with their chosen hyperparameters on growing shares of train and scored "
        "on tune: score by training-set size. It says whether more data would help, and who would "
        "then be ahead.",
        findings=_findings(results),
        tables={
            "sizes": size_table(results, curve, f"{objective} on tune by training-set size"),
            "power_laws": _law_table(results),
        },
        figures={
            "sizes": Figure(
                "Score by training-set size",
                FILE,
                "Mean over seeds, with the band of the 95% interval of a single fit. Networks are "
                "thick. A name in the legend hides its model.",
                {
                    shown(one): partial(size_figure, curve, results.kinds, one)
                    for one in results.metrics
                },
                "Score",
                finding=" ".join(sentences),
            )
        },
        said={
            "sentences": sentences,
            "overtaking": (summary["overtaking"] or {}).get("sentence", ""),
            **{name: summary[name] for name in ("notes", "note", "resampling")},
        },
    )


def _findings(results: Results) -> list[Check]:
    """Whether the score still grows with the data, and who would then be ahead."""
    records = {record["model"]: record for record in results.learning_curve["models"]}
    wanted = [results.chosen.get("network"), results.chosen.get("baseline"), *records]
    record = next(records[name] for name in wanted if name in records)
    checks = [_growth(record)]
    crossing = results.learning_curve["overtaking"]
    if crossing and crossing["n"] and crossing["n"] > record["largest"]:
        checks.append(Check(1, "warn", crossing["sentence"]))
    return checks


def _growth(record: dict) -> Check:
    """What a model's curve says about more data."""
    rise, gain = record["rise"], record["doubling"]
    if rise["upper"] is not None and rise["upper"] < 0:
        fault = "Its score falls with more data, which points to a fault in data or training."
        return Check(1, "fail", f"{record['sentence']} {fault}")
    grows = gain is not None and gain["lower"] > 0 and gain["value"] >= record["minimum_gain"]
    return Check(1, "warn" if grows or gain is None else "pass", record["sentence"])


def size_table(results: Results, curve: pd.DataFrame, caption: str) -> Table:
    """The objective of each model at each size; `curve`: rows of `curve.tsv`."""
    return table(
        caption,
        FILE,
        results.in_order(curve[curve["metric"] == results.objective]),
        "model kind share n score lower upper seeds",
        {"share": "share of train", "score": shown(results.objective)},
        scores=("score", "lower", "upper"),
        share="{:g}".format,
    )


def _law_table(results: Results) -> Table:
    """One row a model: its gain over the sizes, and the curve fitted through them."""
    order = list(results.kinds)
    records = results.learning_curve["models"]
    rows = [
        {
            "model": record["model"],
            "kind": record["kind"],
            "gain from the smallest size": record["rise"],
            "expected of twice the data": record["doubling"],
            **{name: (record["power_law"] or {}).get(name) for name in "abc"},
        }
        for record in sorted(records, key=lambda one: order.index(one["model"]))
    ]
    return table(
        "Curves fitted through the sizes, with 95% intervals",
        "results/controls/learning_curve/summary.json",
        rows,
        note="The curve is a - b (n / N)^-c, where n is the number of training examples and N "
        "that of all of train. What lies beyond N is an extrapolation.",
        **dict.fromkeys(list(rows[0])[2:], _interval),
    )


def _interval(numbers: dict | None) -> str:
    """An estimate above its interval."""
    if not isinstance(numbers, dict) or numbers["lower"] is None:
        return "-"
    return stacked(numbers["value"], numbers["lower"], numbers["upper"])


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
            line=model_line(colours[model], kinds[model]),
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
