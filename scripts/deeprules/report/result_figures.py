"""The report's figures of a run's results, and the data that its script draws them from."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from deeprules.report import data_figures, evaluation_figures, training_figures
from deeprules.report.confidence import confidence_figures
from deeprules.report.ladder import ladder_figure
from deeprules.report.result_tables import fit_means, ordered_metrics
from deeprules.report.results import Results
from deeprules.report.slices import similarity_figures, slice_figures
from deeprules.report.style import MAX_POINTS, TEMPLATE, shown
from deeprules.report.training_size import size_figure
from deeprules.report.transfer import compared_by_size
from deeprules.statistics.metrics import LOWER_IS_BETTER

MAX_LEVELS = 30
"""Values of a categorical covariate that can still be told apart by colour."""


@dataclass(frozen=True)
class Figure:
    """A figure of the page: its title, the table it draws, and what can be chosen in it.

    `choices` has a figure for each choice of `choice` (a metric, a model ...); one without a
    name if there is nothing to choose.
    """

    title: str
    file: str
    choices: dict[str, go.Figure]
    choice: str = ""

    @property
    def min_width(self) -> int:
        """Pixels below which the figure scrolls in its box; 0 for one that fits anywhere."""
        widths = [choice.layout.meta or 0 for choice in self.choices.values()]
        return max(widths, default=0)


def all_figures(results: Results) -> dict[str, Figure]:
    """Every figure of the page, by name; those without data are left out."""
    figures = _data_figures(results) | _training_figures(results) | _size_figures(results)
    figures |= _test_figures(results) | _reliability_figures(results)
    if results.ladder and results.ladder["entries"]:
        figures["ladder"] = Figure(
            "Score by split", "results/controls/ladder.tsv", {"": ladder_figure(results)}
        )
    if results.dataset["task"] == "regression":
        figures |= _value_figures(results)
    else:
        figures |= _class_figures(results)
    return {name: figure for name, figure in figures.items() if figure.choices}


def _data_figures(results: Results) -> dict[str, Figure]:
    folder = "results/explore"
    drawn = {"": data_figures.association(results.association)} if len(results.association) else {}
    return {
        "scree": Figure(
            "Variance of the principal components",
            f"{folder}/scree.tsv",
            {"": data_figures.scree(results.scree)},
        ),
        "association": Figure("Components and covariates", f"{folder}/association.tsv", drawn),
    }


def _training_figures(results: Results) -> dict[str, Figure]:
    objective, kinds = results.frozen["objective"], results.kinds
    trials = results.trials
    searched = {
        shown(model): trials[trials["model"] == model]
        for model in kinds
        if results.best[model]["hyperparameters"] and results.best[model]["trials_completed"] > 1
    }
    by_trial = training_figures.best_so_far(trials, kinds, objective)
    means = fit_means(results)
    return {
        "best_so_far": Figure("Progress of the search", "results/tune/trials.tsv", {"": by_trial}),
        "parallel": Figure(
            "Hyperparameters and score",
            "results/tune/trials.tsv",
            {
                name: training_figures.parallel_coordinates(rows, objective)
                for name, rows in searched.items()
            },
            "Model",
        ),
        "curves": Figure(
            "Learning curves",
            "results/fit/<model>/real/seed<k>/history.tsv",
            {
                shown(model): training_figures.learning_curves(rows)
                for model, rows in results.histories.groupby("model", sort=False)
            },
            "Network",
        ),
        "gaps": Figure(
            "Train against tune",
            "results/fit/<model>/real/seed<k>/scores.json",
            {"": training_figures.gaps(means, objective)},
        ),
    }


def _size_figures(results: Results) -> dict[str, Figure]:
    """Scores by the size of train, of all models and of those around each pretrained model."""
    if results.curve is None:
        return {}
    curve, kinds, objective = results.curve, results.kinds, results.frozen["objective"]
    file = "results/learning_curve/curve.tsv"
    by_metric = {shown(one): size_figure(curve, kinds, one) for one in ordered_metrics(results)}
    families = {
        shown(name): size_figure(curve[curve["model"].isin(members)], kinds, objective)
        for name, members in compared_by_size(results).items()
        if set(members) & set(curve["model"])
    }
    return {
        "sizes": Figure("Score by training-set size", file, by_metric, "Score"),
        "transfer_sizes": Figure("Sample efficiency", file, families, "Pretrained model"),
    }


def _test_figures(results: Results) -> dict[str, Figure]:
    folder, scores, comparison = "results/evaluation", results.scores, results.comparison
    metrics = ordered_metrics(results)
    objective, gain = results.frozen["objective"], results.verdict["minimum_gain"]
    return {
        "scores": Figure(
            "Scores on test",
            f"{folder}/scores.tsv",
            {
                shown(metric): evaluation_figures.score_intervals(
                    scores, metric, metric in LOWER_IS_BETTER
                )
                for metric in metrics
            },
            "Score",
        ),
        "comparison": Figure(
            "Gain of the network",
            f"{folder}/comparison.tsv",
            {
                shown(metric): evaluation_figures.comparison(
                    comparison[comparison["metric"] == metric],
                    gain if metric == objective else None,
                )
                for metric in metrics
                if metric in set(comparison["metric"])
            },
            "Score",
        ),
    }


def _reliability_figures(results: Results) -> dict[str, Figure]:
    """Scores in slices, and accuracy by confidence, of the chosen network and baseline."""
    file, by_column = "results/evaluation/slices.tsv", slice_figures(results)
    kept = confidence_figures(results)
    return {
        "slices": Figure("Scores in slices of test", file, by_column, "Slices by"),
        "similarity": Figure("Score and similarity to train", file, similarity_figures(results)),
        "confidence": Figure(
            "Accuracy and confidence", "results/evaluation/risk_coverage.tsv", kept
        ),
    }


def _class_figures(results: Results) -> dict[str, Figure]:
    """Curves, calibration and confusion of the chosen models."""
    chosen, kinds = list(results.chosen.values()), results.kinds

    def by_class(table: pd.DataFrame, draw: Callable) -> dict[str, go.Figure]:
        rows = table[table["model"].isin(chosen)]
        return {name: draw(name, part) for name, part in rows.groupby("class", sort=False)}

    first = results.predictions[results.predictions["model"] == chosen[0]]
    shares = first["label"].astype(str).value_counts(normalize=True)
    evaluation, folder = evaluation_figures, "results/evaluation"
    return {
        "pr_curve": Figure(
            "Precision and recall",
            f"{folder}/pr_curve.tsv",
            by_class(results.pr_curve, lambda c, rows: evaluation.pr_curve(rows, kinds, shares[c])),
            "Class",
        ),
        "roc_curve": Figure(
            "Receiver operating characteristic",
            f"{folder}/roc_curve.tsv",
            by_class(results.roc_curve, lambda _, rows: evaluation.roc_curve(rows, kinds)),
            "Class",
        ),
        "calibration": Figure(
            "Calibration",
            f"{folder}/calibration.tsv",
            by_class(results.calibration, lambda _, rows: evaluation.calibration(rows, kinds)),
            "Class",
        ),
        "confusion": Figure(
            "Confusion matrix",
            f"{folder}/confusion.tsv",
            {
                shown(model): evaluation.confusion(rows)
                for model in chosen
                if len(rows := results.confusion[results.confusion["model"] == model])
            },
            "Model",
        ),
    }


def _value_figures(results: Results) -> dict[str, Figure]:
    """Predicted against observed values of the chosen models, mean over seeds."""
    drawn = {}
    for model in results.chosen.values():
        rows = results.predictions[results.predictions["model"] == model]
        single = rows[rows["seed"].astype(str) != "ensemble"]
        means = single.groupby("id", sort=False)[["label", "prediction"]].mean().reset_index()
        drawn[shown(model)] = evaluation_figures.predicted_observed(means)
    file = "results/evaluation/predictions.parquet"
    return {"predicted": Figure("Predicted and observed", file, drawn, "Model")}


def figure_data(figures: dict[str, Figure], pca: dict) -> dict:
    """What the page's script draws; the style that all figures share stands in it once."""
    drawn = {}
    for name, figure in figures.items():
        drawn[name] = [json.loads(choice.to_json()) for choice in figure.choices.values()]
        for choice in drawn[name]:
            choice["layout"].pop("template")
    return {"style": json.loads(go.Figure(layout={"template": TEMPLATE}).to_json())} | {
        "figures": drawn,
        "pca": pca,
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
