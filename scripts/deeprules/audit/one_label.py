"""What an audit says of a single label: its classes or values, and whether batch goes with it.

Its functions are those of `deeprules.audit.several_labels` as well.
"""

from collections.abc import Iterator

import pandas as pd

from deeprules.audit.audit_checks import (
    IMBALANCE,
    MIN_OF_A_CLASS,
    Finding,
    in_words,
    more_features,
)
from deeprules.data import Dataset
from deeprules.split.partitions import PARTITIONS
from deeprules.statistics.association import Association, batch_label_association, cross_table

MAX_CLASSES = None
"""Rows of the table of classes."""


def unusable_labels(kept: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """Errors for labels that leave nothing to predict, or too few to share out."""
    if not dataset.is_classification:
        if kept["label"].nunique() < 2:
            yield Finding(
                severity="error",
                column="label",
                problem="all examples have the same value",
                remedy="Choose a label that varies",
            )
        return
    sizes = kept["label"].value_counts().reindex(list(dataset.classes), fill_value=0)
    if (sizes > 0).sum() < 2:
        one = f"only one class is left: {sizes.idxmax()!r} with {in_words(sizes.max())}"
        yield Finding(
            severity="error",
            column="label",
            problem=one if sizes.max() else "no example is left of any class",
            remedy="There is nothing to predict: check `data: label`, `data: conflicts` and what "
            "is left out, or give examples of other classes in a further source",
        )
        return
    for name, size in sizes[sizes < len(PARTITIONS)].items():
        yield Finding(
            severity="error",
            column="label",
            problem=f"class {name!r} has {in_words(size)}; train, tune and test each need one",
            remedy="Add examples, merge the class with another (`data: classes`), or leave it out "
            f"(`data: classes: {{{name}: null}}`, or `data: min_class_size`)",
        )


def association(kept: pd.DataFrame, dataset: Dataset) -> Association | None:
    """Association of batch and label; None without a batch."""
    if not dataset.has_batch:
        return None
    return batch_label_association(kept["label"], kept["batch"], dataset.is_classification)


def findings(
    kept: pd.DataFrame, dataset: Dataset, labels: pd.DataFrame, found: Association | None
) -> Iterator[Finding]:
    """Warnings for few examples, for imbalance, and for a label that batch tells."""
    yield from _small_classes(kept, dataset)
    yield from more_features(kept, dataset)
    yield from _confounding(found)


def _small_classes(kept: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """Warnings for few examples and for imbalance."""
    sizes = pd.Series({"": len(kept)})
    if dataset.is_classification:
        sizes = kept["label"].value_counts()
    for name, size in sizes[sizes < MIN_OF_A_CLASS].items():
        yield Finding(
            severity="warning",
            column="label",
            problem=f"{f'class {name!r} has' if name else 'there are'} {in_words(size)}, "
            f"fewer than {MIN_OF_A_CLASS}",
            remedy="Expect wide intervals and prefer a simple model",
        )
    if len(sizes) and sizes.max() >= IMBALANCE * sizes.min():
        yield Finding(
            severity="warning",
            column="label",
            problem=f"the classes are unbalanced: {in_words(sizes.max())} of {sizes.idxmax()!r} "
            f"but {sizes.min()} of {sizes.idxmin()!r}",
            remedy="Read the AUPRC against its prevalence and MCC, not accuracy",
        )


def _confounding(found: Association | None) -> Iterator[Finding]:
    """A warning for a design that cannot tell batch from label."""
    if found and found.confounded:
        yield Finding(
            severity="warning",
            column="batch",
            problem=found.sentence(),
            remedy="Hold out whole batches (`split: strategy: batch`) where each batch has several "
            "labels, or collect balanced batches",
        )


def batch_table(kept: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Examples of each label in each batch; for regression their number, mean and spread."""
    if not dataset.has_batch:
        return pd.DataFrame(columns=["batch"])
    if dataset.is_classification:
        table = cross_table(kept["batch"], kept["label"])
    else:
        table = kept.groupby("batch")["label"].agg(["count", "mean", "std"])
        table = table.rename(columns={"count": "n"})
    table.columns.name = None
    table.insert(0, "batch", table.index, allow_duplicates=True)
    return table.reset_index(drop=True)
