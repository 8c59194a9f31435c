"""Ids of examples that the sample table lacks: their nearest partners, and a rule to match them."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from deeprules.names import appearance

LOOKED_AT = 200
"""Ids from which rules are guessed, at most."""
COMPARED = 5000
"""Ids among which a nearest partner is looked for, at most."""
GUESSES = 4
"""Rules of each form that are tried on all ids, those of most ids first."""
PARTNERS = 3


def alike_key(name: str) -> str:
    """What ids have in common that differ in case, marks and zeros, or by the X that R adds."""
    return re.sub(r"^x(?=\d)", "", appearance(name))


def extract(pattern: str, ids: Collection[str]) -> dict[str, str]:
    """The group `id` of each id that a pattern fits as a whole."""
    compiled = re.compile(pattern)
    found = {name: compiled.fullmatch(name) for name in ids}
    return {name: match["id"] for name, match in found.items() if match}


@dataclass(frozen=True)
class Mismatch:
    """Ids of a source and of its sample table.

    Attributes
    ----------
    unknown : ids of the source that the table lacks
    matched : those that it has
    unused : ids of the table that no example has
    """

    unknown: Collection[str]
    matched: Collection[str]
    unused: Collection[str]

    @property
    def partners(self) -> str:
        """The nearest id of the table for a few of those it lacks, invisible letters as codes."""
        pairs = []
        for name in list(self.unknown)[:PARTNERS]:
            theirs = list(self.unused)[:COMPARED]
            near = difflib.get_close_matches(name, theirs, n=1, cutoff=0.4)
            pairs.append(f"{name!a} (nearest: {ascii(near[0]) if near else 'none'})")
        more = len(self.unknown) - len(pairs)
        return ", ".join(pairs) + (f" and {more:,} more" if more else "")

    @property
    def rule(self) -> tuple[str, str, int] | None:
        """Setting, whose it is (`source` or `samples`), and how many it matches, at least half."""
        wanted = {**self._ours(), **self._theirs()}
        alike = self._alike()
        found = [("id_match: alike", "source", alike)] if alike else []
        found += [(f"id_pattern: '{pattern}'", whose, n) for (pattern, whose), n in wanted.items()]
        best = max(found, key=lambda one: (one[2], one[0] == "id_match: alike"), default=None)
        return best if best and 2 * best[2] >= min(len(self.unknown), len(self.unused)) else None

    def _alike(self) -> int:
        theirs = Counter(map(alike_key, [*self.unused, *self.matched]))
        ours = Counter(map(alike_key, [*self.unknown, *self.matched]))
        if max([*theirs.values(), *ours.values()]) > 1:
            return 0
        return sum(alike_key(name) in theirs for name in self.unknown)

    def _ours(self) -> Mapping[tuple[str, str], int]:
        """Patterns for the ids of the source, and how many each would match."""
        found = {}
        for pattern in _guesses(self.unknown, self.unused, bool(self.matched)):
            ids = extract(pattern, [*self.unknown, *self.matched])
            keeps = all(ids.get(name) == name for name in self.matched)
            if keeps and len(set(ids.values())) == len(ids):
                n = sum(ids.get(name) in self.unused for name in self.unknown)
                found[pattern, "source"] = n
        return found

    def _theirs(self) -> Mapping[tuple[str, str], int]:
        """Patterns for the ids of the sample table, and how many each would match."""
        turned = Mismatch(self.unused, self.matched, self.unknown)
        return {(pattern, "samples"): n for (pattern, _), n in turned._ours().items()}


def _guesses(long: Collection[str], short: Collection[str], optional: bool) -> Iterator[str]:
    """Patterns that take ids out of longer ones; what stands around them may be `optional`."""
    around = Counter()
    for name in list(long)[:LOOKED_AT]:
        inner = [one for one in list(short)[:COMPARED] if one in name and one != name]
        if inner:
            before, _, after = name.partition(max(inner, key=len))
            around[before, after] += 1
    for written in (re.escape, _any_number, _any_word):
        forms = Counter()
        for (before, after), n in around.items():
            forms[written(before), written(after)] += n
        for (before, after), _ in forms.most_common(GUESSES):
            parts = [f"(?:{part})?" if part and optional else part for part in (before, after)]
            yield f"{parts[0]}(?P<id>.+{'?' if after else ''}){parts[1]}"


def _any_number(text: str) -> str:
    return re.sub(r"[0-9]+", r"[0-9]+", re.escape(text))


def _any_word(text: str) -> str:
    parts = re.split(r"([A-Za-z0-9]+)", text)
    return "".join(
        "[A-Za-z0-9]+" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
