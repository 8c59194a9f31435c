"""What the report says of users' tools among the baselines."""

from deeprules.report.findings import Check
from deeprules.report.results import Results
from deeprules.report.style import shown
from deeprules.report.tables import EMPTY, Table, table

COLUMNS = {
    "model": "model",
    "command": "scoring command",
    "train_command": "training command",
    "version": "version",
    "environment": "environment",
    "files": "files and their SHA-256",
}


def tool_facts(results: Results) -> dict[str, dict]:
    """What is known of the tool of each model that runs one, by model."""
    found = {}
    for model, fit in results.fit_settings.items():
        settings = fit["settings"]
        if "tool__command" in settings:
            found[model] = {key: settings[f"tool__{key}"] for key in COLUMNS if key != "model"}
    return found


def tool_table(results: Results) -> Table:
    """The commands of each tool, and what identifies it."""
    missing = {"version": "not asked for", "environment": "none: as on PATH"}
    missing |= {"train_command": "none: it is not trained", "files": EMPTY}
    rows = [
        {"model": model} | {key: facts[key] or missing.get(key) for key in facts}
        for model, facts in tool_facts(results).items()
    ]
    return table(rows, COLUMNS, model=shown)


def tool_findings(results: Results) -> list[Check]:
    """That established tools were entered, where they were: part of tip 2."""
    named = [
        f"`{model}`" + (f" ({facts['version']})" if facts["version"] else "")
        for model, facts in tool_facts(results).items()
    ]
    if not named:
        return []
    text = (
        f"Tools of your own stand among the baselines, tuned and tested alike: {', '.join(named)}."
    )
    return [Check("pass", text)]
