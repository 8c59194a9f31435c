"""Examples with the same content or locus: found, and kept or dropped by a stated policy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.audit.neighbours import find_neighbours
from deeprules.split.intervals import LOCATION, overlap_clusters, placed

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
        `labels`, the first ten `ids`, `partitions` (where they are given) and `action`; and one a
        chain of neighbours that contradict each other, of the kind `overlap` and without a hash
    keep : one row an example: `id`, `keep`, `reason` (`duplicate`, `conflict` or empty)
    n_duplicates : examples that repeat another one with the same label
    n_conflicts : examples whose content carries several labels
    n_neighbours : other examples whose interval overlaps one with another label by half
    n_touching : those that overlap one with another label by less
    n_across : contents in more than one of the given partitions
    """

    sets: pd.DataFrame
    keep: pd.DataFrame
    n_duplicates: int
    n_conflicts: int
    n_neighbours: int
    n_touching: int
    n_across: int


def find_repeats(
    examples: pd.DataFrame, duplicates: str, conflicts: str, is_classification: bool = True
) -> Repeats:
    """Find repeated contents and contradictory neighbours, and apply the two policies.

    Parameters
    ----------
    examples : id, label, content_hash, canonical_hash and, where given, partition, chromosome,
        start and end
    duplicates : policy for one content with one label: `drop` keeps the first, or the one in test
        before tune before train; `keep` and `error` keep all
    conflicts : policy for one content, or one locus, with several labels: `drop` removes all of
        them; `keep` and `error` keep all
    is_classification : whether labels are classes

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
    content_conflicts = repeated.index[conflicting]
    columns = [name for name in ("label", *LOCATION) if name in examples]
    neighbours = find_neighbours(examples[columns].drop(content_conflicts), is_classification)
    if duplicates == "drop":
        reason[extra] = "duplicate"
    if conflicts == "drop":
        reason[content_conflicts] = "conflict"
        reason[neighbours.rows] = "conflict"
    sets = _describe(repeated, {"duplicate": duplicates, "conflict": conflicts})
    if len(neighbours.rows):
        chains = _describe_chains(examples.loc[neighbours.rows], conflicts)
        sets = pd.concat([sets, chains], ignore_index=True)
    return Repeats(
        sets=sets,
        keep=pd.DataFrame({"id": examples["id"], "keep": reason == "", "reason": reason}),
        n_duplicates=len(extra),
        n_conflicts=int(conflicting.sum()),
        n_neighbours=len(neighbours.rows),
        n_touching=neighbours.n_touching,
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
        **_members(repeated, "canonical_hash"),
    }
    columns["action"] = [dropped[p] if policies[p] == "drop" else "kept all" for p in problem]
    return pd.DataFrame(columns)


def _describe_chains(rows: pd.DataFrame, policy: str) -> pd.DataFrame:
    """The table of neighbours that contradict each other, one row a chain of overlaps."""
    rows = rows.reset_index(drop=True)
    rows = rows.assign(chain=overlap_clusters(placed(rows)))
    columns = {"canonical_hash": "", "problem": "conflict", "kind": "overlap"}
    columns |= _members(rows.sort_values("chain", kind="stable"), "chain")
    return pd.DataFrame({**columns, "action": "dropped all" if policy == "drop" else "kept all"})


def _members(rows: pd.DataFrame, key: str) -> dict[str, np.ndarray]:
    """Number, labels, ids and partitions of the rows of each value of `key`."""
    members = {
        "n": rows.groupby(key, sort=False).size().to_numpy(),
        "labels": _joined(rows, key, "label"),
        "ids": _joined(rows.groupby(key, sort=False).head(SHOWN), key, "id"),
    }
    return members | (
        {"partitions": _joined(rows, key, "partition")} if "partition" in rows else {}
    )


def _joined(rows: pd.DataFrame, key: str, column: str) -> np.ndarray:
    """The different values of a column for each value of `key`, joined by semicolons."""
    values = rows[[key, column]].drop_duplicates().astype({column: str})
    return values.groupby(key, sort=False)[column].agg(";".join).to_numpy()
