"""Time and energy of the run."""

from deeprules.report.results import Results
from deeprules.report.section import Section
from deeprules.report.tables import table


def section(results: Results) -> Section:
    """What search, final fits and controls took, and how often each control was repeated."""
    watts = results.config["compute"]
    return Section(
        "Time and energy",
        _ratio(results.verdict["control_ratio"]),
        tables={
            "costs": table(
                "Time and energy of all jobs, one after the other",
                "results/conclusion/costs.tsv",
                results.costs.fillna({"model": "all"}),
                "part model jobs hours core_hours watt_hours",
                {"watt_hours": "Wh, estimated"},
                note=f"Energy is an estimate: {watts['core_watts']} W for a busy core, "
                f"{watts['gpu_watts']} W for a GPU, .37 W for a GB of memory, without cooling. "
                "Attempts that failed or were interrupted count, unless they were killed outright.",
            ),
            "repeats": table(
                "Repeats of the controls",
                "results/controls/plan.json",
                [one for one in results.plan["controls"] if one["repeated"]],
                "model repeated configured repeats seconds",
                {
                    "repeated": "control",
                    "configured": "asked for",
                    "repeats": "made",
                    "seconds": "seconds of one, expected",
                },
                note="Seconds of a repeat are estimated by the trial that was chosen; they are for "
                "the plan alone.",
            ),
        },
    )


def _ratio(ratio: float | None) -> str:
    """What the controls took beside search and final fits."""
    if ratio is None:
        return "The jobs were too short for their time to be measured."
    return (
        f"All checks and controls together took {ratio:.2g} times the core time of search and "
        "final fits."
    )
