"""Repeats of one subject that no group declares: in the ids, and in what the rows hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.audit.audit_checks import Finding
from deeprules.audit.id_stems import stems_of
from deeprules.audit.near_copies import Neighbours, find_neighbours
from deeprules.cautions import Caution
from deeprules.data import Dataset
from deeprules.split.strategies import says

AGREE = 0.5
"""Share of rows whose nearest neighbour has the same stem, from which rows and ids agree."""
GAPPED = 0.25
"""Share of rows in sets of near copies that independent rows do not reach."""
DENIED = re.compile(
    r"^\W*$|^\W*(none|no(?!\.)|nothing|not (applicable|declared|any|stated)|n\.?/?a\.?|without)\b",
    re.IGNORECASE,
)
INDEPENDENT = re.compile(r"\bindependent\b", re.IGNORECASE)
REPEATED = re.compile(
    r"replicat|repeat|duplicat|triplicat|\b(per|each|every|several|technical|\d+|two|three|four|five)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Replicates:
    """What looks like repeats of one subject.

    Attributes
    ----------
    groups : id and group (the stem of the id) of each example; no rows where ids number nothing
    same_stem, by_chance : share of rows whose nearest neighbour has the same stem, and what rows
        in any order give; None where there are no stems or no neighbours
    gapped : share of rows in sets of near copies; None where it was not looked at
    """

    groups: pd.DataFrame
    same_stem: float | None = None
    by_chance: float | None = None
    gapped: float | None = None

    @property
    def numbered(self) -> bool:
        """Whether the ids number repeats."""
        return len(self.groups) > 0

    @property
    def agree(self) -> bool:
        """Whether rows lie nearest to rows with the same stem."""
        return self.same_stem is not None and self.same_stem >= max(AGREE, 2 * self.by_chance)

    @property
    def close(self) -> bool:
        """Whether rows come in sets of near copies."""
        return self.gapped is not None and self.gapped >= GAPPED

    @property
    def are_shown(self) -> bool:
        """Whether the ids and the rows say the same."""
        return self.numbered and (self.agree or self.close)

    @property
    def facts(self) -> dict:
        """What audit.json says."""
        return {
            "stems": int(self.groups["group"].nunique()),
            "nearest_of_same_stem": self.same_stem,
            "by_chance": self.by_chance,
            "in_near_copies": self.gapped,
        }


def find_replicates(
    examples: pd.DataFrame, features: np.ndarray | None, dataset: Dataset, strategy: str
) -> Replicates:
    """Look for repeats of one subject where no group is declared.

    Parameters
    ----------
    examples : id and, as far as they exist, label, group, batch, source, chromosome and
        partition; its index says which rows of the features they are
    features : (M, P); neighbours are looked for in those of a matrix
    strategy : of the split; batches that are held out whole keep what they hold together
    """
    nothing = pd.DataFrame({"id": [], "group": []}, dtype=object)
    # A group of its own for each example keeps nothing together.
    if dataset.has_group and examples["group"].nunique() < len(examples):
        return Replicates(nothing)
    stems = stems_of(examples["id"])
    kept_by = says(strategy, "KEEPS")
    if stems is not None and _explained(stems, examples, kept_by):
        stems = None
    neighbours = None
    if dataset.modality == "tabular" and features is not None:
        neighbours = find_neighbours(features, examples.index.to_numpy())
    gapped = neighbours.gapped if neighbours else None
    if kept_by == "batch" and kept_by in examples:
        gapped = None
    if stems is None:
        return Replicates(nothing, gapped=gapped)
    groups = pd.DataFrame({"id": examples["id"].to_numpy(), "group": stems})
    return Replicates(groups, *_agreement(stems, neighbours), gapped)


def _explained(stems: np.ndarray, examples: pd.DataFrame, kept_by: str | None) -> bool:
    """Whether stems are the names of a column that is known, or a split keeps them together."""
    for column in ("label", "batch", "source", "chromosome"):
        if column in examples:
            pairs = pd.DataFrame({"stem": stems, "value": examples[column].astype(str).to_numpy()})
            values = pairs["value"].nunique()
            if len(pairs.drop_duplicates()) == values == pairs["stem"].nunique():
                return True
    if kept_by is None or kept_by not in examples:
        return False
    return bool((examples[kept_by].groupby(stems).nunique() == 1).all())


def _agreement(stems: np.ndarray, neighbours: Neighbours | None) -> tuple:
    """Share of rows whose nearest neighbour has their stem, and that of any other row."""
    if neighbours is None:
        return None, None
    same = stems[neighbours.rows] == stems[neighbours.nearest]
    sizes = pd.Series(stems).map(pd.Series(stems).value_counts()).to_numpy()[neighbours.rows]
    return float(same.mean()), float(((sizes - 1) / (len(stems) - 1)).mean())


def replicate_cautions(found: Replicates) -> list[Caution]:
    """What undeclared repeats say against the verdict."""
    return [
        Caution("Repeats without a declared group", one.sentence, 9, found.are_shown)
        for one in replicates_found(found)
    ]


def replicates_found(found: Replicates) -> Iterator[Finding]:
    """The same as a warning of the audit."""
    if not found.numbered and not found.close:
        return
    said, remedy = [], "Declare what was repeated: `data: group` names a column with the subject"
    if found.numbered:
        example = found.groups.groupby("group")["id"].agg(list)
        members = example[example.str.len() > 1].iloc[0][:2]
        said.append(
            f"the ids number repeats of {found.facts['stems']:,} stems (such as "
            f"{' and '.join(map(repr, members))})"
        )
        remedy += ". results/audit/proposed_groups.tsv holds the groups that the ids propose, for "
        remedy += "use as a sample table (`data: samples`)"
    if found.agree:
        said.append(
            f"{found.same_stem:.0%} of rows lie nearest to a row of the same stem (rows in any "
            f"order: {found.by_chance:.0%})"
        )
    if found.close:
        said.append(
            f"{found.gapped:.0%} of rows lie in small sets of near copies, which independent rows "
            "do not make"
        )
    yield Finding(
        "warning",
        "group",
        f"No group keeps rows together, but {' and '.join(said)}. If they are repeats of one "
        "subject, they stand on both sides of the split and scores are too high",
        remedy,
    )


def declared_in_words(study: Mapping, audit: Mapping, strategy: str) -> list[Caution]:
    """A caution where the study speaks of replicates that a split at random tears apart.

    `audit` has the numbers of groups (None without any) and of examples that were kept.
    """
    has_group = audit["n_groups"] is not None and audit["n_groups"] < audit["n_kept"]
    words = str(study["replicates"]).strip()
    denied = DENIED.search(words) or (INDEPENDENT.search(words) and not REPEATED.search(words))
    if has_group or denied or not says(strategy, "AT_RANDOM"):
        return []
    return [
        Caution(
            "Replicates in words alone",
            f"The study says of its replicates: {words.rstrip('.')!r}. But no group is declared, "
            "so nothing keeps them together. Name the column that does, `data: group`, or write "
            "`none`.",
            9,
        )
    ]
