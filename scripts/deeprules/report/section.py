"""What a section of the report is made of."""

from dataclasses import dataclass, field, replace

from deeprules.report.figures import Figure
from deeprules.report.tables import Table


@dataclass(frozen=True)
class Check:
    """One thing that was looked at for a tip: `pass`, `warn` or `fail`, and why.

    `title` names in a few words what speaks against the verdict; the first screen says it once,
    however many sections do.
    """

    tip: int
    status: str
    sentence: str
    title: str = ""


@dataclass(frozen=True)
class Missing:
    """A part of a tip that a run does not cover; without an essential one no tip passes."""

    tip: int
    part: str
    essential: bool = False


@dataclass
class Section:
    """One section of the page; its template lies in `workflow/report/sections`.

    Attributes
    ----------
    title : stands over the section, in the navigation and in the scorecard
    lead : the sentences it opens with; `names in backticks` are set as code
    findings : what it says on each tip, for the scorecard
    tables, figures : by name; those without rows or anything to draw are not shown. A figure
        without a finding of its own has those of the section
    said : whatever else its template shows, by name
    """

    title: str
    lead: str = ""
    findings: list[Check | Missing] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    said: dict = field(default_factory=dict)

    @property
    def worst(self) -> str:
        """The worst status of its checks; empty without one."""
        found = {one.status for one in self.findings if isinstance(one, Check)}
        return next((status for status in ("fail", "warn", "pass") if status in found), "")

    def __post_init__(self):
        checks = " ".join(one.sentence for one in self.findings if isinstance(one, Check))
        self.figures = {
            name: one if one.finding else replace(one, finding=checks)
            for name, one in self.figures.items()
            if not one.is_empty
        }
