"""All models on the test set."""

from collections.abc import Iterable
from functools import partial

from deeprules.report.evaluation_figures import class_figures, value_figure
from deeprules.report.figures import Figure
from deeprules.report.results import Results
from deeprules.report.score_figures import comparison, score_intervals
from deeprules.report.section import Check, Section
from deeprules.report.seen import gains_seen, scores_seen
from deeprules.report.tables import Table, shown, stacked, table
from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.tasks import predicts_values

FOLDER = "results/evaluation"
LARGE_SHARE = 0.6
"""Share of the largest class above which the weighing of classes is worth a note."""


def section(results: Results) -> Section:
    """Scores, paired comparisons, and what single models do."""
    is_regression = predicts_values(results.dataset["task"])
    return Section(
        "Test results",
        _lead(results),
        findings=[_intervals(results)],
        tables=_tables(results),
        figures={
            **_score_figures(results),
            **(value_figure(results) if is_regression else class_figures(results)),
        },
        said={"probabilities": _probabilities(results)},
    )


def _lead(results: Results) -> str:
    seen = ", some or all of which were tested on before"
    unseen = " that took no part in any choice"
    several = (
        " AUPRC, AUROC and F1 are plain means over the classes, each against the rest; balanced "
        "accuracy is the mean share of each class that was found."
    )
    return (
        f"All models on the test set: {results.split['sizes']['test']['n']:,} examples"
        f"{seen if results.reopened else unseen}. Intervals are 95% bootstrap intervals of a "
        f"single fit ({results.config['evaluation']['bootstrap']:,} replicates)."
        f"{several if results.dataset['task'] == 'multiclass' else ''}"
        f"{_of_labels(results)}"
    )


def _of_labels(results: Results) -> str:
    """What a score is where there are several labels; empty for one."""
    names = results.dataset.get("labels") or []
    if not names:
        return ""
    return (
        f" Every score is the plain mean over {len(names)} labels, each over the examples of which "
        "it is known."
    )


def _intervals(results: Results) -> Check:
    """Whether every score that is defined has the interval of a single fit."""
    means = results.scores[results.scores["seed"] == "mean"]
    bare = means[means["value"].notna() & means[["lower", "upper"]].isna().any(axis=1)]
    if means.empty or len(bare):
        named = ", ".join(f"`{name}`" for name in bare["model"].unique()) or "all models"
        return Check(7, "fail", f"Test scores have no interval: {named}.")
    return Check(7, "pass", "Every test score has an interval.")


def _probabilities(results: Results) -> str:
    """What weighing the classes equally does to probabilities; empty if no class is that large."""
    if results.largest_share <= LARGE_SHARE:
        return ""
    settings = {name: fit["settings"] for name, fit in results.fit_settings.items()}
    unweighted = [name for name in settings if not settings[name].get("uses_class_weights", True)]
    decisions = "at .5" if results.dataset["task"] == "binary" else "for the most probable class"
    note = (
        f"The largest class holds {results.largest_share:.0%} of the examples, but most models "
        "weigh the classes equally, so their probabilities refer to classes of equal size. That "
        "shows in calibration, Brier score and log loss."
    )
    if unweighted:
        names = " and ".join(f"`{name}`" for name in unweighted)
        note += (
            f" The probabilities of {names} refer to the shares in these data, so decisions "
            f"{decisions} (MCC, F1, accuracy, balanced accuracy) are not comparable with those of "
            "the other models."
        )
    return note


def _tables(results: Results) -> dict[str, Table]:
    return {
        "scores": score_table(
            results,
            results.kinds,
            "Scores on test: mean over seeds, with the 95% interval of a single fit",
        ),
        "comparison": _comparison_table(results),
        "tests": _significance_table(results),
        "per_class": table(
            "Scores of each class against the rest", f"{FOLDER}/per_class.tsv", results.per_class
        ),
        "seeds": _seed_table(results),
    }


def score_table(results: Results, models: Iterable[str], caption: str, note: str = "") -> Table:
    """One row a model, one column a metric: mean over seeds, interval of a single fit."""
    means = results.scores[results.scores["seed"] == "mean"]
    cells = {
        (row.model, row.metric): stacked(row.value, row.lower, row.upper)
        for row in means.itertuples()
    }
    rows = [
        {"model": model, "kind": kind} | {one: cells[model, one] for one in results.metrics}
        for model, kind in results.kinds.items()
        if model in models
    ]
    return table(caption, f"{FOLDER}/scores.tsv", rows, note=note)


def _seed_table(results: Results) -> Table:
    """The objective of every single seed, its standard deviation, and the seeds' ensemble."""
    rows = results.scores[results.scores["metric"] == results.objective]
    wide = rows.pivot(index="model", columns="seed", values="value").loc[list(results.kinds)]
    seeds = sorted(set(wide.columns) - {"mean", "ensemble"}, key=int)
    found = wide[seeds].add_prefix("seed ")
    found["mean"] = wide["mean"]
    found["standard deviation"] = wide[seeds].std(axis=1)
    found["ensemble"] = wide["ensemble"]
    return table(
        f"{shown(results.objective)} of single seeds, and of their mean prediction (ensemble)",
        f"{FOLDER}/scores.tsv",
        found.reset_index(),
        scores=found.columns,
    )


def _comparison_table(results: Results) -> Table:
    """Gain of each network over each other model in the objective."""
    return table(
        f"Paired comparison in {shown(results.objective)}",
        f"{FOLDER}/comparison.tsv",
        results.comparison[results.comparison["metric"] == results.objective],
        "network versus versus_kind difference lower upper replicates",
        {"difference": f"gain in {shown(results.objective)}"},
        scores=("difference", "lower", "upper"),
    )


def _significance_table(results: Results) -> Table:
    """Tests of each network against each other model."""
    return table(
        "Each network against each other model, the fits under the first seed",
        f"{FOLDER}/tests.tsv",
        results.tests,
        "network versus test difference p_value adjusted",
        {"adjusted": "p, Holm"},
        note="DeLong's test of the difference in AUROC, and McNemar's exact test of right and "
        "wrong decisions at a probability of 0.5 (the difference is that of accuracy). Holm's p "
        f"is adjusted for all pairs of a test.{_of_groups(results)}",
        scores=["difference"],
        test={"delong": "DeLong (AUROC)", "mcnemar": "McNemar (decisions)"}.get,
    )


def _of_groups(results: Results) -> str:
    """That the tests do not know of groups; empty where there are none."""
    if results.verdict["resampling"] != "groups":
        return ""
    return (
        " Both take examples as independent, which those of a group are not, so that these p "
        "values are too small: the verdict rests on the bootstrap of groups."
    )


def _score_figures(results: Results) -> dict[str, Figure]:
    compared = {
        metric: results.comparison[results.comparison["metric"] == metric]
        for metric in results.metrics
    }
    gain = {results.objective: results.verdict["minimum_gain"]}
    # A share of the error is another gain over each baseline.
    is_share = results.verdict["minimum_share_of_error"] and results.verdict["baseline"]
    over = f" over {shown(results.verdict['baseline'])}" if is_share else ""
    return {
        "scores": Figure(
            "Scores on test",
            f"{FOLDER}/scores.tsv",
            "Mean over seeds, with the 95% interval of a single fit; small circles are single "
            "seeds.",
            {
                shown(one): partial(score_intervals, results.scores, one, one in LOWER_IS_BETTER)
                for one in results.metrics
            },
            "Score",
            finding=scores_seen(results, results.objective),
        ),
        "comparison": Figure(
            "Gain of the network",
            f"{FOLDER}/comparison.tsv",
            "Gain of the network over each other model on the same examples, with its interval: "
            "right of 0 the network is better. The dashed line is the smallest gain worth a "
            f"network{over}.",
            {
                shown(metric): partial(comparison, rows, gain.get(metric))
                for metric, rows in compared.items()
                if len(rows)
            },
            "Score",
            finding=gains_seen(results.comparison, results.objective),
        ),
    }
