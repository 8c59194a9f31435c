"""Single features and facts of the files that tell the label alone."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import Table, shown, table
from deeprules.wording import format_number

MAX_ROWS = 20
"""Rows on the page; the file has all of them."""

WITHOUT = (Missing(4, "search for features that give the label away", essential=True),)


def section(results: Results) -> Section | None:
    """What was looked at, and what was found."""
    if "giveaways" not in results:
        return None
    cautions, said = results.giveaways["cautions"], _sentences(results)
    found = [
        Check(4, "fail" if one["withholds"] else "warn", f"{one['title']}.", one["title"])
        for one in cautions
    ]
    passed = [Check(4, "pass", said[0])] if said else []
    return Section(
        "Features that tell the label",
        findings=found or passed,
        tables={"giveaways": _table(results)},
        said={"warnings": [caution["sentence"] for caution in cautions], "sentences": said},
    )


def _sentences(results: Results) -> list[str]:
    """What was looked at, what was found, and how far the chosen models are above it."""
    found, scores = results.giveaways, results.giveaway_scores
    if scores.empty:
        return []
    first = (
        f"{found['n_features']:,} features were screened on train for one that tells the label "
        f"alone, and the best {found['n_asked']} asked on tune, beside what the files say of each "
        "example."
    )
    seen = scores[scores["seen_by_models"].eq(True)]
    if seen.empty:
        return [first, *found["notes"]]
    best, metric = seen.iloc[0], found["metric"]
    means = results.scores[results.scores["seed"] == "mean"]
    reached = means[means["metric"] == metric].set_index("model")["value"]
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


def _table(results: Results) -> Table:
    """The most telling features and facts."""
    return table(
        "What tells most of the label alone, "
        f"{shown(results.giveaways['metric'])} of each by itself",
        "results/checks/giveaways.tsv",
        results.giveaway_scores.head(MAX_ROWS),
        "name kind seen_by_models train tune best_class best_class_score p_value finding",
        {"best_class_score": "its score"},
        note="p: chance of as much in data without a giveaway, over all features. Of several "
        "classes: the mean over classes.",
        scores=("train", "tune", "best_class_score"),
    )
