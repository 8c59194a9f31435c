"""What the report says of time and energy."""

from deeprules.controls.plan import REPEATED
from deeprules.report.results import Results
from deeprules.report.style import shown
from deeprules.report.tables import Table, number, table


def cost_table(results: Results) -> Table:
    """Time and energy of each part of the run, and of each model."""
    columns = {
        "part": "part",
        "model": "model",
        "jobs": "jobs",
        "hours": "hours",
        "core_hours": "core hours",
        "watt_hours": "Wh, estimated",
    }
    numbers = dict.fromkeys(["hours", "core_hours", "watt_hours"], number)
    costs = results.costs.fillna({"model": "all"})
    return table(costs, columns, model=shown, **numbers)


def repeat_table(results: Results) -> Table:
    """How often each control was to be repeated, and how often it was."""
    columns = {
        "model": "model",
        "control": "control",
        "configured": "asked for",
        "repeats": "made",
        "seconds": "seconds of one, expected",
    }
    return table(results.plan["controls"], columns, model=shown, control=REPEATED.get)


def cost_sentence(results: Results) -> str:
    """What the controls took beside search and final fits."""
    ratio = results.verdict["control_ratio"]
    if ratio is None:
        return "The jobs were too short for their time to be measured."
    return (
        f"All checks and controls together took {ratio:.2g} times the core time of search and "
        "final fits."
    )
