"""Examples that are left out of a data set: how many of which source, and why."""

from collections.abc import Sequence

SHOWN = 3
"""Ids kept of each reason."""


class LeftOut:
    """Counts examples by the reason for which they are left out, and by source."""

    def __init__(self):
        self._found: dict[tuple[str, str], tuple[int, list[str]]] = {}

    def add(self, source: str, reason: str, ids: Sequence[str]) -> None:
        """Count the examples of a source with these ids; the reason is for the user."""
        n, shown = self._found.get((reason, source), (0, []))
        shown = [*shown, *map(str, ids[: SHOWN - len(shown)])]
        if len(ids):
            self._found[reason, source] = (n + len(ids), shown)

    @property
    def n(self) -> int:
        """Examples left out in all."""
        return sum(n for n, _ in self._found.values())

    @property
    def records(self) -> list[dict]:
        """For a JSON file: reason, source, n and the first few ids."""
        return [
            {"reason": reason, "source": source, "n": n, "such_as": shown}
            for (reason, source), (n, shown) in self._found.items()
        ]

    @property
    def sentence(self) -> str:
        """How many for each reason, in words."""
        counts: dict[str, int] = {}
        for (reason, _), (n, _) in self._found.items():
            counts[reason] = counts.get(reason, 0) + n
        return "; ".join(f"{n:,} as {reason}" for reason, n in counts.items())
