"""Several labels: how well each is predicted, and whether it pays to train them jointly."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.evaluate.comparison import Decision
from deeprules.evaluate.verdict import label as verdict_label
from deeprules.report.figures import HEATMAP, INK, KIND_COLOURS, Figure, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import shown, stacked, table
from deeprules.wording import EMPTY, format_score

FOLDER = "results/evaluation"
FEW = 12
"""Labels up to which the table of verdicts stands open."""
NOT_HELD = "No difference is shown, with as many labels as there are"


def section(results: Results) -> Section | None:
    """Heat map, verdicts and joint training; None for a single label."""
    if "label_verdicts" not in results:
        return None
    found = results.label_verdicts
    labels, joint = found["labels"], found["joint"]
    sentences = [one["sentence"] for one in joint] + ([found["budget"]] if joint else [])
    return Section(
        "Labels one by one",
        f"{len(labels)} labels, each judged on the test examples of which it is known. The verdict "
        "above is on all: its scores are plain means over the labels.",
        findings=[_judged(labels), *_small(labels)],
        tables={
            "verdicts": _verdict_table(labels),
            "scores": _score_table(results),
            "joint": _joint_table(joint),
        },
        figures={**_heat_map(results, labels), **_gains(joint)},
        said={"joint": sentences, "counts": _counts(labels), "is_long": len(labels) > FEW},
    )


def _words(label: dict) -> str:
    """The verdict on a label in a few words."""
    if not label["holds"]:
        return NOT_HELD
    decision = Decision(label["verdict"], label["difference_shown"], label["worth_it"])
    return verdict_label(decision, (label["lower"] or 0) > 0)


def _counts(labels: list[dict]) -> list[str]:
    """How many labels have each verdict."""
    counts = pd.Series([_words(label) for label in labels]).value_counts()
    return [f"{words}: {n} of {len(labels)} labels." for words, n in counts.items()]


def _judged(labels: list[dict]) -> Check:
    """Whether the labels have verdicts of their own."""
    withheld = [label["name"] for label in labels if label["verdict"] == "withheld"]
    if withheld:
        named = ", ".join(withheld[:FEW]) + (" and more" if len(withheld) > FEW else "")
        text = f"{len(withheld)} of {len(labels)} labels have no verdict of their own: {named}."
        return Check(7, "warn", text, "Labels without a verdict")
    return Check(
        7, "pass", f"Each of {len(labels)} labels has a verdict, adjusted for their number."
    )


def _small(labels: list[dict]) -> list[Check]:
    """Labels that differ in what the models do for them."""
    found = {label["difference_shown"] for label in labels if label["holds"]}
    if {"better", "worse"} <= found:
        text = "The network is better for some labels and worse for others: see each."
        return [Check(10, "warn", text, "Labels differ")]
    return []


def _verdict_table(labels: list[dict]):
    rows = [
        {
            "name": label["name"],
            "train": label["train"]["known"],
            "test": label["test"]["known"],
            "present": _share(label["test"]),
            "gain": stacked(label["difference"], label["lower"], label["upper"])
            if label["difference"] is not None
            else "",
            "adjusted": label["adjusted"],
            "verdict": _words(label),
        }
        for label in labels
    ]
    titles = {"name": "label", "train": "known in train", "test": "known in test"}
    return table(
        "Verdict on each label",
        f"{FOLDER}/label_verdicts.json",
        rows,
        titles=titles,
        note="Gain of the chosen network over the chosen baseline; its p value is adjusted over "
        "the labels by Holm's method, and a verdict that rests on a difference has to hold then. "
        "Present is the share of the test examples with the label; values have none.",
        present=lambda share: EMPTY if pd.isna(share) else f"{share:.0%}",
    )


def _share(counts: dict) -> float | None:
    """Share of the known examples that have a label; None for a value."""
    return None if counts["present"] is None else counts["present"] / max(counts["known"], 1)


def _score_table(results: Results):
    rows = results.label_scores
    rows = rows[rows["metric"] == results.objective]
    values = [stacked(row.value, row.lower, row.upper) for row in rows.itertuples()]
    return table(
        f"{shown(results.objective)} of each label on test",
        f"{FOLDER}/label_scores.tsv",
        rows.assign(value=values),
        "name model n present value",
        {"name": "label", "value": shown(results.objective)},
        note="Mean over seeds, with the 95% interval of a single fit. The file has every metric.",
    )


def _joint_table(joint: list[dict]):
    rows = [
        {"joint": one["joint"], "alone": one["alone"], **label}
        | {"gain": stacked(label["difference"], label["lower"], label["upper"])}
        for one in joint
        for label in sorted(one["labels"], key=lambda label: label["train"])
    ]
    return table(
        "What joint training gains for each label, the one known of fewest examples first",
        f"{FOLDER}/label_verdicts.json",
        rows,
        "joint alone name train gain adjusted",
        {"name": "label", "train": "known in train", "joint": "for all", "alone": "for each alone"},
        joint=shown,
        alone=shown,
    )


def _heat_map(results: Results, labels: list[dict]) -> dict[str, Figure]:
    """Score of each model for each label, one choice a metric."""
    models = list(results.kinds)
    means = results.label_scores
    return {
        "label_scores": Figure(
            "Scores by label",
            f"{FOLDER}/label_scores.tsv",
            "Score of each model for each label on test, mean over seeds; the darker, the higher.",
            {
                shown(metric): partial(_draw_scores, means[means["metric"] == metric], models)
                for metric in results.metrics
            },
            "Score",
            finding=" ".join(_counts(labels)),
        )
    }


def _draw_scores(rows: pd.DataFrame, models: list[str]) -> go.Figure:
    names = list(dict.fromkeys(rows["name"]))
    values = rows.pivot(index="name", columns="model", values="value").loc[names, models]
    figure = empty_figure("", "", height=120 + 24 * len(names))
    figure.add_heatmap(
        z=values.to_numpy(),
        x=[shown(model) for model in models],
        y=names,
        text=values.map(format_score).to_numpy(),
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
        **HEATMAP,
    )
    figure.update_xaxes(type="category", side="top")
    return figure.update_yaxes(type="category", autorange="reversed")


def _gains(joint: list[dict]) -> dict[str, Figure]:
    """Gain of joint training against the number of known examples."""
    if not joint:
        return {}
    return {
        "joint": Figure(
            "Joint training by number of known examples",
            f"{FOLDER}/label_verdicts.json",
            "Gain of the network that predicts all labels over the same network trained for each "
            "alone, with its 95% interval: above 0 joint training is better.",
            {shown(one["joint"]): partial(_draw_gains, one["labels"]) for one in joint},
            "Network",
            finding=" ".join(one["sentence"] for one in joint),
        )
    }


def _draw_gains(labels: list[dict]) -> go.Figure:
    rows = pd.DataFrame(labels)
    figure = empty_figure("Training examples of which the label is known", "Gain", height=380)
    figure.add_scatter(
        x=rows["train"],
        y=rows["difference"],
        text=rows["name"],
        mode="markers",
        marker={"size": 9, "color": KIND_COLOURS["network"]},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": rows["upper"] - rows["difference"],
            "arrayminus": rows["difference"] - rows["lower"],
        },
        hovertemplate="%{text}: %{y:.3f}, known of %{x}<extra></extra>",
        showlegend=False,
    )
    return figure.add_hline(y=0, line={"color": INK, "width": 1, "dash": "dash"})
