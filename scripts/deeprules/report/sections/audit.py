"""What was found in the data before anything was split or learnt."""

import pandas as pd

from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import table
from deeprules.wording import format_cell, format_count, format_p

MIN_IN_A_CLASS = 100
"""Examples a class below which a deep network is seldom worth trying (Cho et al. 2015)."""


def section(results: Results) -> Section:
    """Repeats, conflicts, classes, batches and problems."""
    audit, folder = results.audit, "results/audit"
    found = {
        "classes": ("Examples by class", results.classes),
        "batches": ("Examples by batch and class", results.batches),
        "problems": ("Findings of the audit", results.problems),
        "left_out": ("Left out: examples that were read and do not go on", results.left_out),
        "duplicates": ("Contents that occur more than once", results.duplicates),
    }
    if "labels" in results:
        caption = "Examples with, without and of unknown label"
        found["labels"] = (caption, _labels(results))
        caption = "Examples by labels, the most frequent combinations; ? where one is not known"
        found["classes"] = (caption, results.classes)
        found["batches"] = ("Examples by batch", results.batches)
    return Section(
        "Audit",
        findings=[*_small_classes(results), *_warned(audit["warnings"])],
        tables={
            name: table(caption, f"{folder}/{name}.tsv", rows)
            for name, (caption, rows) in found.items()
        },
        said={"facts": _facts(audit).items()},
    )


def _labels(results: Results) -> pd.DataFrame:
    """The table of several labels, of which those of all batches are said to be so."""
    rows = results.labels
    return rows.assign(batch=rows["batch"].replace("", None).fillna("all")).rename(
        columns={"name": "label"}
    )


def _facts(audit: dict) -> dict[str, str]:
    names = {
        "Left out when the data were read": "n_left_out",
        "Examples": "n_examples",
        "Kept": "n_kept",
        "Repeats of another example": "n_duplicates",
        "Same content, different labels": "n_conflicts",
        "Overlapping intervals, different labels": "n_contradictory_neighbours",
        "Effective sample size": "effective_sample_size",
        "Groups": "n_groups",
        "Missing values": "missing_values",
    }
    facts = {title: format_cell(audit[name]) for title, name in names.items()}
    if audit["batch_label"]:
        facts["Batch and label"] = _association(audit["batch_label"])
    return facts


def _association(facts: dict) -> str:
    """The association of batch and label in words."""
    measure = "Cramer's V" if "cramers_v" in facts else "eta squared"
    value = facts.get("cramers_v", facts.get("eta_squared"))
    return f"{measure} {format_count(value)} (p = {format_p(facts['p_value'])})"


def _small_classes(results: Results) -> list[Check]:
    """Classes that are small for a network."""
    small = results.classes[results.classes["n"] < MIN_IN_A_CLASS]
    if not results.dataset["classes"] or small.empty:
        return []
    named = ", ".join(f"{row.label} ({row.n})" for row in small.itertuples())
    text = f"Classes with fewer than {MIN_IN_A_CLASS} examples: {named}."
    return [Check(1, "warn", text)]


def _warned(warnings: list[str]) -> list[Check]:
    n = len(warnings)
    return [Check(4, "warn", f"The audit gave {n} warning{'s' * (n != 1)}.")] if n else []
