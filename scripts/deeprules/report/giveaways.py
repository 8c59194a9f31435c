"""What the report says of single features and facts of the files that tell the label alone."""

from deeprules.evaluate.verdict import format_number
from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results
from deeprules.report.style import shown
from deeprules.report.tables import Table, table

MAX_ROWS = 20
"""Rows on the page; the file has all of them."""


def giveaway_findings(results: Results) -> list:
    """Whether anything was found that tells the label alone."""
    if results.giveaways is None:
        return [Missing("search for features that give the label away", essential=True)]
    cautions = results.giveaways["cautions"]
    if cautions:
        status = "fail" if any(caution["withholds"] for caution in cautions) else "warn"
        return [Check(status, "; ".join(caution["title"] for caution in cautions) + ".")]
    return [Check("pass", giveaway_sentences(results)[0])]


def giveaway_sentences(results: Results) -> list[str]:
    """What was looked at, what was found, and how far the chosen models are above it."""
    found = results.giveaways
    if found is None or results.giveaway_scores is None or results.giveaway_scores.empty:
        return []
    seen = results.giveaway_scores[results.giveaway_scores["seen_by_models"] == True]  # noqa: E712
    first = (
        f"{found['n_features']:,} features were screened on train for one that tells the label "
        f"alone, and the best {found['n_asked']} asked on tune, beside what the files say of each "
        "example."
    )
    if seen.empty:
        return [first, *found["notes"]]
    best = seen.iloc[0]
    metric = found["metric"]
    means = results.scores[
        (results.scores["seed"] == "mean") & (results.scores["metric"] == metric)
    ]
    reached = means.set_index("model")["value"]
    models = " and ".join(
        f"`{name}` {format_number(reached[name])}"
        for kind, name in results.chosen.items()
        if kind != "nuisance" and name in reached
    )
    beside = f" On test, all features together: {models}." if models else ""
    best_alone = (
        f"Alone, `{best['name']}` tells most: {shown(metric)} {format_number(best['tune'])} on "
        f"tune.{beside}"
    )
    return [first, best_alone, *found["notes"]]


def giveaway_table(results: Results) -> Table:
    """The most telling features and facts."""
    columns = {
        "name": "name",
        "kind": "kind",
        "seen_by_models": "seen by models",
        "train": "train",
        "tune": "tune",
        "best_class": "best class",
        "best_class_score": "its score",
        "p_value": "p",
        "finding": "finding",
    }
    rows = [] if results.giveaway_scores is None else results.giveaway_scores.head(MAX_ROWS)
    numbers = dict.fromkeys(("train", "tune", "best_class_score"), format_number)
    return table(rows, columns, p_value=lambda p: f"{p:.2g}", **numbers)
