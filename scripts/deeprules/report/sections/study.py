"""The study as it was declared."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.wording import format_cell


def section(results: Results) -> Section:
    """Question, endpoint, design and plan, and whether they stood when test was opened."""
    study = results.study["study"]
    facts = {"Question": study["question"], "Endpoint": study["endpoint"]}
    if results.dataset["task"] == "binary":
        facts["Positive class"] = format_cell(study["positive_class"])
    facts |= {
        "Design": study["design"],
        "Unit of observation": study["unit"],
        "Replicates": study["replicates"],
        "Analysis plan": study["plan"],
        "SHA-256 of the study": results.study["sha256"],
    }
    declared = "Question, design and plan are declared; every file has a checksum."
    return Section(
        "Study",
        "As declared in `study.yaml`.",
        findings=[
            Check(4, "pass", declared),
        ],
        said={"facts": facts.items()},
    )
