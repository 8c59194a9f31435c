"""Errors that a user can act on."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in the input, where it is, and what to do about it."""

    file: str
    row: str
    column: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row else "",
                f"column {self.column!r}" if self.column else "",
            )
            if part
        )
        return f"{place}: {self.problem}. {self.remedy}."


class InputError(ValueError):
    """Bad input: the message is for the user and is shown without a traceback."""

    @classmethod
    def from_problems(cls, problems: Iterable[Problem]) -> "InputError":
        """One error that lists every problem on a line of its own."""
        lines = [f"  - {problem}" for problem in problems]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        return cls("\n".join([f"{count} in the input:", *lines]))
