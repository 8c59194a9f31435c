"""What an audit says of several labels: how many are known, where, and what they go with.

Of a single one it is `deeprules.audit.one_label`.
"""

from collections.abc import Iterator

import pandas as pd

from deeprules.audit.audit_checks import (
    IMBALANCE,
    MIN_OF_A_CLASS,
    Finding,
    more_features,
    sizes_of,
)
from deeprules.cautions import Caution
from deeprules.data import Dataset, label_column
from deeprules.split.partitions import PARTITIONS
from deeprules.statistics.association import Association, batch_label_association
from deeprules.wording import listed

COLUMNS = ["name", "batch", "known", "present", "absent", "missing"]
COLUMNS += ["association", "p_value", "confounded"]
MEASURES = {True: "Cramer's V", False: "eta squared"}
"""Of the association of batch with classes, and with values."""
SHOWN = 10
"""Labels named in a sentence."""
MAX_CLASSES = 50
"""Rows of the table of classes, each of which is a combination of labels."""


def label_table(kept: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Examples with, without and of unknown label, of all batches (`batch` is empty) and of each.

    `association` is Cramer's V of label and batch, of values eta squared, of the examples of which
    the label is known. Values are neither present nor absent.
    """
    rows = []
    for name, is_class in zip(dataset.labels, dataset.are_classes, strict=True):
        values = kept[label_column(name)]
        found = association_of(kept, name, is_class) if dataset.has_batch else None
        facts = {} if found is None else {"association": found.value, "p_value": found.p_value}
        facts["confounded"] = found is not None and found.confounded
        rows.append({"name": name, "batch": "", **_counts(values, is_class), **facts})
        if dataset.has_batch:
            each = values.groupby(kept["batch"], sort=True, observed=True)
            rows += [
                {"name": name, "batch": batch, **_counts(part, is_class)} for batch, part in each
            ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _counts(values: pd.Series, is_class: bool) -> dict[str, int]:
    present, known = int((values == 1).sum()), int(values.notna().sum())
    both = {"present": present, "absent": known - present} if is_class else {}
    return {"known": known, **both, "missing": len(values) - known}


def association_of(kept: pd.DataFrame, name: str, is_class: bool) -> Association | None:
    """Association of batch and one label, where that is known."""
    values = kept[label_column(name)]
    known = values.notna()
    return batch_label_association(values[known], kept["batch"][known], is_class)


def unusable_labels(kept: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """Errors for labels that are the same in all examples, or too rare to share out."""
    for name, is_class in zip(dataset.labels, dataset.are_classes, strict=True):
        values = kept[label_column(name)]
        if is_class:
            counts = _counts(values, True)
            least, n = min((counts[key], key) for key in ("present", "absent"))
            is_bad = least < len(PARTITIONS)
            found = f"is {n} in {least} of the {counts['known']} examples that it is known of"
            need = "one"
        else:
            is_bad = values.nunique() < 2 * len(PARTITIONS)
            found, need = f"has {values.nunique()} different values", "two"
        if is_bad:
            yield Finding(
                severity="error",
                column=label_column(name),
                problem=f"the label {name!r} {found}; train, tune and test each need {need}",
                remedy="Leave the label out of `data: label`, or add examples",
            )


def association(kept: pd.DataFrame, dataset: Dataset) -> None:
    """None: `label_table` has the association of batch and each label."""


def batch_table(kept: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Examples in each batch; those with each label are in `label_table`."""
    return sizes_of(kept["batch"] if dataset.has_batch else None, "batch")


def findings(
    kept: pd.DataFrame, dataset: Dataset, labels: pd.DataFrame, found: None
) -> Iterator[Finding]:
    """Warnings for rare, unbalanced and missing labels, each kind in one, from `label_table`."""
    yield from more_features(kept, dataset)
    yield from _of_labels(labels, dataset)


def _of_labels(table: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """Warnings for labels, from `label_table`."""
    whole, by_batch = table[table["batch"] == ""], table[table["batch"] != ""]
    if whole.empty:
        return
    both = whole[["present", "absent"]].astype(float)
    # Of values nothing is present or absent.
    smaller = both.min(axis=1).fillna(whole["known"])
    larger = both.max(axis=1).fillna(whole["known"])
    few = whole[smaller < MIN_OF_A_CLASS]
    remedy = "Expect wide intervals of their scores and prefer a simple model"
    which = "with or without them, or with a value"
    which = "with or without them" if dataset.is_classification else which
    what = f"labels with fewer than {MIN_OF_A_CLASS} examples {which}"
    yield from _named(what, [*few["name"]], remedy)
    uneven = whole[larger >= IMBALANCE * smaller]
    remedy = "Read their AUPRC against their prevalence and MCC, not accuracy"
    yield from _named("unbalanced labels", [*uneven["name"]], remedy)
    unknown = whole[whole["missing"] > 0].sort_values("missing", ascending=False)
    shares = [
        f"{one.name} ({one.missing / (one.known + one.missing):.0%})"
        for one in unknown.itertuples(False)
    ]
    yield from _named(
        "labels missing in a share of the examples",
        shares,
        "What is missing counts in no loss and no score; whether it is missing at random is for "
        "you to know",
    )
    empty = by_batch[by_batch["known"] == 0]
    pairs = [f"{one.name} in {one.batch}" for one in empty.itertuples(False)]
    remedy = "Scores of such a label say nothing of those batches"
    yield from _named("labels missing in all of a batch", pairs, remedy)


def cautions(table: pd.DataFrame, dataset: Dataset) -> list[Caution]:
    """Labels that batch tells, from `label_table`."""
    told = table[table["confounded"] & (table["batch"] == "")]
    if told.empty:
        return []
    worst = told.loc[told["association"].idxmax()]
    is_class = bool(dataset.are_classes[dataset.labels.index(worst["name"])])
    return [
        Caution(
            "Batch and labels are confounded",
            f"{len(told)} of {len(dataset.labels)} labels go with batch "
            f"({listed(told['name'].head(SHOWN))}; "
            f"{MEASURES[is_class]} is largest for `{worst['name']}`, "
            f"{worst['association']:.2f}): of those, a model can score by recognising the batch. "
            "Hold out whole batches (`split: strategy: batch`), or collect balanced ones.",
            tip=4,
        )
    ]


def _named(what: str, names: list[str], remedy: str) -> Iterator[Finding]:
    """A warning about some labels, the first of them named; none where there are none."""
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield Finding(
            severity="warning",
            column="label",
            problem=f"{what}: {', '.join(names[:SHOWN])}{more}",
            remedy=remedy,
        )
