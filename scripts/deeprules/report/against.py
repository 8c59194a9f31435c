"""What weighs against the verdict, found by any section, the most serious first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from deeprules.report.scorecard import SEVERITY
from deeprules.report.section import Check, Section

N_SHOWN = 5
"""Lines of the first screen."""
WEIGHT = (4, 7, 2, 1, 6, 9, 3, 5, 8, 10)
"""Tips by how much a fault in them takes from the verdict: data and test set before baselines,
those before the search, and what the verdict does not rest on last."""
SENTENCE = re.compile(r"(.+?[a-z0-9)\]`%'][.?])\s+(?=[A-Z`])", re.DOTALL)
"""A first sentence; `.963 [.951, .970]` has no end in it."""


@dataclass(frozen=True)
class Against:
    """One thing that weighs against the verdict: a title or none, a sentence, and where it stands.

    `place` is the id of an element of the page, and `place_title` what a link to it says.
    """

    title: str
    sentence: str
    status: str
    place: str
    place_title: str

    @property
    def short(self) -> str:
        """The title with the first sentence behind it."""
        first = SENTENCE.match(self.sentence)
        return first[1] if first else self.sentence


def against(sections: Mapping[str, Section], told: str) -> list[Against]:
    """What weighs against the verdict, the most serious first.

    What more than one section says, by its title or in the same words, stands here once: with the
    longest sentence, and linked to the section that says it, or to its tip where none but the
    verdict does.

    Parameters
    ----------
    sections : the sections of the page, by name, the verdict first
    told : the verdict's own sentence; what it gives as its reason is not said again
    """
    found: dict[str, list[tuple[str, Check]]] = {}
    for name, section in sections.items():
        for one in section.findings:
            if isinstance(one, Check) and SEVERITY[one.status] and one.sentence not in told:
                found.setdefault(one.title or one.sentence, []).append((name, one))
    ranked = sorted(found.values(), key=lambda said: min(_rank(one) for _, one in said))
    return [_joined(said, sections) for said in ranked]


def _rank(one: Check) -> tuple:
    """The lower, the more serious; what has a title was found for the verdict."""
    return (-SEVERITY[one.status], not one.title, WEIGHT.index(one.tip))


def _joined(said: list[tuple[str, Check]], sections: Mapping[str, Section]) -> Against:
    """Checks of one thing as one."""
    place = next((name for name, _ in said if name != "verdict"), None)
    longest = max((one for _, one in said), key=lambda one: len(one.sentence))
    status = max((one.status for _, one in said), key=SEVERITY.get)
    tip = longest.tip
    where = (place, sections[place].title) if place else (f"tip-{tip}", f"Tip {tip}")
    return Against(longest.title, longest.sentence, status, *where)
