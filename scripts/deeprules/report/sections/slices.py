"""Where the chosen models fail: scores in slices of the test set."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.evaluate.slice_summary import worse
from deeprules.report.figures import KIND_COLOURS, Figure, each, empty_figure, whiskers
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import Table, shown, stacked, table
from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.statistics.random_slices import RANDOM_SLICES

FILE = "results/evaluation/slices.tsv"
TITLES = {"column": "by", "n_units": "units", "metric": "score of", "rest": "outside it"}
TITLES |= {"too_small": "too small to test"}
ALL = "partition model column slice n n_units metric score rest difference p_value adjusted"
ALL += " too_small"
OF_LABELS = (
    " Each label by itself, on the examples of which it is known: its name stands before what the "
    "slices are made by."
)
MAX_DRAWN = 30
"""Ways to slice that are drawn; of more, as several labels have, first those with a worse slice."""
SHORT = "model column slice n metric score rest difference adjusted"
"""Columns of the table of the worst slices: all its rows are tested, and of test."""


def section(results: Results) -> Section:
    """The worst slices, all slices, and scores by similarity to train."""
    summary, on_test = results.slice_summary, results.slices.query("partition == 'test'")
    sentences = [sentence for one in summary["models"] for sentence in _told(one)]
    similarity = [one["similarity"] for one in summary["models"] if one["similarity"]]
    return Section(
        "Where it fails",
        "The chosen network and the chosen baseline in slices of the test set: the mean "
        f"prediction of their fits, scored by {shown(results.objective)} where all classes are in "
        f"a slice.{OF_LABELS if results.dataset.get('labels') else ''}",
        findings=[*_failing(summary), *_similarity(summary)],
        tables={
            "worst_slices": _slice_table(
                "Slices of test that are worse than chance allows", worse(on_test), SHORT
            ),
            "slices": _slice_table("Scores in slices", results.slices, ALL),
        },
        figures=_figures(on_test, sentences, similarity),
        said={
            "sentences": sentences,
            "similarity": similarity,
            "measure": summary["similarity"]["measure"],
            "random_slices": RANDOM_SLICES,
            "n_tests": summary["tested"]["test"],
            "notes": summary["notes"],
        },
    )


def _told(model: dict) -> list[str]:
    """What the slices say of one model."""
    name, worst = f"`{model['model']}`", model["worst"]
    if not model["n_worse"]:
        text = f"{name} is in no slice worse than chance allows ({model['n_tested']} tested)."
        return [f"{text} {model['lowest'] or ''}".strip()]
    more = model["n_worse"] - len(worst)
    return [*worst, *([f"{name} is worse in {more} more; see the table."] if more else [])]


def _failing(summary: dict) -> list[Check]:
    """Slices of test in which a chosen model is worse than chance allows."""
    models, tested = summary["models"], summary["tested"]["test"]
    failing = [
        f"`{one['model']}` fails more in {one['n_worse']} of {one['n_tested']} slices of test. "
        f"{one['worst'][0]}"
        for one in models
        if one["n_worse"]
    ]
    if failing:
        return [Check(9, "warn", sentence) for sentence in failing]
    if not tested:
        return [Check(9, "warn", "No slice of test was large enough to test.")]
    names = " and ".join(f"`{one['model']}`" for one in models)
    text = f"No slice of test is worse than chance allows ({tested} tests, {names})."
    return [Check(9, "pass", text)]


def _similarity(summary: dict) -> list[Check]:
    """Whether models hold on test examples that are unlike those of train."""
    models = [one for one in summary["models"] if one["similarity"]]
    if not models:
        return [Check(7, "warn", "All test examples are equally similar to train.")]
    said = " ".join(one["similarity"] for one in models)
    if not all(one["far_is_tested"] for one in models):
        return [Check(7, "warn", f"{said} These are too few to test.")]
    far = [one for one in models if one["fails_far"]]
    return [Check(7, "warn" if far else "pass", said)]


def _slice_table(caption: str, rows: pd.DataFrame, columns: str) -> Table:
    """Rows of `slices.tsv`, the score above its interval."""
    intervals = [stacked(row.score, row.lower, row.upper) for row in rows.itertuples()]
    return table(
        caption,
        FILE,
        rows.assign(score=intervals),
        columns,
        TITLES,
        scores=("rest", "difference"),
    )


def _figures(on_test: pd.DataFrame, told: list[str], similarity: list[str]) -> dict[str, Figure]:
    on_test = on_test[on_test["column"].isin(_drawn(on_test))]
    similar = on_test[on_test["by"] == "similarity"]
    alike = each(similar, "column", slice_figure)
    return {
        "slices": Figure(
            "Scores in slices of test",
            FILE,
            "Dots are slices with 95% bootstrap intervals, circles what is outside a slice, "
            "weighted to the classes of the slice.",
            each(on_test, "column", slice_figure),
            "Slices by",
            finding=" ".join(told),
        ),
        "similarity": Figure(
            "Score and similarity to train",
            FILE,
            "The same slices by similarity to the nearest training example.",
            alike if len(alike) != 1 else {"": partial(slice_figure, similar)},
            finding=" ".join(similarity),
        ),
    }


def _drawn(on_test: pd.DataFrame) -> list[str]:
    """The ways to slice that are drawn."""
    return list(dict.fromkeys([*worse(on_test)["column"], *on_test["column"]]))[:MAX_DRAWN]


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
            error_x=whiskers(part["score"], part["lower"], part["upper"]),
            text=part["slice"],
            customdata=part[["lower", "upper", "n"]],
            hovertemplate="%{text}: %{x:.4f} [%{customdata[0]:.4f}, %{customdata[1]:.4f}], "
            "%{customdata[2]:,} examples",
        )
    labels = [name.replace(", ", "<br>", 1) for name in names]
    return figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=labels, autorange="reversed"
    )
