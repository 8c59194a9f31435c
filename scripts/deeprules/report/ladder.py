"""What the report says of homologs across partitions, the leakage ladder and batches left out."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results
from deeprules.report.style import empty_figure, model_colours, shown
from deeprules.report.tables import EMPTY, Table, table
from deeprules.wording import format_number

RUNG_NAMES = {
    "random": "random",
    "group": "groups kept together",
    "chromosome": "chromosomes or blocks kept together",
    "batch": "batches kept together",
    "homology": "similar sequences kept together",
}


def homolog_sentences(results: Results) -> list[str]:
    """How many held-out examples have similar sequences in train, a sentence a partition."""
    if results.homologs is None:
        return []
    facts = results.homology
    return [
        f"{row.with_homologs:,} of the {row.n:,} examples in {row.partition} ({row.share:.0%}) are "
        f"in a cluster of similar sequences that also holds examples of train (at least "
        f"{facts['identity']:.0%} identity over {facts['coverage']:.0%} of both sequences)."
        for row in results.homologs.itertuples()
    ]


def ladder_findings(results: Results) -> list:
    """Part of tip 7: homologs of test in train, and what stricter splits take away."""
    return [*_homologs(results), *_ladder(results), *_left_out(results)]


def _homologs(results: Results) -> list:
    if results.homologs is None:
        return []
    held = results.homologs[results.homologs["partition"] == "test"].iloc[0]
    if held["with_homologs"]:
        return [Check("warn", homolog_sentences(results)[-1])]
    return [Check("pass", "No test example is in a cluster of similar sequences with train.")]


def _ladder(results: Results) -> list:
    if results.ladder is None:
        return [Missing("score under splits that keep groups, batches or similar sequences whole")]
    above = [one for one in results.ladder["entries"] if "sentence" in one]
    below = [one for one in above if one["is_below"]]
    if below:
        return [Check("warn", one["sentence"]) for one in below]
    if not above:
        return [Missing("units (groups, batches, positions) for splits stricter than a random one")]
    rungs = ", ".join(dict.fromkeys(shown(one["rung"]) for one in above))
    return [Check("pass", f"No clear drop from a random split to stricter ones ({rungs}).")]


def _left_out(results: Results) -> list:
    if results.left_out is None:
        return [Missing("score on batches left out")] if results.dataset["has_batch"] else []
    return [
        Check("warn" if one["lower"] is not None and one["lower"] > 0 else "pass", one["sentence"])
        for one in results.left_out["models"]
        if one["batches"]
    ]


def ladder_tables(results: Results) -> dict[str, Table]:
    """Tables of the ladder, of identity to train, of batches left out and of homologs."""
    return {
        "homologs": _homolog_table(results),
        "ladder": _rung_table(results),
        "identity": _identity_table(results),
        "left_out": _left_out_table(results),
    }


def _homolog_table(results: Results) -> Table:
    columns = {"partition": "partition", "n": "examples", "with_homologs": "similar to train"}
    rows = [] if results.homologs is None else results.homologs
    return table(rows, columns | {"share": "share"}, share="{:.0%}".format)


def _rung_table(results: Results) -> Table:
    """Score of each model on each rung, and its drop from the random one."""
    columns = {
        "model": "model",
        "rung": "split",
        "train": "trained on",
        "held_out": "scored on",
        "score": shown(results.frozen["objective"]),
        "lower": "lower",
        "upper": "upper",
        "drop": "drop from random",
    }
    entries = [] if results.ladder is None else results.ladder["entries"]
    rows = [one | {"drop": _drop(one)} for one in entries]
    numbers = dict.fromkeys(["score", "lower", "upper"], _number)
    return table(rows, columns, model=shown, rung=RUNG_NAMES.get, **numbers)


def _drop(entry: dict) -> str:
    """A drop with its interval; the random rung itself has none."""
    if entry["rung"] == "random":
        return EMPTY
    return (
        f"{_number(entry['drop'])} [{_number(entry['drop_lower'])}, {_number(entry['drop_upper'])}]"
    )


def _identity_table(results: Results) -> Table:
    """Score by identity to the nearest training example; AUROC, whatever classes a bin holds."""
    metric = identity_metric(results)
    rows = results.identity
    if rows is None or rows.empty:
        return table([])
    columns = {"model": "model", "identity": "identity to train", "n": "examples"}
    columns |= {"score": shown(metric), "lower": "lower", "upper": "upper"}
    numbers = dict.fromkeys(["score", "lower", "upper"], _number)
    return table(rows[rows["metric"] == metric], columns, model=shown, **numbers)


def identity_metric(results: Results) -> str:
    """The metric of the bins: one that does not depend on their share of positives."""
    return "r2" if results.dataset["task"] == "regression" else "auroc"


def _left_out_table(results: Results) -> Table:
    """Score of each model on each batch left out, and on its random split."""
    rows = results.left_out_scores
    if rows is None or rows.empty:
        return table([])
    objective = results.frozen["objective"]
    found = []
    for (model, batch), part in rows.groupby(["model", "batch"], sort=False):
        scores = part[part["metric"] == objective].set_index("split")["score"]
        cells = {"model": shown(model), "batch": batch, "examples": int(part["held_out"].iloc[0])}
        cells |= {"left out": _number(scores.get("batch"))}
        cells |= {"random split": _number(scores.get("random"))}
        found.append(cells | {"note": part["note"].fillna("").iloc[0]})
    return table(pd.DataFrame(found))


def _number(value) -> str:
    return EMPTY if value is None or not np.isfinite(value) else format_number(value)


def ladder_figure(results: Results) -> go.Figure:
    """Score by rung with its interval, a colour a model."""
    objective = results.frozen["objective"]
    figure = empty_figure("", shown(objective), height=400)
    colours = model_colours(results.kinds)
    entries = pd.DataFrame(results.ladder["entries"])
    entries = entries[entries["score"].notna()]
    for model, rows in entries.groupby("model", sort=False):
        figure.add_scatter(
            x=[RUNG_NAMES[rung].replace(" kept", "<br>kept") for rung in rows["rung"]],
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
