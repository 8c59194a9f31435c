"""The ethics register of a run, and what stands against giving its model away."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from deeprules.files import read_json

FORBIDDING = re.compile(
    r"\bND\b|no[- ]?derivatives?|all rights reserved|proprietary|not (to be )?(shared|"
    r"redistributed|released)|no redistribution|internal use only|confidential",
    re.IGNORECASE,
)
"""Licences that do not let a model made from the data be given away."""
NOT_STATED = ("", "not stated", "unknown", "none", "na", "n/a", "todo", "tbd")
OF_PEOPLE = ("ethics_board", "data_use_agreement")
"""Kinds of approval without which nothing of data that are not public leaves."""


@dataclass(frozen=True)
class Ethics:
    """The ethics register, as `results/ethics.json` has it.

    Attributes
    ----------
    file : name of the register, None where there is none
    is_stated : whether it says who may see the data
    sensitivity : `public` (also where nothing is stated), `controlled` or `identifiable`
    concerns, approvals : dictionaries, see workflow/schemas/ethics.schema.yaml
    populations : `covered` and `not_covered`, lists of text
    """

    file: str | None
    is_stated: bool
    sensitivity: str
    concerns: list[dict]
    approvals: list[dict]
    populations: dict[str, list[str]]

    @property
    def is_public(self) -> bool:
        """Whether anyone may see the data."""
        return self.sensitivity == "public"

    def concerns_that_are(self, *states: str) -> list[dict]:
        """Concerns in one of these states, the gravest first."""
        order = ("blocking", "major", "minor")
        found = [one for one in self.concerns if one["status"] in states]
        return sorted(found, key=lambda one: order.index(one["severity"]))

    def approvals_of(self, source: str, today: datetime.date, *kinds: str) -> list[dict]:
        """Approvals of these kinds that hold today for a source."""
        return [
            one
            for one in self.approvals
            if one["kind"] in kinds
            and (not one["sources"] or source in one["sources"])
            and (one["expires"] is None or one["expires"] >= today.isoformat())
        ]


def read_ethics(path: str | Path) -> Ethics:
    """The register that a run wrote to `results/ethics.json`."""
    content = read_json(path)
    return Ethics(**{field.name: content[field.name] for field in fields(Ethics)})


def obstacles(
    ethics: Ethics,
    licences: Mapping[str, str],
    today: datetime.date,
    of_patients: bool = False,
    pretrained: Mapping[str, str] | None = None,
) -> list[str]:
    """What the register and the licences have against a release, each a sentence; none if nothing.

    Parameters
    ----------
    licences : {source: licence, as it is stated}
    today : day on which approvals must hold
    of_patients : whether the study is about patients
    pretrained : {pretrained model that a model starts from: licence}
    """
    found = [
        f"The concern `{one['id']}` is blocking and open: {one['concern']}"
        for one in ethics.concerns_that_are("open")
        if one["severity"] == "blocking"
    ]
    if ethics.file and not ethics.is_stated:
        found.append(f"{ethics.file} does not say who may see the data: fill in `sensitivity`.")
    if of_patients and not ethics.file:
        found.append("The study is about patients, and there is no ethics register.")
    for source in licences:
        if not ethics.is_public and not ethics.approvals_of(source, today, *OF_PEOPLE):
            found.append(
                f"The source `{source}` is {ethics.sensitivity}, and no approval of an ethics "
                "board or data use agreement that holds today covers it."
            )
    for source, licence in {**licences, **(pretrained or {})}.items():
        found += _of_terms(ethics, source, licence, today)
    return found


def _of_terms(ethics: Ethics, source: str, licence: str, today: datetime.date) -> list[str]:
    """What the terms of a source, or of a pretrained model, have against a release."""
    read = ethics.approvals_of(source, today, "licence")
    found = [
        f"`{one['id']}` does not allow the release of a model of `{source}`."
        for one in [*ethics.approvals_of(source, today, *OF_PEOPLE), *read]
        if not one["allows_release"]
    ]
    if not read and licence.strip().lower() in NOT_STATED:
        found.append(
            f"The licence of `{source}` is not stated: give its `licence`, or its terms "
            "as an approval of the kind `licence`."
        )
    elif not read and FORBIDDING.search(licence):
        found.append(
            f"The licence of `{source}` ({licence}) does not let a model of it be given "
            "away; where its terms do, say so in an approval of the kind `licence`."
        )
    return found
