"""The checks of an audit: each looks at one thing and yields what it finds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from deeprules.audit.duplicates import Repeats
from deeprules.audit.neighbours import SAME_LOCUS
from deeprules.cautions import Caution
from deeprules.data import Dataset
from deeprules.errors import Problem
from deeprules.ingest.missing_values import MissingValues

MIN_OF_A_CLASS = 100
"""Examples of a class below which its scores are unstable (Cho et al. 2015, arXiv:1511.06348)."""

IMBALANCE = 4
"""Ratio of the largest class to the smallest above which accuracy misleads."""

MANY_NEIGHBOURS = 0.05
"""Share of the examples that contradict a neighbour from which on the verdict says so."""

LISTED = 20
"""Repeated contents named in an error."""


@dataclass(frozen=True)
class Finding:
    """Something that a check found, its severity (`error`, `warning` or `note`) and a remedy."""

    severity: str
    column: str
    problem: str
    remedy: str
    row: str = ""

    def located(self, file: str) -> Problem:
        """The finding as a problem of a file."""
        return Problem(file, self.row, self.column, self.problem, self.remedy)

    @property
    def sentence(self) -> str:
        """The problem and what to do about it, in plain words."""
        text = f"{self.problem}. {self.remedy}."
        return text[0].upper() + text[1:]


def incomplete_columns(examples: pd.DataFrame) -> Iterator[Finding]:
    """Errors for missing values in a column that every example needs."""
    for column in ("label", "group", "batch"):
        if column not in examples:
            continue
        missing = examples["id"][examples[column].isna()]
        if len(missing):
            count = in_words(len(missing))
            yield Finding(
                severity="error",
                column=column,
                problem=f"{count} without a {column}, such as {missing.iloc[0]!r}",
                remedy=f"Fill in the {column} or leave the examples out",
            )


def refused_repeats(repeats: Repeats, policies: Mapping[str, str]) -> Iterator[Finding]:
    """Errors for repeated contents where the policy is `error`; the first 20 of each kind."""
    for problem, policy in (("duplicate", "duplicates"), ("conflict", "conflicts")):
        if policies[policy] != "error":
            continue
        sets = repeats.sets[repeats.sets["problem"] == problem]
        more = len(sets) - LISTED
        for number, repeated in enumerate(sets.head(LISTED).itertuples(), start=1):
            rest = f" (and {more} more such contents)" if number == LISTED and more > 0 else ""
            label = "the labels" if problem == "conflict" else "the label"
            shared = f"the same content ({repeated.kind})"
            shared = "intervals that overlap" if repeated.kind == "overlap" else shared
            yield Finding(
                severity="error",
                row=repeated.ids.replace(";", ", "),
                column="label",
                problem=f"{in_words(repeated.n)} with {shared} and "
                f"{label} {repeated.labels.replace(';', ', ')}{rest}",
                remedy=f"Correct the data, or set `data: {policy}` to drop or keep",
            )


def unusable_groups(kept: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """An error for a group that holds every example."""
    if dataset.has_group and kept["group"].nunique() == 1:
        yield Finding(
            severity="error",
            column="group",
            problem=f"one group, {kept['group'].iloc[0]!r}, holds every example",
            remedy="Choose another column for `data: group`, or set it to null: a group is never "
            "split, so nothing could be held out",
        )


def repeats_found(repeats: Repeats, policies: Mapping[str, str]) -> Iterator[Finding]:
    """What was repeated and what became of it."""
    if repeats.n_duplicates:
        dropped = policies["duplicates"] == "drop"
        strands = int((repeats.sets["kind"] == "reverse complement").sum())
        yield Finding(
            severity="note" if dropped else "warning",
            column="canonical_hash",
            problem=f"{in_words(repeats.n_duplicates)} with the content and label of another "
            f"({strands} contents repeated as reverse complements)",
            remedy="They were dropped" if dropped else "They were kept and count more than once",
        )
    if repeats.n_conflicts:
        dropped = policies["conflicts"] == "drop"
        yield Finding(
            severity="warning",
            column="label",
            problem=f"{in_words(repeats.n_conflicts)} with a content that carries several labels",
            remedy="They were dropped; find out which labels are right"
            if dropped
            else "They were kept and no model can get all of them right",
        )
    yield from _neighbours_found(repeats, policies)
    if repeats.n_across:
        yield Finding(
            severity="warning",
            column="partition",
            problem=f"{repeats.n_across} contents stand in more than one of the given partitions",
            remedy="See duplicates.tsv for what was kept; scores on the partitions as given may be "
            "too high",
        )


def _neighbours_found(repeats: Repeats, policies: Mapping[str, str]) -> Iterator[Finding]:
    """Intervals that overlap, with different labels."""
    if repeats.n_neighbours:
        dropped = policies["conflicts"] == "drop"
        yield Finding(
            severity="warning",
            column="label",
            problem=f"{in_words(repeats.n_neighbours)} overlap an example with another label by "
            f"{SAME_LOCUS:.0%} or more of the shorter interval",
            remedy="They were dropped; find out which label each locus has"
            if dropped
            else "They were kept and no model can get all of them right",
        )
    if repeats.n_touching:
        yield Finding(
            severity="warning",
            column="label",
            problem=f"{in_words(repeats.n_touching)} overlap an example with another label by "
            f"less than {SAME_LOCUS:.0%} of the shorter interval",
            remedy="They were kept; see to it that the label is about the middle of an interval",
        )


def neighbour_cautions(repeats: Repeats, policies: Mapping[str, str]) -> list[Caution]:
    """What weighs on the verdict: neighbours that contradict each other, kept or many of them."""
    dropped, n = policies["conflicts"] == "drop", len(repeats.keep)
    if not repeats.n_neighbours or (dropped and repeats.n_neighbours < MANY_NEIGHBOURS * n):
        return []
    became = "were dropped" if dropped else "were kept, so no model can get all of them right"
    return [
        Caution(
            "Neighbours contradict each other",
            f"{repeats.n_neighbours:,} of {n:,} examples overlap an example with another label by "
            f"{SAME_LOCUS:.0%} or more; they {became}. Find out which label each locus has: with "
            "windows this near to each other, the question may not have one answer.",
            tip=4,
        )
    ]


def more_features(kept: pd.DataFrame, dataset: Dataset) -> Iterator[Finding]:
    """A warning for rows of more features than there are examples."""
    if dataset.modality == "tabular" and dataset.n_features > len(kept):
        yield Finding(
            severity="warning",
            column="",
            problem=f"there are more features ({dataset.n_features}) than examples ({len(kept)})",
            remedy="Expect overfitting and prefer a regularised simple model",
        )


def missing_found(missing: MissingValues, n_examples: int) -> Iterator[Finding]:
    """Missing values of a matrix."""
    if missing.values:
        share = missing.values / (n_examples * missing.n_features)
        yield Finding(
            severity="warning",
            column="",
            problem=f"{missing.values} values ({share:.2%}) are missing, in "
            f"{missing.features} of {missing.n_features} features",
            remedy="Each model imputes the median of train",
        )
    if missing.empty_features:
        yield Finding(
            severity="warning",
            column="",
            problem=f"{missing.empty_features} features have no value at all",
            remedy="Leave them out of the matrix",
        )


def in_words(count: int) -> str:
    """A number of examples in words."""
    return "1 example" if count == 1 else f"{count} examples"


def sizes_of(values: pd.Series | None, name: str) -> pd.DataFrame:
    """Number of examples of each value, largest first; no rows without values."""
    if values is None:
        return pd.DataFrame(columns=[name, "n"])
    return values.value_counts().rename_axis(name).reset_index(name="n")
