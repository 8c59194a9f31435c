"""What the report says of where the chosen models fail: figures, tables and findings."""

from collections.abc import Iterable

import pandas as pd
import plotly.graph_objects as go

from deeprules.evaluate.slice_summary import worse
from deeprules.report.findings import Check
from deeprules.report.results import Results
from deeprules.report.style import KIND_COLOURS, empty_figure, shown
from deeprules.report.tables import EMPTY, Table, table
from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.wording import format_number

COLUMNS = {
    "partition": "partition",
    "model": "model",
    "column": "by",
    "slice": "slice",
    "n": "examples",
    "n_units": "units",
    "metric": "score of",
    "score": "score",
    "rest": "outside it",
    "difference": "difference",
    "p_value": "p",
    "adjusted": "adjusted p",
    "too_small": "too small to test",
}
SHORT = ["model", "column", "slice", "n", "metric", "score", "rest", "difference", "adjusted"]
"""Columns of the table of the worst slices: all its rows are tested, and of test."""


def slice_figures(results: Results) -> dict[str, go.Figure]:
    """Scores on test in the slices of each column, by the column's name."""
    on_test = results.slices[results.slices["partition"] == "test"]
    return {name: slice_figure(rows) for name, rows in on_test.groupby("column", sort=False)}


def similarity_figures(results: Results) -> dict[str, go.Figure]:
    """Scores on test by similarity to train; none where all examples are equally similar."""
    rows = results.slices[results.slices["partition"] == "test"]
    rows = rows[rows["by"] == "similarity"]
    return {"": slice_figure(rows)} if len(rows) else {}


def slice_figure(rows: pd.DataFrame) -> go.Figure:
    """A dot with its interval for each slice of one column, beside an open one for the rest.

    `rows`: rows of `slices.tsv` of one partition and column.
    """
    metrics = rows["metric"].unique()
    title = " or ".join(map(shown, metrics)) + " on test"
    title += " (lower is better)" if set(metrics) <= LOWER_IS_BETTER else ""
    names = list(dict.fromkeys(rows["slice"]))
    n_models = rows["model"].nunique()
    figure = empty_figure(title, "", height=130 + 30 * n_models * len(names))
    for place, (model, part) in enumerate(rows.groupby("model", sort=False)):
        heights = [names.index(name) + 0.3 * (place - (n_models - 1) / 2) for name in part["slice"]]
        colour = KIND_COLOURS[part["kind"].iloc[0]]
        figure.add_scatter(
            x=part["rest"],
            y=heights,
            name=f"{shown(model)}, outside the slice",
            mode="markers",
            marker={"symbol": "circle-open", "size": 9, "color": colour},
            text=part["slice"],
            hovertemplate="outside %{text}: %{x:.4f}",
        )
        figure.add_scatter(
            x=part["score"],
            y=heights,
            name=shown(model),
            mode="markers",
            marker={"size": 10, "color": colour},
            error_x={
                "array": part["upper"] - part["score"],
                "arrayminus": part["score"] - part["lower"],
                "thickness": 2,
                "width": 5,
            },
            text=part["slice"],
            customdata=part[["lower", "upper", "n"]],
            hovertemplate="%{text}: %{x:.4f} [%{customdata[0]:.4f}, %{customdata[1]:.4f}], "
            "%{customdata[2]:,} examples",
        )
    labels = [name.replace(", ", "<br>", 1) for name in names]
    return figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=labels, autorange="reversed"
    )


def slice_tables(results: Results) -> dict[str, Table]:
    """The worst slices of test by name, and all slices of tune and test."""
    on_test = results.slices[results.slices["partition"] == "test"]
    return {
        "worst_slices": _slice_table(worse(on_test), SHORT),
        "slices": _slice_table(results.slices, COLUMNS),
    }


def _slice_table(rows: pd.DataFrame, columns: Iterable[str]) -> Table:
    """Rows of `slices.tsv`, the score above its interval."""
    intervals = [
        f"{format_number(row.score)}\n[{format_number(row.lower)}, {format_number(row.upper)}]"
        for row in rows.itertuples()
    ]
    numbers = dict.fromkeys(["rest", "difference", "p_value", "adjusted"], _known)
    titles = {name: COLUMNS[name] for name in columns}
    return table(rows.assign(score=intervals), titles, model=shown, metric=shown, **numbers)


def _known(value: float) -> str:
    """A number, or a dash where there is none."""
    if value != value:
        return EMPTY
    return format_number(value) if abs(value) >= 0.001 or value == 0 else f"{value:.1g}"


def slice_findings(results: Results) -> list[Check]:
    """Part of tip 9: slices of test in which a chosen model is worse than chance allows."""
    models = results.slice_summary["models"]
    tested = results.slice_summary["tested"]["test"]
    failing = [one for one in models if one["n_worse"]]
    if failing:
        return [
            Check("warn", f"`{one['model']}` fails more in {one['n_worse']} of {one['n_tested']} "
                  f"slices of test. {one['worst'][0]}")
            for one in failing
        ]  # fmt: skip
    if not tested:
        return [Check("warn", "No slice of test was large enough to test.")]
    names = " and ".join(f"`{one['model']}`" for one in models)
    text = f"No slice of test is worse than chance allows ({tested} tests, {names})."
    return [Check("pass", text)]


def similarity_findings(results: Results) -> list[Check]:
    """Part of tip 7: whether models hold on test examples that are unlike those of train."""
    models = [one for one in results.slice_summary["models"] if one["similarity"]]
    if not models:
        return [Check("warn", "All test examples are equally similar to train.")]
    said = " ".join(one["similarity"] for one in models)
    if not all(one["far_is_tested"] for one in models):
        return [Check("warn", f"{said} These are too few to test.")]
    far = [one for one in models if one["fails_far"]]
    return [Check("warn" if far else "pass", said)]
