"""The leakage ladder: what splits stricter than a random one take away."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.report.figures import Figure, empty_figure, model_colours
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import Table, shown, table
from deeprules.tasks import MIXED, task_of_each
from deeprules.wording import EMPTY, format_score

TABLE = "results/controls/split_stringency/table.tsv"
WITHOUT = (Missing(7, "score under splits that keep groups, batches or similar sequences whole"),)


def section(results: Results) -> Section | None:
    """Score by split, and by identity to train."""
    if "split_stringency" not in results:
        return None
    found = results.split_stringency
    entries = [{**one, "kept": _name(one)} for one in found["entries"]]
    sentences = [one["sentence"] for one in entries if "sentence" in one]
    draw = partial(stringency_figure, entries, results.kinds, results.objective)
    return Section(
        "Leakage ladder",
        "The chosen models, fitted again with their hyperparameters on other splits of the "
        "development data. What a model scores on a random split and loses on a stricter one, "
        "rests on what the two sides of the random split share.",
        findings=_findings(entries),
        tables={
            "split_stringency": _score_table(results, entries),
            "identity": _identity_table(results),
        },
        figures={
            "split_stringency": Figure(
                "Score by split",
                TABLE,
                "One fit a split and model, with the 95% bootstrap interval of its held-out "
                "examples.",
                {"": draw} if entries else {},
                finding=" ".join(sentences),
            )
        },
        said={
            "sentences": sentences,
            "notes": [
                f"{shown(one['split'])}: {one['note']}" for one in found["splits"] if one["note"]
            ],
        },
    )


def _findings(entries: list[dict]) -> list:
    """What stricter splits take away."""
    above = [one for one in entries if "sentence" in one]
    below = [one for one in above if one["is_below"]]
    if below:
        return [Check(7, "warn", one["sentence"]) for one in below]
    if not above:
        part = "units (groups, batches, positions) for splits stricter than a random one"
        return [Missing(7, part)]
    splits = ", ".join(dict.fromkeys(shown(one["split"]) for one in above))
    return [Check(7, "pass", f"No clear drop from a random split to stricter ones ({splits}).")]


def _name(entry: dict) -> str:
    """What a split is called: by what it keeps together."""
    return "random" if entry["split"] == "random" else f"{entry['kept']} kept together"


def _score_table(results: Results, entries: list[dict]) -> Table:
    """Score of each model on each split, and its drop from the random one."""
    titles = {"kept": "split", "train": "trained on", "held_out": "scored on"}
    return table(
        f"{shown(results.objective)} on what each split holds out",
        TABLE,
        [one | {"drop": _drop(one)} for one in entries],
        "model kept train held_out score lower upper drop",
        titles | {"score": shown(results.objective), "drop": "drop from random"},
        note="All splits train on equally many examples where their units allow it. "
        "Hyperparameters were chosen on tune, which is part of these data: the scores compare "
        "splits, they do not replace those on test.",
        scores=("score", "lower", "upper"),
    )


def _drop(entry: dict) -> str:
    """A drop with its interval; the random split itself has none."""
    if entry["split"] == "random":
        return EMPTY
    drop, lower, upper = (format_score(entry[f"drop{end}"]) for end in ("", "_lower", "_upper"))
    return f"{drop} [{lower}, {upper}]"


def _identity_table(results: Results) -> Table:
    """Score by identity to the nearest training example; AUROC, whatever classes a bin holds."""
    task = task_of_each(results.dataset["task"])
    metric = {"regression": "r2", MIXED: "rank_score"}.get(task, "auroc")
    rows = results.split_stringency_table
    rows = rows[rows["identity"].notna()]
    return table(
        "Score on the random split, by identity to the most similar training example",
        TABLE,
        rows[rows["metric"] == metric] if len(rows) else [],
        "model identity held_out score lower upper",
        {"identity": "identity to train", "held_out": "n", "score": shown(metric)},
        note="AUROC, as bins may differ in their share of positives." if metric == "auroc" else "",
        scores=("score", "lower", "upper"),
    )


def stringency_figure(entries: list[dict], kinds: dict[str, str], objective: str) -> go.Figure:
    """Score by split with its interval, a colour a model."""
    figure = empty_figure("", shown(objective), height=400)
    colours, scored = model_colours(kinds), pd.DataFrame(entries)
    for model, rows in scored[scored["score"].notna()].groupby("model", sort=False):
        figure.add_scatter(
            x=[name.replace(" kept", "<br>kept") for name in rows["kept"]],
            y=rows["score"],
            error_y={
                "array": (rows["upper"] - rows["score"]).astype(float).fillna(0),
                "arrayminus": (rows["score"] - rows["lower"]).astype(float).fillna(0),
                "thickness": 1.5,
            },
            name=shown(model),
            mode="lines+markers",
            line={"color": colours[model], "width": 3 if rows["kind"].iloc[0] == "network" else 2},
            marker_size=9,
            customdata=rows[["lower", "upper"]],
            hovertemplate="%{y:.4f} [%{customdata[0]:.4f}, %{customdata[1]:.4f}]",
        )
    return figure
