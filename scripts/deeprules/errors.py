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

    @property
    def place(self) -> str:
        """Row and column, as far as they are known."""
        row = f"row {self.row}" if self.row else ""
        return ", ".join(filter(None, (row, f"column {self.column!r}" if self.column else "")))

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.file, self.place)))
        return f"{place}: {self.problem}. {self.remedy}."


class InputError(ValueError):
    """Bad input: the message is for the user and is shown without a traceback."""

    @classmethod
    def from_problems(cls, problems: Iterable) -> "InputError":
        """One error that lists every problem, or kind of problem, on a line of its own."""
        lines = [f"  - {problem}" for problem in problems]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        return cls("\n".join([f"{count} in the input:", *lines]))
