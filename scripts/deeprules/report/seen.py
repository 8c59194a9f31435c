"""What is seen in figures, in words: for those who do not see them."""

import pandas as pd

from deeprules.report.results import Results
from deeprules.report.tables import shown
from deeprules.statistics.metrics import LOWER_IS_BETTER
from deeprules.wording import format_number, format_p, format_score


def scores_seen(results: Results, metric: str, models: list[str] | None = None) -> str:
    """Scores on test of some models, or of all, the best first; empty where there is none."""
    means = results.scores[
        (results.scores["seed"] == "mean") & (results.scores["metric"] == metric)
    ]
    found = means[means["model"].isin(results.kinds if models is None else models)]
    if found.empty:
        return ""
    best_first = found.sort_values("value", ascending=metric in LOWER_IS_BETTER)
    return f"{shown(metric)} on test: {_each(best_first, 'model', 'value')}."


def gains_seen(comparison: pd.DataFrame, metric: str) -> str:
    """Gains of the first network over each other model in a metric, the least first."""
    is_first = comparison["network"].isin(comparison["network"].head(1))
    rows = comparison[is_first & (comparison["metric"] == metric)].sort_values("difference")
    return f"Gain in {shown(metric)} over {_each(rows, 'versus', 'difference')}."


def confusion_seen(confusion: pd.DataFrame) -> str:
    """Share of each class that each model finds, where all counts of the class may be shown."""
    given = confusion.groupby(["model", "true"])["n"]
    rows = confusion.assign(all=given.transform("sum"), is_known=given.transform("count"))
    right = rows[
        (rows["true"] == rows["predicted"]) & (rows["is_known"] == given.transform("size"))
    ]
    each = [
        f"{shown(row.model)} finds {row.n / max(row.all, 1):.0%} of {row.true}"
        for row in right.itertuples()
    ]
    return f"{', '.join(each)}." if each else ""


def association_seen(association: pd.DataFrame) -> str:
    """The covariate that goes most with a component."""
    known = association if association.empty else association.dropna(subset="variance_share")
    if known.empty:
        return ""
    row = known.loc[known["variance_share"].idxmax()]
    return (
        f"Most goes with {shown(row['covariate'])}: {row['variance_share']:.0%} of the variance of "
        f"{row['component']} (p {format_p(row['p_value'])})."
    )


def scree_seen(scree: pd.DataFrame) -> str:
    """Share of the first component, and of all together."""
    first, last = scree.iloc[0], scree.iloc[-1]
    return (
        f"{first['component']} holds {first['variance_share']:.0%} of the variance, all "
        f"{len(scree)} components {last['cumulative']:.0%}."
    )


def searches_seen(results: Results) -> str:
    """Best score of each search, the highest first."""
    rows = pd.DataFrame(
        [(name, one["score"]) for name, one in results.searches.items()], columns=["model", "score"]
    ).sort_values("score", ascending=False)
    return f"Best {shown(results.objective)} on tune: {_each(rows, 'model', 'score')}."


def losses_seen(losses: pd.DataFrame) -> str:
    """Epoch of the lowest loss on tune of each fit, of how many."""
    each = []
    for (model, seed), rows in losses.groupby(["model", "seed"], sort=False):
        if rows["val_loss"].notna().any():
            best = rows.loc[rows["val_loss"].idxmin()]
            each.append(
                f"{shown(model)}, seed {seed}: {format_number(best['val_loss'])} in epoch "
                f"{best['epoch']:.0f} of {rows['epoch'].max():.0f}"
            )
    return f"Lowest loss on tune of {'; '.join(each)}." if each else ""


def gaps_seen(gaps: pd.DataFrame, objective: str) -> str:
    """Train minus tune of each model, the largest first."""
    rows = gaps.sort_values("gap", ascending=False)
    return f"{shown(objective)} on train above that on tune: {_each(rows, 'model', 'gap')}."


def pairs_seen(pairs: pd.DataFrame) -> str:
    """The arrangement that raises the score most."""
    row = pairs.loc[pairs["score"].idxmax()]
    return (
        f"Highest with {row['first']} ({row['first_strand']}) before {row['second']} "
        f"({row['second_strand']}), {row['gap']} bases between them: {format_number(row['score'])}."
    )


def _each(rows: pd.DataFrame, name: str, value: str) -> str:
    pairs = zip(rows[name], rows[value], strict=True)
    return ", ".join(f"{shown(one)} {format_score(number)}" for one, number in pairs)
