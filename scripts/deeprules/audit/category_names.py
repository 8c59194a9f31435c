"""Names of categories that may mean the same, or that nothing is known."""

from collections.abc import Iterable, Iterator

import pandas as pd

from deeprules.audit.audit_checks import Finding
from deeprules.cautions import Caution
from deeprules.names import near_equal, quoted

CATEGORIES = ("label", "group", "batch", "chromosome", "id")
"""Columns of names, beside the covariates."""

UNKNOWN = frozenset(
    ("unknown", "unk", "missing", "not available", "not applicable", "na", "?", ".", "-", "none")
)
"""Names, in small letters, that may say that there is none."""


def alike_names(examples: pd.DataFrame, covariates: Iterable[str]) -> dict[str, list[list[str]]]:
    """By column, the sets of names that differ in nothing but how they are written."""
    columns = [name for name in dict.fromkeys([*CATEGORIES, *covariates]) if name in examples]
    texts = [name for name in columns if not pd.api.types.is_numeric_dtype(examples[name])]
    found = {name: near_equal(_names(examples[name])) for name in texts}
    return {name: sets for name, sets in found.items() if sets}


def _names(column: pd.Series):
    """The names in a column; ids as they are, since of millions of them no second copy is made."""
    if column.name == "id":
        return column.array
    return pd.Series(column.unique()).dropna().astype(str).unique()


def alike_found(alike: dict[str, list[list[str]]]) -> Iterator[Finding]:
    """A warning for each column with names that look like one."""
    for column, sets in alike.items():
        yield Finding(
            severity="warning",
            column=column,
            problem=f"values of {column} that may be one: {quoted(sets)}",
            remedy="Write what is the same in one way; as they stand they are told apart",
        )


def unknown_found(examples: pd.DataFrame) -> Iterator[Finding]:
    """A warning for each batch, group or class whose name may say that there is none."""
    for column in ("group", "batch", "label"):
        if column not in examples or pd.api.types.is_numeric_dtype(examples[column]):
            continue
        for name, n in examples[column].value_counts().items():
            # A class of its own may well be called so: no motif, no treatment.
            if name.lower() in UNKNOWN and not (column == "label" and name.lower() in "-none"):
                yield Finding(
                    severity="warning",
                    column=column,
                    problem=f"{column} {name!r} ({n:,} examples) may mean that it is not known",
                    remedy=f"If so, leave the cell empty; as it stands it is a {column} like any",
                )


def alike_cautions(alike: dict[str, list[list[str]]]) -> list[Caution]:
    """What weighs on the verdict: groups or batches that may be one, and may be kept apart."""
    return [
        Caution(
            f"One {column} under several names?",
            f"Values of {column} differ in their writing alone: {quoted(alike[column])}. If they "
            f"are one {column}, its examples may stand on both sides of the split, and scores are "
            "too high. Write each in one way and run again.",
            tip=4,
        )
        for column in ("group", "batch")
        if column in alike
    ]
