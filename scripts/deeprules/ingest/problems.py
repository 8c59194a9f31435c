"""Everything wrong with the input, a line a kind, however many rows there are of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deeprules.errors import InputError, Problem

SHOWN = 50
"""Kinds that are shown, at most."""
SHOWN_OF_A_KIND = 3


@dataclass
class Kind:
    """Problems of one file with one remedy: the first few, and how many there are."""

    first: list[Problem] = field(default_factory=list)
    n: int = 0

    def __str__(self) -> str:
        if self.n == 1:
            return str(self.first[0])
        one = self.first[0]
        more = self.n - len(self.first)
        if {(p.column, p.problem) for p in self.first} == {(one.column, one.problem)}:
            rows = [p.row for p in self.first if p.row]
            told = f"{one.problem}, {self.n:,} times"
            if rows:
                listed = ", ".join(rows) + (f" and {more:,} more" if more else "")
                told = f"{one.problem} in {self.n:,} rows: {listed}"
            place = f"{one.file}, column {one.column!r}" if one.column else one.file
            return f"{place}: {told}. {one.remedy}."
        listed = "; ".join(": ".join(filter(None, (p.place, p.problem))) for p in self.first)
        end = f"; and {more:,} more" if more else ""
        return f"{one.file}: {self.n:,} times, {listed}{end}. {one.remedy}."


class Problems:
    """Everything found wrong so far, by kind; problems of one file with one remedy are of one."""

    def __init__(self):
        self.count = 0
        self._kinds: dict[tuple[str, str], Kind] = {}

    def add(self, problem: Problem) -> None:
        """Note one problem."""
        self._note(problem)

    def add_all(self, items: Sequence, make: Callable[..., Problem]) -> None:
        """Note a problem for each item; `make(item)` is called only for those that are shown."""
        for item in items[: SHOWN_OF_A_KIND - 1]:
            self._note(make(item))
        rest = len(items) - (SHOWN_OF_A_KIND - 1)
        if rest > 0:
            self._note(make(items[SHOWN_OF_A_KIND - 1]), rest)

    def _note(self, problem: Problem, n: int = 1) -> None:
        """Note `n` problems of the kind of this one."""
        kind = self._kinds.setdefault((problem.file, problem.remedy), Kind())
        if n == 1 and problem in kind.first:
            return  # Two sources of one genome, say, find the same.
        self.count += n
        kind.n += n
        if len(kind.first) < SHOWN_OF_A_KIND:
            kind.first.append(problem)

    def raise_any(self) -> None:
        """Raise one `InputError` with all problems, if there are any."""
        if not self._kinds:
            return
        kinds = list(self._kinds.values())
        error = InputError.from_problems(kinds[:SHOWN])
        hidden = len(kinds) - SHOWN
        raise InputError(f"{error}\n  ... and {hidden:,} more.") if hidden > 0 else error
