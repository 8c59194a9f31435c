"""Rules of `include` and `exclude`: the values of a column, or the limits of its numbers."""

import difflib
import operator
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from deeprules.errors import Problem
from deeprules.ingest.name_lists import NameList
from deeprules.ingest.sources import listing

COMPARED = {
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
}
KNOWN = 1000
"""Values of a column that are remembered, to propose one for a value that is in none."""


@dataclass
class Rule:
    """The values of one column that are included, or those that are excluded.

    Attributes
    ----------
    key : `include` or `exclude`
    column : column of the examples
    values : the values, in their plain form; None for a missing one
    listed : the list that they stand in, if it is a file
    """

    key: str
    column: str
    values: Collection[str | None]
    listed: NameList | None = None
    unseen: set = field(default_factory=set)
    known: dict[str, None] = field(default_factory=dict)

    def __post_init__(self):
        self.unseen = set(self.values)

    def left_out(self, values: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
        """Reasons, and which examples (N) each holds for."""
        missing = values.isna().to_numpy()
        found = values.isin([*self.values]).to_numpy() & ~missing
        self.unseen -= {*values[found], *([None] if missing.any() else [])}
        if None in self.values:
            found |= missing
        if len(self.known) < KNOWN:
            self.known |= dict.fromkeys(values.dropna().unique())
        place = f"listed in {self.listed.name}" if self.listed else ""
        if self.key == "include":
            among = place or f"among {listing(list(map(_shown, self.values)), 5)}"
            yield f"their {self.column} is not {among} (include)", ~found
        elif self.listed:
            yield f"their {self.column} is {place} (exclude)", found
        else:
            for value in values[found].unique():
                same = missing if pd.isna(value) else (values == value).to_numpy(dtype=bool)
                yield f"their {self.column} is {_shown(value)} (exclude)", same

    def problem(self) -> Problem | None:
        """What is wrong if no example has one of the values; of a list, if none has any."""
        if not self.unseen or (self.listed and len(self.unseen) < len(self.values)):
            return None
        absent = list(map(_shown, self.unseen))
        said = f"no example has the {self.column} {listing(sorted(absent), 5)}"
        near = difflib.get_close_matches(sorted(absent)[0], list(self.known), n=3, cutoff=0.5)
        values = f"nearest are {', '.join(near)}" if near else f"there are {listing([*self.known])}"
        file = self.listed.shown if self.listed else f"data.{self.key} in the config"
        return Problem(file, "", self.column, said, f"Correct it, or leave it away; {values}")

    @property
    def note(self) -> list[str]:
        """How many names of a list are those of no example."""
        if not self.listed or not self.unseen:
            return []
        n = f"{len(self.unseen):,} of the {len(self.values):,} names"
        return [f"{n} in the list {self.listed.name} (data.{self.key}) are of no example."]


@dataclass
class Limits:
    """The numbers of one column that are included, or those that are excluded.

    Attributes
    ----------
    key : `include` or `exclude`
    column : column of the examples
    limits : `above`, `at_least`, `below` and `at_most`, all of which must hold
    """

    key: str
    column: str
    limits: Mapping[str, float]
    texts: dict[str, int] = field(default_factory=dict)

    @property
    def note(self) -> list[str]:
        """Nothing more than what is counted."""
        return []

    def left_out(self, values: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
        """Reasons, and which examples (N) each holds for; a missing value lies within no limits."""
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
        missing = values.isna().to_numpy()
        for text in values[np.isnan(numbers) & ~missing]:
            self.texts[text] = self.texts.get(text, 0) + 1
        within = ~missing
        for name, limit in self.limits.items():
            within &= COMPARED[name](numbers, limit)
        words = " and ".join(f"{name.replace('_', ' ')} {x:g}" for name, x in self.limits.items())
        if self.key == "exclude":
            yield f"their {self.column} is {words} (exclude)", within
        else:
            yield f"their {self.column} is missing, and so not {words} (include)", missing
            yield f"their {self.column} is not {words} (include)", ~within

    def problem(self) -> Problem | None:
        """What is wrong if the column holds text."""
        if not self.texts:
            return None
        shown = listing(list(map(repr, self.texts)), 3)
        said = f"{sum(self.texts.values()):,} values are no numbers, and have no limits: {shown}"
        remedy = "Write numbers there, leave them empty, or list the values that are meant"
        return Problem(f"data.{self.key} in the config", "", self.column, said, remedy)


def _shown(value) -> str:
    return "missing" if pd.isna(value) else str(value)
