"""The ethics register, and what it has against giving the model away."""

import datetime

from deeprules.ethics import Ethics, obstacles
from deeprules.report.results import Results
from deeprules.report.section import Check, Section
from deeprules.report.tables import table
from deeprules.wording import listed

FILE = "results/ethics.json"
TITLES = {"id": "name", "allows_release": "allows a release", "owner": "who answers for it"}


def section(results: Results) -> Section:
    """Concerns, approvals, populations, and what stops a release."""
    ethics = Ethics(**results.ethics)
    found = against_release(results, recorded(results))
    return Section(
        "Ethics",
        "As declared in `ethics.yaml`." if ethics.file else "There is no ethics register.",
        findings=[_judged(ethics, found)],
        tables={
            "concerns": table(
                "Concerns",
                FILE,
                ethics.concerns,
                "id raised severity status concern owner resolution",
                TITLES,
            ),
            "approvals": table(
                "Approvals and licences",
                FILE,
                ethics.approvals,
                "id kind sources allows_release terms expires",
                TITLES,
            ),
        },
        said={"facts": _facts(ethics).items(), "obstacles": found},
    )


def against_release(results: Results, today: datetime.date) -> list[str]:
    """What register and licences have against a release on a day, each a sentence."""
    return obstacles(
        Ethics(**results.ethics),
        {one["source"]: one["licence"] for one in results.provenance},
        today,
        bool(results.study["study"].get("patients")),
        {
            one["name"]: one["record"]["licence"]
            for one in results.pretrained
            if "licence" in one["record"]
        },
    )


def recorded(results: Results) -> datetime.date:
    """Day on which the run was recorded."""
    return datetime.date.fromisoformat(results.run["recorded"][:10])


def _facts(ethics: Ethics) -> dict[str, str]:
    said = ethics.sensitivity if ethics.is_stated else "not stated; taken for public"
    facts = {"Sensitivity of the data": said}
    for title, name in (
        ("Populations covered", "covered"),
        ("Populations not covered", "not_covered"),
    ):
        facts[title] = "; ".join(ethics.populations[name]) or "not stated"
    return facts


def _judged(ethics: Ethics, found: list[str]) -> Check:
    """The register against tip 10."""
    if not ethics.file:
        absent = (
            "There is no ethics register (`ethics.yaml` beside the study): nobody has said who "
        )
        absent += "may be harmed, or that nobody is."
        return Check(10, "fail" if found else "warn", " ".join([absent, *found]))
    if found:
        blocked = any(one["severity"] == "blocking" for one in ethics.concerns_that_are("open"))
        return Check(10, "fail" if blocked or not ethics.is_public else "warn", " ".join(found))
    still = ethics.concerns_that_are("open")
    if still:
        names = listed([one["id"] for one in still])
        return Check(10, "warn", f"Concerns of the ethics register are open: {names}.")
    n = len(ethics.concerns)
    held = f"{n} concern{'s' * (n != 1)}, none of them open"
    return Check(10, "pass", f"An ethics register is kept: {ethics.sensitivity} data, {held}.")
