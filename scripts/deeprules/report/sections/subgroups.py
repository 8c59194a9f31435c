"""Whether the models do equally well for the people, or sites, that examples are of."""

from deeprules.evaluate.subgroup_summary import gaps
from deeprules.report.results import Results
from deeprules.report.section import Check, Missing, Section
from deeprules.report.tables import stacked, table
from deeprules.wording import listed

FILE = "results/evaluation/subgroups.tsv"
TITLES = {"column": "by", "n_units": "units", "rest": "outside it", "value": "in it"}
TITLES |= {"too_small": "too small to judge"}
SHORT = "model column subgroup measure n value rest adjusted"
ALL = "model column subgroup measure n n_units value rest difference p_value adjusted too_small"
WITHOUT = (Missing(10, "scores by subgroup, as no column is declared as one"),)


def section(results: Results) -> Section | None:
    """Gaps between subgroups on test, and subgroups that are too small; None without any."""
    if "subgroups" not in results:
        return None
    rows, summary = results.subgroups, results.subgroup_summary
    chosen = {results.chosen.get(kind) for kind in ("network", "baseline")}
    told = [one for one in summary["models"] if one["model"] in chosen]
    return Section(
        "Subgroups",
        f"All networks and baselines on test, by {listed(summary['columns'])}: the mean prediction "
        "of their fits.",
        findings=_findings(told),
        tables={
            "gaps": _set("Differences beyond chance", gaps(rows), SHORT),
            "subgroups": _set("Scores by subgroup", rows, ALL),
        },
        said={"sentences": [sentence for one in told for sentence in one["sentences"]]},
    )


def _findings(told: list[dict]) -> list[Check]:
    """The chosen models against tip 10."""
    found = []
    for one in told:
        name = f"`{one['model']}`"
        if one["n_gaps"]:
            said = (
                f"{name} differs between subgroups in {one['n_gaps']} of {one['n_tested']} tests."
            )
            found.append(Check(10, "warn", f"{said} {one['sentences'][0]}"))
        elif one["too_small"] or not one["n_tested"]:
            said = f"{one['too_small']} subgroups are too small to judge {name}"
            found.append(Check(10, "warn", f"{said}; no difference is shown in the others."))
        else:
            said = f"No difference of {name} between subgroups is beyond chance"
            found.append(Check(10, "pass", f"{said} ({one['n_tested']} tests)."))
    return found


def _set(caption: str, rows, columns: str):
    """Rows of `subgroups.tsv`, the value above its interval."""
    values = [
        "" if row.value != row.value else stacked(row.value, row.lower, row.upper)
        for row in rows.itertuples()
    ]
    shown = rows.assign(value=values, measure=rows["measure"].fillna(""))
    shown["too_small"] = rows["too_small"].astype(object).fillna("")
    return table(caption, FILE, shown, columns, TITLES, scores=("rest", "difference"))
