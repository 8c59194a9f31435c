"""The report's tables of a run's results."""

import json

import pandas as pd

from deeprules.report.confidence import confidence_tables
from deeprules.report.controls import shuffled_table
from deeprules.report.cost import cost_table, repeat_table
from deeprules.report.giveaways import giveaway_table
from deeprules.report.ladder import ladder_tables
from deeprules.report.probes import probe_table
from deeprules.report.results import Results
from deeprules.report.slices import slice_tables
from deeprules.report.style import shown
from deeprules.report.tables import EMPTY, Table, duration, moment, setting, size, table
from deeprules.report.tools import tool_table
from deeprules.report.training_size import size_tables
from deeprules.report.transfer import transfer_tables
from deeprules.statistics.metrics import metrics_of
from deeprules.wording import format_number


def all_tables(results: Results) -> dict[str, Table]:
    """Every table of the page, by name."""
    return {
        **score_tables(results),
        **size_tables(results),
        **transfer_tables(results),
        **slice_tables(results),
        **confidence_tables(results),
        **ladder_tables(results),
        "shuffled": shuffled_table(results),
        "probes": probe_table(results),
        "giveaways": giveaway_table(results),
        "costs": cost_table(results),
        "repeats": repeat_table(results),
        "sources": source_table(results),
        "problems": table(results.problems),
        "duplicates": table(results.duplicates),
        "classes": table(results.classes),
        "batches": table(results.batches),
        "split": split_table(results),
        "association": table(results.association),
        "batch_prediction": table(
            results.batch_prediction, balanced_accuracy=format_number, chance=format_number
        ),
        "tuning": tuning_table(results),
        "trials": trial_table(results),
        "tools": tool_table(results),
        "gaps": gap_table(results),
        "seed_gaps": seed_gap_table(results),
        "comparison": comparison_table(results),
        "tests": significance_table(results),
        "per_class": table(results.per_class, model=shown, metric=shown),
        "openings": opening_table(results),
        "packages": table(
            [{"package": name, "version": v} for name, v in results.run["packages"].items()]
        ),
        "rules": rule_table(results),
    }


def score_tables(results: Results) -> dict[str, Table]:
    """Test scores of the chosen models and of all models, and the spread over seeds."""
    means = results.scores[results.scores["seed"] == "mean"]
    chosen = means[means["model"].isin(results.chosen.values())]
    return {
        "chosen_scores": _score_table(results, chosen),
        "scores": _score_table(results, means),
        "seeds": _seed_table(results),
    }


def _score_table(results: Results, scores: pd.DataFrame) -> Table:
    """One row a model, one column a metric: mean over seeds, interval of a single fit."""
    metrics = ordered_metrics(results)
    cells = {
        (row.model, row.metric): f"{format_number(row.value)}\n"
        f"[{format_number(row.lower)}, {format_number(row.upper)}]"
        for row in scores.itertuples()
    }
    models = [name for name in results.kinds if name in set(scores["model"])]
    rows = [
        [shown(model), results.kinds[model], *[cells[model, metric] for metric in metrics]]
        for model in models
    ]
    header = ["model", "kind", *map(shown, metrics)]
    return Table(header, [False, False, *[True] * len(metrics)], rows)


def _seed_table(results: Results) -> Table:
    """The objective of every single seed, its standard deviation, and the seeds' ensemble."""
    rows = results.scores[results.scores["metric"] == results.frozen["objective"]]
    wide = rows.pivot(index="model", columns="seed", values="value").loc[list(results.kinds)]
    seeds = sorted(set(wide.columns) - {"mean", "ensemble"}, key=int)
    frame = pd.DataFrame({"model": [shown(name) for name in wide.index]})
    for seed in seeds:
        frame[f"seed {seed}"] = wide[seed].to_numpy()
    frame["mean"] = wide["mean"].to_numpy()
    frame["standard deviation"] = wide[seeds].std(axis=1).to_numpy()
    if "ensemble" in wide:
        frame["ensemble"] = wide["ensemble"].to_numpy()
    return table(frame, **{name: format_number for name in frame.columns[1:]})


def ordered_metrics(results: Results) -> list[str]:
    """The metrics of the task, the objective first."""
    metrics = [m for m in metrics_of(results.dataset["task"]) if m in set(results.scores["metric"])]
    objective = results.frozen["objective"]
    return [objective, *[metric for metric in metrics if metric != objective]]


def fit_means(results: Results) -> pd.DataFrame:
    """Objective of each model on train and tune, mean over seeds, and their difference."""
    fits = results.fits[results.fits["metric"] == results.frozen["objective"]]
    means = fits.pivot_table(index=["model", "kind"], columns="partition", values="value")
    means = means.loc[[(name, kind) for name, kind in results.kinds.items()]].reset_index()
    means["gap"] = means["train"] - means["tune"]
    return means[["model", "kind", "train", "tune", "gap"]]


def gap_table(results: Results) -> Table:
    """Scores on train and tune and their gap for every model."""
    scores = dict.fromkeys(["train", "tune", "gap"], format_number)
    return table(fit_means(results), model=shown, **scores)


def seed_gap_table(results: Results) -> Table:
    """Scores on train and tune and their gap for every single fit."""
    fits = results.fits[results.fits["metric"] == results.frozen["objective"]]
    index = ["model", "kind", "seed"]
    wide = fits.pivot(index=index, columns="partition", values="value").reset_index()
    wide["gap"] = wide["train"] - wide["tune"]
    order = {name: i for i, name in enumerate(results.kinds)}
    wide = wide.sort_values("model", key=lambda names: names.map(order), kind="stable")
    scores = dict.fromkeys(["train", "tune", "gap"], format_number)
    return table(wide[[*index, "train", "tune", "gap"]], model=shown, **scores)


def tuning_table(results: Results) -> Table:
    """The search of each model: its trials, best score and chosen hyperparameters."""
    rows = [results.best[name] for name in results.kinds if name in results.best]
    columns = {
        "model": "model",
        "kind": "kind",
        "strategy": "strategy",
        "trials_completed": "completed",
        "trials_failed": "failed",
        "score": f"best {shown(results.frozen['objective'])} on tune",
        "hyperparameters": "chosen hyperparameters",
    }
    return table(rows, columns, model=shown, score=format_number, hyperparameters=_hyperparameters)


def trial_table(results: Results) -> Table:
    """All trials of all models."""
    columns = {
        "model": "model",
        "kind": "kind",
        "trial": "trial",
        "status": "status",
        "score": "tune",
        "train_score": "train",
        "epochs": "epochs",
        "seconds": "seconds",
        "hyperparameters": "hyperparameters",
        "message": "message",
    }
    return table(
        results.trials.fillna({"message": ""}),
        columns,
        model=shown,
        score=_score,
        train_score=_score,
        hyperparameters=lambda value: _hyperparameters(json.loads(value)),
    )


def _score(value: float) -> str:
    return EMPTY if value != value else format_number(value)


def _hyperparameters(values: dict) -> str:
    listed = ", ".join(f"{name} {setting(value)}" for name, value in values.items())
    return listed or "none to choose"


def comparison_table(results: Results) -> Table:
    """Gain of each network over each other model in the objective."""
    rows = results.comparison[results.comparison["metric"] == results.frozen["objective"]]
    columns = {
        "network": "network",
        "versus": "against",
        "versus_kind": "kind",
        "difference": f"gain in {shown(results.frozen['objective'])}",
        "lower": "lower",
        "upper": "upper",
        "replicates": "replicates",
    }
    scores = dict.fromkeys(["difference", "lower", "upper"], format_number)
    return table(rows, columns, network=shown, versus=shown, **scores)


def significance_table(results: Results) -> Table:
    """Tests of each network against each other model."""
    columns = {
        "network": "network",
        "versus": "against",
        "test": "test",
        "difference": "difference",
        "p_value": "p",
        "adjusted": "p, Holm",
    }
    words = {"delong": "DeLong (AUROC)", "mcnemar": "McNemar (decisions)"}
    rows = [] if results.tests is None else results.tests
    return table(
        rows,
        columns,
        network=shown,
        versus=shown,
        test=words.get,
        difference=format_number,
        p_value="{:.2g}".format,
        adjusted="{:.2g}".format,
    )


def opening_table(results: Results) -> Table:
    """Every opening of a test set that the ledger holds."""
    columns = {
        "index": "opening",
        "time": "time (UTC)",
        "kind": "kind",
        "reason": "reason",
        "n_examples": "examples",
        "objective": "objective",
        "minimum_gain": "smallest gain",
        "commit": "commit",
        "study_sha256": "study",
        "models_sha256": "models",
        "examples_sha256": "test set",
    }
    hashes = [name for name in columns if name.endswith("sha256")] + ["commit"]
    return table(
        results.openings,
        columns,
        time=moment,
        objective=shown,
        minimum_gain=setting,
        **dict.fromkeys(hashes, _short_hash),
    )


def _short_hash(value: str | None) -> str:
    return value[:12] if isinstance(value, str) else EMPTY


def split_table(results: Results) -> Table:
    """Size, groups and labels of each partition."""
    rows = []
    total = sum(part["n"] for part in results.split["sizes"].values())
    for name, part in results.split["sizes"].items():
        row = {"partition": name, "examples": part["n"], "share": part["n"] / total}
        if part["groups"] is not None:
            row["groups"] = part["groups"]
        rows.append(row | dict(part["labels"]))
    return table(rows, share="{:.0%}".format)


def source_table(results: Results) -> Table:
    """Where each file came from, and what identifies it."""
    columns = {
        "source": "source",
        "url": "address",
        "version": "version",
        "licence": "licence",
        "citation": "citation",
        "downloaded": "date (UTC)",
        "bytes": "size",
        "sha256": "SHA-256",
    }
    rows = [
        {"url": record.get("given_url", record.get("url"))} | record
        for record in results.provenance
    ]
    return table(
        rows,
        columns,
        downloaded=moment,
        bytes=lambda value: EMPTY if value != value else size(value),
    )


def rule_table(results: Results) -> Table:
    """Wall time and peak memory of each rule."""
    columns = {
        "rule": "rule",
        "jobs": "jobs",
        "seconds": "wall time, all jobs",
        "longest": "longest job",
        "max_rss": "peak memory",
    }
    return table(
        results.benchmarks,
        columns,
        seconds=duration,
        longest=duration,
        max_rss=lambda value: EMPTY if value != value else size(value * 1e6),
    )
