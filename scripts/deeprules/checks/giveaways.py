"""Single features, and facts of the files, that tell the label alone.

A feature that was derived from the label, or measured after it, makes every score worthless; so
does padding where only one class is padded. Features are screened on train; the best of them are
asked on tune, which they were not chosen on. Nothing here looks at the sealed test partition.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.cautions import Caution, as_records
from deeprules.checks.copies import is_copy, is_row_number
from deeprules.checks.file_facts import file_facts
from deeprules.checks.single_features import Told, screen, tell
from deeprules.data import Partition
from deeprules.feature_store import dense_column
from deeprules.statistics.metrics import METRIC_LABELS

ASKED = 20
"""Features that are asked on tune, the best of train."""
SIGNIFICANCE = 0.01
"""Chance of a false alarm in a whole data set without giveaways, at most."""
EVERYTHING = {"auroc": 0.98, "r2": 0.95}
"""Score of a single measured feature from which it tells nearly everything."""
TOO_MUCH = {"auroc": 0.95, "r2": 0.9}
"""Score of a fact of the files from which no score of a model can be told from it."""
CLEARLY = {"auroc": 0.65, "r2": 0.1}
"""Score of a fact of the files that nobody may miss."""
ALONE = {"auroc": 0.9, "r2": 0.8}
"""Score of a feature that tells much, where all others leave `TIMES` its error."""
TIMES = 4
MANY = 10
"""Features that each tell everything: the label is easy then, not given away."""
ALL_BUT = ("tells all", "stands out")
COLUMNS = ("name", "kind", "seen_by_models", "metric", "train", "tune")
COLUMNS += ("best_class", "best_class_score", "p_value", "finding")


@dataclass(frozen=True)
class Giveaways:
    """`table` (`COLUMNS`, the most telling first) and `summary` for giveaways.json."""

    table: pd.DataFrame
    summary: dict


def find_giveaways(train: Partition, tune: Partition, names: list[str], seed: int) -> Giveaways:
    """Look for what tells the label alone, by more than chance allows.

    The chance of as much is that of the rank test on tune times the number of features and facts
    asked there, or on train times the number of all, whichever is smaller, times two.

    Parameters
    ----------
    train, tune : the development partitions
    names : of the features of a matrix; the bases of sequences are counted from 1
    """
    labels, wanted = train.labels, tune.labels
    groups = [_groups(part) for part in (train, tune)]
    is_classification = train.dataset.is_classification
    metric = "auroc" if is_classification else "r2"
    facts = file_facts(train, tune)
    information = screen(train.features, labels, seed)
    best = np.argsort(-information, kind="stable")[:ASKED]
    best = best[information[best] > 0]

    def ask(values, others, n_all):
        told = tell((values, labels, groups[0]), (others, wanted, groups[1]), is_classification)
        n_asked = len(facts) + len(best)
        return told, min(1.0, 2 * min(told.p_tune * n_asked, told.p_train * n_all))

    rows = []
    for fact in facts:
        told, p_value = ask(fact.train, fact.tune, len(facts))
        finding = _finding_of_fact(told, p_value, metric, fact.is_seen)
        rows.append(_row(fact.name, "file", fact.is_seen, metric, told, p_value, finding, train))
    for number in best:
        values, others = (dense_column(part.features, number) for part in (train, tune))
        told, p_value = ask(values, others, len(information))
        finding = _finding_of_feature(told, p_value, metric, (values, others), (train, tune))
        name = names[number] if names else f"base {number + 1}"
        rows.append(_row(name, "feature", True, metric, told, p_value, finding, train))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.sort_values("tune", ascending=False, kind="stable", ignore_index=True)
    table.loc[_standing_out(table, metric), "finding"] = "stands out"
    return Giveaways(table, _summary(table, len(information), metric))


def _standing_out(table: pd.DataFrame, metric: str) -> list[int]:
    """The row of the one feature that tells far more than all others, if there is one."""
    score = table.loc[table["kind"] == "feature", ["train", "tune"]].min(axis=1)
    if len(score) < 2:
        return []
    best, second = score.nlargest(2)
    row = table.loc[score.idxmax()]
    plain = row["finding"] == "" and row["p_value"] <= SIGNIFICANCE and best >= ALONE[metric]
    return [score.idxmax()] if plain and TIMES * (1 - best) <= 1 - max(second, 0) else []


def _groups(part: Partition) -> np.ndarray:
    """Number of each example's group; its own number where there are no groups."""
    if not part.dataset.has_group:
        return np.arange(len(part))
    return pd.factorize(part.examples["group"])[0]


def _row(name, kind, is_seen, metric, told: Told, p_value, finding, train) -> dict:
    best = train.dataset.classes[told.best_class] if told.best_class >= 0 else ""
    return {
        "name": name,
        "kind": kind,
        "seen_by_models": is_seen,
        "metric": metric,
        "train": told.train,
        "tune": told.tune,
        "best_class": best,
        "best_class_score": told.best,
        "p_value": p_value,
        "finding": finding,
    }


def _finding_of_fact(told: Told, p_value: float, metric: str, is_seen: bool) -> str:
    """`tells all`, `tells` or nothing, and whether models can see it."""
    if p_value > SIGNIFICANCE or told.best < CLEARLY[metric]:
        return ""
    if not is_seen:
        return "not seen"
    return "tells all" if min(told.train, told.tune) >= TOO_MUCH[metric] else "tells"


def _finding_of_feature(told: Told, p_value: float, metric: str, values, parts) -> str:
    """`copy of the label`, `number of the row`, `tells all` or nothing."""
    if p_value > SIGNIFICANCE or min(told.train, told.tune) < CLEARLY[metric]:
        return ""
    if is_copy(values, parts):
        return "copy of the label"
    if is_row_number(values):
        return "number of the row"
    return "tells all" if min(told.train, told.tune) >= EVERYTHING[metric] else ""


def _summary(table: pd.DataFrame, n_features: int, metric: str) -> dict:
    """Cautions, notes and numbers of giveaways.json."""
    found = {name: rows for name, rows in table.groupby("finding", sort=False) if name}
    of = {kind: rows for kind, rows in table.groupby("kind")}
    cautions, notes = [], []
    files = of.get("file", table[:0])
    for row in files.itertuples():
        cautions += _fact_cautions(row)
        if row.finding == "not seen":
            notes.append(
                f"{_what(row)} alone tells the label: {_score(row)}. Models do not see it."
            )
    for finding, sentence in _DERIVED.items():
        cautions += [
            Caution(f"{row.name} is a {finding}", sentence.format(row.name, _score(row)), 4, True)
            for row in found.get(finding, table[:0]).itertuples()
        ]
    strong = table[(table["kind"] == "feature") & table["finding"].isin(ALL_BUT)]
    if len(strong) >= MANY:
        notes.append(
            f"{'At least ' * (len(strong) == ASKED)}{len(strong)} of {n_features:,} features each "
            f"tell the label alone ({METRIC_LABELS[metric]} {EVERYTHING[metric]} and more on tune):"
            " it can be read without a model, and a comparison of models says little."
        )
    elif len(strong):
        cautions.append(_strong_caution(strong, table, n_features))
    return {
        "metric": metric,
        "n_features": n_features,
        "n_asked": int((table["kind"] == "feature").sum()),
        "n_found": int((table["finding"] != "").sum()),
        "notes": notes,
        "cautions": as_records(cautions),
    }


_DERIVED = {
    "copy of the label": "The feature {0} has one value of its own for each label ({1}): it is the "
    "label in other words, so every score is one of copying. Take it out (`metadata` keeps a "
    "column from being a feature) and run again.",
    "number of the row": "The feature {0} numbers the rows and tells the label ({1}), because the "
    "rows are sorted by it. Take it out (`metadata` keeps a column from being a feature) and run "
    "again.",
}


def _fact_cautions(row) -> list[Caution]:
    """What a fact of the files that models can see says against the verdict."""
    if row.finding not in ("tells", "tells all"):
        return []
    withholds = row.finding == "tells all"
    then = (
        "No score of a model can be told from it."
        if withholds
        else "Read every score against it: a model may have learnt nothing else."
    )
    remedy = {
        "padding": "Give all examples one length (`data: length`), cut from the genome where there "
        "is one",
        "ambiguous letters": "Leave out sequences with many of them, or balance them over the "
        "classes",
        "missing values": "Find out why they are missing; keep the features that all classes have",
    }[row.name]
    what = f"The {'amount' if row.name == 'padding' else 'number'} of {row.name}"
    sentence = (
        f"{what} in an example, which is no measurement, predicts the label alone with "
        f"{_score(row)}. {then} {remedy}."
    )
    return [Caution(f"{what} gives the label away", sentence, 4, withholds)]


def _strong_caution(strong: pd.DataFrame, table: pd.DataFrame, n_features: int) -> Caution:
    """What a few features that tell nearly everything say."""
    row = next(strong.itertuples())
    others = table[(table["kind"] == "feature") & ~table.index.isin(strong.index)]
    runner_up = (
        f"; the best of the others reaches {others['tune'].max():.3f}" if len(others) else ""
    )
    named = ", ".join(f"`{name}`" for name in strong["name"].head(5))
    return Caution(
        "A single feature tells the label",
        f"{len(strong)} of {n_features:,} features tell the label alone ({named}): `{row.name}` "
        f"with {_score(row)}{runner_up}. If it was derived from the label or measured after it, "
        "every score is worthless: take it out. If it is a true marker, no model is needed.",
        4,
    )


def _what(row) -> str:
    return row.name[0].upper() + row.name[1:] if row.kind == "file" else f"`{row.name}`"


def _score(row) -> str:
    """The score on tune in words, of the best class where it is far above the mean."""
    text = f"{METRIC_LABELS[row.metric]} {row.tune:.3f} on tune"
    if row.best_class_score > row.tune + 0.05:
        text += f" ({row.best_class_score:.3f} for {row.best_class!r})"
    return text
