"""What goes with the batch: components, associations, and scores on batches left out."""

import re
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import HEATMAP, KIND_COLOURS, MAX_POINTS, Figure, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.seen import association_seen, scree_seen
from deeprules.report.tables import Table, shown, table
from deeprules.wording import format_score

MAX_LEVELS = 30
"""Values of a categorical covariate that can still be told apart by colour."""


def section(results: Results) -> Section:
    """What models lose on a batch never seen, then what the development data show of batches."""
    left_out = results.left_out_batches["models"] if "left_out_batches" in results else []
    return Section(
        "Batch effects",
        " ".join(
            [results.explore.get("batch_correction", ""), *(one["sentence"] for one in left_out)]
        ).strip(),
        findings=[*_explored(results), *_left_out(results, left_out)],
        tables={
            "correction": _correction_table(results),
            "left_out": _left_out_table(results),
            "association": table(
                "Components and covariates",
                "results/explore/association.tsv",
                results.association,
            ),
            "batch_prediction": table(
                "How well the batch can be predicted from the features",
                "results/explore/batch_prediction.tsv",
                results.batch_prediction,
                scores=("balanced_accuracy", "chance"),
            ),
        },
        figures=_figures(results),
    )


def _explored(results: Results) -> list[Check]:
    """What the exploration says against the data."""
    found = []
    if results.explore["confounded"]:
        title = "Batch and label are confounded"
        found.append(Check(4, "fail", f"{title}.", title))
    elif results.explore["batch_predictable"]:
        found.append(Check(4, "warn", "The batch can be predicted from the features."))
    if not results.dataset["has_batch"]:
        text = "No batch is declared, so batch effects were not measured."
        found.append(Check(4, "warn", text))
    return found


def _left_out(results: Results, models: list[dict]) -> list:
    """What the models lose on a batch that they have never seen."""
    if "left_out_batches" not in results:
        is_wanted = results.dataset["has_batch"]
        return [Missing(7, "score on batches left out")] if is_wanted else []
    return [
        Check(7, "warn" if (one["lower"] or 0) > 0 else "pass", one["sentence"])
        for one in models
        if one["batches"]
    ]


def _left_out_table(results: Results) -> Table:
    """Score of each model on each batch left out, and on its random split."""
    found = []
    if "left_out_batches_table" in results and len(results.left_out_batches_table):
        of_batch = results.left_out_batches_table.groupby(["model", "batch"], sort=False)
        for (model, batch), part in of_batch:
            scores = part[part["metric"] == results.objective].set_index("split")["score"]
            found.append(
                {
                    "model": model,
                    "batch": batch,
                    "examples": int(part["held_out"].iloc[0]),
                    "left out": format_score(scores.get("batch")),
                    "random split": format_score(scores.get("random")),
                    "note": part["note"].fillna("").iloc[0],
                }
            )
    return table(
        f"{shown(results.objective)} on each batch when it was left out, and on a random split "
        "with as many examples of each class",
        "results/controls/left_out_batches/table.tsv",
        found,
        note="One fit each on the development data, with the chosen hyperparameters. The interval "
        "of a mean is Student's t over batches, that of a single batch is of its held-out "
        "examples.",
    )


def _correction_table(results: Results) -> Table:
    """What batch correction does, beside what there is without it."""
    return table(
        "What batch correction does",
        "results/explore/batch_correction.tsv",
        results.batch_correction,
        titles={"without": "without correction", "corrected": "with correction"},
        note="Every correction was learnt from other examples: from train for the batch of tune, "
        "from the other batches for a new one, whose label a linear model predicts that was "
        "fitted on the others. It is good if the batch is told worse, and the label better.",
        scores=("chance", "without", "corrected"),
    )


def _figures(results: Results) -> dict[str, Figure]:
    folder, columns = "results/explore", pca_columns(results.pca)
    drawn = {"": partial(association, results.association)} if len(results.association) else {}
    return {
        "pca": Figure(
            "Principal components",
            f"{folder}/scores.parquet",
            f"Each point is an example, {len(columns['id']):,} of them. Covariates with very many "
            "values can't be chosen.",
            {},
            columns=columns if columns["id"] else None,
            finding=association_seen(results.association),
        ),
        "association": Figure(
            "Components and covariates",
            f"{folder}/association.tsv",
            "Share of a component's variance that goes with a covariate, and its permutation "
            "p-value. A large share for a batch on an early component suggests a batch effect.",
            drawn,
            finding=association_seen(results.association),
        ),
        "scree": Figure(
            "Variance of the principal components",
            f"{folder}/scree.tsv",
            "Share of the variance of each component, and the running total.",
            {"": partial(scree, results.scree)},
            finding=scree_seen(results.scree),
        ),
    }


def pca_columns(scores: pd.DataFrame) -> dict:
    """Principal components and covariates of at most `MAX_POINTS` examples, column by column.

    Covariates with many values are left out, as colours could not tell them apart.
    """
    if len(scores) > MAX_POINTS:
        scores = scores.sample(MAX_POINTS, random_state=0)
    components = [name for name in scores if re.fullmatch(r"PC\d+", name)]
    covariates = {}
    for name in scores.columns.drop(["id", *components]):
        values = scores[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            numbers = values.astype(float).round(4)
            covariates[name] = {"numbers": [None if v != v else v for v in numbers]}
            continue
        levels = pd.Categorical(values.astype(str).where(values.notna(), "not known"))
        if len(levels.categories) <= MAX_LEVELS:
            facts = {"levels": list(levels.categories), "codes": levels.codes.tolist()}
            covariates[name] = facts
    return {
        "id": scores["id"].astype(str).tolist(),
        "components": {name: scores[name].astype(float).round(3).tolist() for name in components},
        "covariates": covariates,
    }


def scree(table: pd.DataFrame) -> go.Figure:
    """Share of variance of each principal component, and the running total."""
    figure = empty_figure("Principal component", "Share of variance")
    figure.add_bar(
        x=table["component"],
        y=table["variance_share"],
        name="component",
        marker_color=KIND_COLOURS["network"],
    )
    figure.add_scatter(
        x=table["component"],
        y=table["cumulative"],
        name="running total",
        mode="lines+markers",
        line_color=KIND_COLOURS["baseline"],
    )
    return figure.update_yaxes(range=[0, 1.02], tickformat=".0%")


def association(table: pd.DataFrame) -> go.Figure:
    """Share of each component's variance that goes with each covariate, with p-values."""
    rows, columns = table["component"].unique(), table["covariate"].unique()
    shares, p_values = (
        table.pivot(index="component", columns="covariate", values=name).loc[rows, columns]
        for name in ("variance_share", "p_value")
    )
    text = shares.map("{:.2f}".format) + "<br>p " + p_values.map("{:.2g}".format)
    figure = empty_figure("", "", height=60 + 40 * len(rows), meta=70 + 78 * len(columns))
    figure.add_heatmap(
        z=shares.to_numpy(),
        x=[shown(name) for name in columns],
        y=rows,
        text=text.to_numpy(),
        textfont_size=11,
        hovertemplate="%{y}, %{x}: share of variance %{z:.3f}<br>%{text}<extra></extra>",
        **HEATMAP,
    )
    return figure.update_yaxes(autorange="reversed").update_xaxes(side="top")
