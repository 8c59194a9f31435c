"""How the data were split, and what of held-out partitions resembles train."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import Table, table

MANY = 12
"""Classes or labels above which their counts are not shown beside each other."""


def section(results: Results) -> Section:
    """Strategy, sizes of the partitions, and similar sequences across them."""
    split = results.split
    meant = "meant to be " if results.reopened else ""
    said = _homologs_in_words(results)
    warnings = [Check(7, "warn", " ".join(split["warnings"]))] if split["warnings"] else []
    return Section(
        "Split",
        f"Strategy {split['strategy']}, seed {split['seed']}. Models learn from train, choices are "
        f"made on tune, and test is {meant}opened once, at the end.",
        findings=[*warnings, *_homologs(results, said)],
        tables={"split": _size_table(split), **_homolog_table(results, said)},
        said={"warnings": results.homology["warnings"] if said else []},
    )


def _size_table(split: dict) -> Table:
    """Size, groups and labels of each partition."""
    rows = []
    total = sum(part["n"] for part in split["sizes"].values())
    for name, part in split["sizes"].items():
        row = {"partition": name, "examples": part["n"], "share": part["n"] / total}
        if part["groups"] is not None:
            row["groups"] = part["groups"]
        rows.append(row | (dict(part["labels"]) if len(part["labels"]) <= MANY else {}))
    return table("Partitions", "results/split/split.json", rows, share="{:.0%}".format)


def _homolog_table(results: Results, said: list[str]) -> dict[str, Table]:
    if not said:
        return {}
    homologs = table(
        "Examples of held-out partitions with similar sequences in train",
        "results/homology/partitions.tsv",
        results.homologs,
        "partition n with_homologs share",
        {"with_homologs": "similar to train"},
        note=said[-1],
        share="{:.0%}".format,
    )
    return {"homologs": homologs}


def _homologs_in_words(results: Results) -> list[str]:
    """How many held-out examples have similar sequences in train, a sentence a partition."""
    if "homologs" not in results:
        return []
    facts = results.homology
    return [
        f"{row.with_homologs:,} of the {row.n:,} examples in {row.partition} ({row.share:.0%}) are "
        f"in a cluster of similar sequences that also holds examples of train (at least "
        f"{facts['identity']:.0%} identity over {facts['coverage']:.0%} of both sequences)."
        for row in results.homologs.itertuples()
    ]


def _homologs(results: Results, said: list[str]) -> list[Check]:
    """Whether test holds sequences that are similar to those of train."""
    if not said:
        return []
    held = results.homologs[results.homologs["partition"] == "test"]
    if held.empty:
        text = "A few test examples, too few to be shown, are in a cluster with examples of train."
        return [Check(7, "warn", text)]
    if held["with_homologs"].iloc[0]:
        return [Check(7, "warn", said[-1])]
    text = "No test example is in a cluster of similar sequences with train."
    return [Check(7, "pass", text)]
