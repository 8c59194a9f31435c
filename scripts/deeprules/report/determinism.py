"""What the report says of the same fit made twice."""

from deeprules.report.findings import Check, Missing
from deeprules.report.results import Results


def determinism_findings(results: Results) -> list:
    """Whether the chosen model, fitted twice, was the same to the last bit."""
    if results.determinism is None:
        return [Missing("the same model trained twice and compared bit by bit", essential=True)]
    found = results.determinism
    return [Check("pass" if found["is_identical"] else "warn", found["sentence"])]


def determinism_sentences(results: Results) -> list[str]:
    """What was found, and what it was found on; empty if no fit was repeated."""
    found = results.determinism
    if found is None:
        return []
    asked = {True: ", asked for deterministic operations", False: "", None: ""}
    made_with = f"Both ran with {found['backend']} on {_device(found['device'])}"
    return [
        found["sentence"],
        f"{made_with}{asked[found['deterministic_operations']]}. Other hardware, other versions of "
        "the packages or another number of threads may give other numbers.",
    ]


def _device(name):
    return "the CPU" if name == "CPU" else f"a GPU ({name})"
