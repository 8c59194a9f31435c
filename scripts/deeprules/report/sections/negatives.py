"""Negatives that were drawn for the positives: how many, and how alike the two are."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from deeprules.ingest.match_table import DISTANCE_LIMIT, MEAN_LIMIT
from deeprules.report.figures import SEED_COLOURS, Figure, empty_figure
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import Table, table
from deeprules.wording import format_cell, format_count, format_number

FILE = "results/dataset/negatives.tsv"
FROM = {
    "genome": "windows of the genome of the positives",
    "other_peaks": "other peaks, which overlap no positive",
    "dinucleotide_shuffle": "shuffles of the positives with the same dinucleotides",
}
PROPERTIES = {"gc": "GC content", "repeats": "Share of soft-masked bases"}
PARTS = {
    "positives": "positives",
    "before": "negatives before matching",
    "after": "negatives after matching",
}


def section(results: Results) -> Section | None:
    """How the negatives were drawn, and what they and the positives are made of."""
    drawn = results.dataset.get("negatives")
    if not drawn:
        return None
    rows = results.negatives
    return Section(
        "Negatives",
        f"The data hold positives alone. The negatives are {FROM[drawn['from']]}. Whether more "
        "than composition sets the classes apart is for the baseline `composition` to say.",
        findings=_findings(drawn),
        tables={"match": _match_table(drawn)},
        figures={
            "negatives": Figure(
                "Positives and negatives before and after matching",
                FILE,
                "Share of sequences in each bin. Before matching stand as many windows from the "
                "same place, drawn at random.",
                {
                    title: partial(_distributions, rows[rows["property"] == name], title)
                    for name, title in PROPERTIES.items()
                },
                "Property",
                finding=_seen(drawn),
            )
        },
        said={"facts": _facts(drawn).items()},
    )


def _seen(drawn: dict) -> str:
    """Distances of the distributions before and after matching."""
    matched = {
        name: one
        for name, one in drawn["properties"].items()
        if all("distance" in one.get(part, {}) for part in ("before", "after"))
    }
    each = [
        f"{PROPERTIES[name]}: distance to the positives {format_number(one['before']['distance'])} "
        f"before matching, {format_number(one['after']['distance'])} after."
        for name, one in matched.items()
    ]
    return " ".join(each)


def _facts(drawn: dict) -> dict[str, str]:
    """How many were drawn, and by which settings."""
    facts = {
        "Positives": format_count(drawn["positives"]),
        "Negatives asked for": format_count(drawn["wanted"]),
        "Drawn": format_count(drawn["drawn"]),
        "Without a match": format_count(drawn["wanted"] - drawn["drawn"]),
        "Seed": str(drawn["seed"]),
    }
    if drawn["from"] != "dinucleotide_shuffle":
        facts["Matched"] = format_cell(drawn["match"])
        facts["Least distance to a positive"] = f"{drawn['distance']:,} bases"
    return facts


def _match_table(drawn: dict) -> Table:
    """Means and distances, a row a property."""
    rows = []
    for name, parts in drawn["properties"].items():
        row = {"property": PROPERTIES[name], "matched": name in drawn["match"]}
        for part, title in PARTS.items():
            if part in parts:
                row[f"mean of {title}"] = parts[part]["mean"]
                if "distance" in parts[part]:
                    row[f"distance {part}"] = parts[part]["distance"]
        rows.append(row)
    scores = [name for name in rows[0] if name.startswith(("mean", "distance"))]
    return table(
        "What positives and negatives are made of",
        "results/dataset/dataset.json",
        rows,
        scores=scores,
        note="Distance: of Kolmogorov and Smirnov, the largest difference between the two "
        "cumulative distributions.",
    )


def _findings(drawn: dict) -> list[Check]:
    """Whether all were found, and whether they are alike."""
    checks = []
    lacking = drawn["wanted"] - drawn["drawn"]
    if lacking:
        text = f"{lacking:,} of {drawn['wanted']:,} negatives had no match and are not there."
        checks.append(Check(4, "warn", text))
    for name, parts in drawn["properties"].items():
        if name not in drawn["match"] or "after" not in parts:
            continue
        shift = abs(parts["after"]["mean"] - parts["positives"]["mean"])
        distance = parts["after"]["distance"]
        is_alike = shift <= MEAN_LIMIT and distance <= DISTANCE_LIMIT
        how = "are alike" if is_alike else "still differ"
        checks.append(
            Check(
                4,
                "pass" if is_alike else "warn",
                f"Positives and drawn negatives {how} in {PROPERTIES[name]}: means "
                f"{shift:.4f} apart, distance {distance:.4f}.",
            )
        )
    return checks


def _distributions(rows: pd.DataFrame, title: str) -> go.Figure:
    """Shares in each bin of positives, and of negatives before and after matching."""
    figure = empty_figure(title, "Share of sequences")
    middle = (rows["low"] + rows["high"]) / 2
    for (part, name), colour in zip(PARTS.items(), SEED_COLOURS, strict=False):
        if rows[part].notna().all():
            line = {"color": colour, "shape": "hvh", "dash": "dot" if part == "before" else "solid"}
            figure.add_scatter(x=middle, y=rows[part], name=name, mode="lines", line=line)
    return figure
