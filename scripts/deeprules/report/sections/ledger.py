"""The openings of test sets."""

from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import Table, table
from deeprules.wording import EMPTY, format_moment, format_setting

KINDS = {
    "first": "This test set was opened for the first time.",
    "repeat": "The same models were tested again on the same examples; that is no new opening.",
    "reopened": "This test set was opened before, and was opened once more for a stated reason.",
}
UNTRACKED = "The ledger is not under version control: nobody can see whether an entry was removed."


def section(results: Results) -> Section:
    """Which opening this is, and every other that the ledger holds."""
    opening, warnings = results.opening, [] if results.ledger_tracked else [UNTRACKED]
    once = [] if results.reopened else [Check(7, "pass", "The test set was opened once.")]
    return Section(
        "Ledger",
        f"{KINDS[opening['kind']]} It is opening {opening['index']} of {opening['n_project']} in "
        "this project. Openings of its examples, known by content, by likeness, or by source and "
        f"id, so far: {opening['n_openings']}. Each entry carries the hash of the one before it.",
        findings=[*once, *(Check(7, "warn", sentence) for sentence in warnings)],
        tables={"openings": _table(results.openings)},
        said={"warnings": warnings},
    )


def _table(openings: list[dict]) -> Table:
    """Every opening of a test set that the ledger holds."""
    hashes = ("commit", "study_sha256", "models_sha256", "examples_sha256")
    return table(
        "Openings of test sets",
        "records/ledger/openings.jsonl",
        openings,
        f"index time kind reason n_examples objective minimum_gain {' '.join(hashes)}",
        {
            "index": "opening",
            "time": "time (UTC)",
            "n_examples": "examples",
            "minimum_gain": "smallest gain",
            "study_sha256": "study",
            "models_sha256": "models",
            "examples_sha256": "test set",
        },
        time=format_moment,
        minimum_gain=format_setting,
        **dict.fromkeys(hashes, _short),
    )


def _short(value: str | None) -> str:
    """The start of a hash."""
    return value[:12] if isinstance(value, str) else EMPTY
