"""Audit of a data set before anything is split or learnt from it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from deeprules.audit import audit_checks as checks
from deeprules.audit import category_names as names
from deeprules.audit import one_label, several_labels
from deeprules.audit.duplicates import Repeats, find_repeats
from deeprules.audit.left_out_table import left_out_table
from deeprules.audit.replicates import (
    Replicates,
    find_replicates,
    replicate_cautions,
    replicates_found,
)
from deeprules.cautions import Caution, as_records
from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.ingest.missing_values import MissingValues
from deeprules.statistics.association import Association

COLUMNS = (
    *("id", "label", "group", "batch", "source", "partition"),
    *("chromosome", "start", "end", "strand"),
    *("content_hash", "canonical_hash"),
)
"""Columns of the table of examples that an audit looks at, as far as they exist."""

MAX_GROUPS = 1000
"""Rows of the table of groups."""


@dataclass(frozen=True)
class Audit:
    """What an audit found; the tables and the summary are those of results/audit."""

    problems: pd.DataFrame
    duplicates: pd.DataFrame
    keep: pd.DataFrame
    classes: pd.DataFrame
    groups: pd.DataFrame
    batches: pd.DataFrame
    proposed_groups: pd.DataFrame
    left_out: pd.DataFrame
    labels: pd.DataFrame
    summary: dict


def audit(
    examples: pd.DataFrame,
    dataset: Dataset,
    missing: MissingValues,
    policies: Mapping[str, str],
    file: str | os.PathLike,
    features: np.ndarray | None = None,
    strategy: str = "stratified",
    left_out: Sequence[Mapping] = (),
) -> Audit:
    """Check a data set and say which of its examples to keep.

    Parameters
    ----------
    examples : the table of examples, with `COLUMNS`
    dataset : facts of the data set
    missing : result of `count_missing`
    policies : `duplicates` and `conflicts`, each `error`, `drop` or `keep`
    file : the table's file, for the messages
    features : of all examples (N, P), to look for near copies in a matrix; None to look for none
    strategy : of the split that follows
    left_out : what is not among the examples, as `dataset.json` says it

    Raises
    ------
    InputError
        One error for all faults that stop a run: missing labels, groups or batches; repeated
        contents where the policy refuses them; classes, values or groups that cannot be
        shared out between three partitions.
    """
    repeats = find_repeats(
        _by_strand(examples, dataset),
        policies["duplicates"],
        policies["conflicts"],
        dataset.is_classification,
    )
    is_kept = repeats.keep["keep"].to_numpy()
    kept = examples if is_kept.all() else examples[is_kept]
    one_or_several = several_labels if dataset.has_several_labels else one_label
    faults = [
        *checks.incomplete_columns(examples),
        *checks.refused_repeats(repeats, policies),
        *one_or_several.unusable_labels(kept, dataset),
        *checks.unusable_groups(kept, dataset),
    ]
    if faults:
        raise InputError.from_problems(fault.located(str(file)) for fault in faults)
    labels = several_labels.label_table(kept, dataset)
    association = one_or_several.association(kept, dataset)
    replicates = find_replicates(kept, features, dataset, strategy)
    alike = names.alike_names(examples, dataset.covariates)
    findings = [
        *names.alike_found(alike),
        *names.unknown_found(examples),
        *replicates_found(replicates),
        *checks.repeats_found(repeats, policies),
        *one_or_several.findings(kept, dataset, labels, association),
        *checks.missing_found(missing, len(examples)),
    ]
    columns = ["severity", "file", "row", "column", "problem", "remedy"]
    problems = [{"severity": f.severity, **asdict(f.located(str(file)))} for f in findings]
    return Audit(
        problems=pd.DataFrame(problems, columns=columns),
        duplicates=repeats.sets,
        keep=repeats.keep,
        classes=checks.sizes_of(kept["label"] if dataset.is_classification else None, "label").head(
            one_or_several.MAX_CLASSES
        ),
        groups=checks.sizes_of(kept.get("group"), "group").head(MAX_GROUPS),
        batches=one_or_several.batch_table(kept, dataset),
        proposed_groups=replicates.groups,
        left_out=left_out_table(left_out, examples, repeats.keep),
        labels=labels,
        summary={"n_left_out": sum(one["n"] for one in left_out)}
        | _summary(
            kept,
            repeats,
            replicates,
            association,
            missing,
            findings,
            [
                *replicate_cautions(replicates),
                *names.alike_cautions(alike),
                *checks.neighbour_cautions(repeats, policies),
                *several_labels.cautions(labels, dataset),
            ],
        ),
    )


def effective_sample_size(groups: pd.Series | None, n_examples: int) -> float:
    """Number of independent examples, if those of one group are fully alike.

    (sum n)^2 / sum n^2 over the group sizes n (Kish 1965, Survey Sampling, section 11.7);
    the number of examples where there are no groups.
    """
    if groups is None:
        return float(n_examples)
    sizes = groups.value_counts().to_numpy(dtype=np.float64)
    return float(sizes.sum() ** 2 / np.square(sizes).sum())


def _summary(
    kept: pd.DataFrame,
    repeats: Repeats,
    replicates: Replicates,
    association: Association | None,
    missing: MissingValues,
    findings: list[checks.Finding],
    cautions: list[Caution],
) -> dict:
    """The numbers of an audit, its warnings and its cautions."""
    warnings = [finding.sentence for finding in findings if finding.severity == "warning"]
    groups = kept.get("group")
    repeated = replicates.groups["group"] if replicates.are_shown else groups
    return {
        "status": "warn" if warnings else "pass",
        "n_examples": len(repeats.keep),
        "n_kept": len(kept),
        "n_duplicates": repeats.n_duplicates,
        "n_conflicts": repeats.n_conflicts,
        "n_contradictory_neighbours": repeats.n_neighbours,
        "effective_sample_size": effective_sample_size(repeated, len(kept)),
        "replicates": replicates.facts,
        "n_groups": None if groups is None else groups.nunique(),
        "batch_label": association.facts if association else None,
        "missing_values": missing.values,
        "warnings": warnings,
        "cautions": as_records(cautions),
    }


def _by_strand(examples: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Examples whose chromosome is that of their strand, where the strand counts."""
    if dataset.both_strands or not {"chromosome", "strand"} <= set(examples):
        return examples
    strand = examples["strand"].fillna("")
    return examples.assign(chromosome=examples["chromosome"] + " " + strand)
