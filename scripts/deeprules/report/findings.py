"""What is found about a tip: checks with a status, and parts not covered yet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `pass`, `warn` or `fail`, and a sentence that says why."""

    status: str
    sentence: str


@dataclass(frozen=True)
class Missing:
    """A part of a tip that a run does not cover yet; without an essential one no tip passes."""

    part: str
    essential: bool = False
