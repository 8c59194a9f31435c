"""Examples with the same content: found by hash, kept or dropped by a stated policy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

PREFERENCE = ("test", "tune", "train")
"""Where one copy is kept, the partition that keeps it: test never loses an example to train."""

SHOWN = 10
"""Ids listed for a repeated content."""


@dataclass(frozen=True)
class Repeats:
    """Repeated contents and what becomes of them.

    Attributes
    ----------
    sets : one row a repeated content: `canonical_hash` (hexadecimal), `problem` (`duplicate` or
        `conflict`), `kind` (`exact`, or `reverse complement` where copies differ in strand), `n`,
        `labels`, the first ten `ids`, `partitions` (where they are given) and `action`
    keep : one row an example: `id`, `keep`, `reason` (`duplicate`, `conflict` or empty)
    n_duplicates : examples that repeat another one with the same label
    n_conflicts : examples whose content carries several labels
    n_across : contents in more than one of the given partitions
    """

    sets: pd.DataFrame
    keep: pd.DataFrame
    n_duplicates: int
    n_conflicts: int
    n_across: int


def find_repeats(examples: pd.DataFrame, duplicates: str, conflicts: str) -> Repeats:
    """Find repeated contents and apply the two policies.

    Parameters
    ----------
    examples : id, label, content_hash, canonical_hash and, where given, partition
    duplicates : policy for one content with one label: `drop` keeps the first, or the one in test
        before tune before train; `keep` and `error` keep all
    conflicts : policy for one content with several labels: `drop` removes all of them; `keep` and
        `error` keep all

    A content is a row of features; a sequence and its reverse complement are one content. For
    regression equal contents conflict only if their values differ.
    """
    repeated = examples[examples["canonical_hash"].duplicated(keep=False)]
    conflicting = repeated.groupby("canonical_hash")["label"].transform("nunique") > 1
    plain = repeated[~conflicting]
    if "partition" in plain:
        plain = plain.iloc[plain["partition"].map(PREFERENCE.index).argsort(kind="stable")]
    extra = plain.index[plain.duplicated("canonical_hash")]

    reason = pd.Series("", index=examples.index, dtype=object)
    if conflicts == "drop":
        reason[repeated.index[conflicting]] = "conflict"
    if duplicates == "drop":
        reason[extra] = "duplicate"
    sets = _describe(repeated, {"duplicate": duplicates, "conflict": conflicts})
    return Repeats(
        sets=sets,
        keep=pd.DataFrame({"id": examples["id"], "keep": reason == "", "reason": reason}),
        n_duplicates=len(extra),
        n_conflicts=int(conflicting.sum()),
        n_across=int(sets["partitions"].str.contains(";").sum()) if "partitions" in sets else 0,
    )


def _describe(repeated: pd.DataFrame, policies: dict[str, str]) -> pd.DataFrame:
    """The table of repeated contents, in order of first appearance."""
    by_content = repeated.groupby("canonical_hash", sort=False)
    problem = np.where(by_content["label"].nunique() > 1, "conflict", "duplicate")
    one_strand = by_content["content_hash"].nunique() == 1
    dropped = {"duplicate": "kept one", "conflict": "dropped all"}
    columns = {
        "canonical_hash": [f"{content:016x}" for content in one_strand.index],
        "problem": problem,
        "kind": np.where(one_strand, "exact", "reverse complement"),
        "n": by_content.size().to_numpy(),
        "labels": _joined(repeated, "label"),
        "ids": _joined(by_content.head(SHOWN), "id"),
    }
    if "partition" in repeated:
        columns["partitions"] = _joined(repeated, "partition")
    columns["action"] = [dropped[p] if policies[p] == "drop" else "kept all" for p in problem]
    return pd.DataFrame(columns)


def _joined(rows: pd.DataFrame, column: str) -> np.ndarray:
    """The different values of a column for each content, joined by semicolons."""
    values = rows[["canonical_hash", column]].drop_duplicates().astype({column: str})
    return values.groupby("canonical_hash", sort=False)[column].agg(";".join).to_numpy()
