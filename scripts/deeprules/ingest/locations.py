"""Where in a genome the examples lie, as the sources say it."""

import pandas as pd

from deeprules.ingest.cells import Cells
from deeprules.ingest.strands import ACCEPTED, UNSTRANDED, strand_of
from deeprules.names import chromosome_key, quoted

LOCATION = ("chromosome", "start", "end", "strand")
LARGEST_PLACE = 2**40
"""More bases than any genome has."""


class Locations:
    """Reads the columns of places, and remembers what is true of all chunks.

    Attributes
    ----------
    given : columns that had a value so far
    """

    def __init__(self):
        self.given: set[str] = set()
        self._spellings: dict[str, dict[str, None]] = {}

    def as_first_written(self, chromosomes: pd.Series) -> pd.Series:
        """Names of chromosomes, each as it was written where it came first."""
        written = {}
        for name in chromosomes.dropna().unique():
            spellings = self._spellings.setdefault(chromosome_key(name), {})
            spellings[name] = None
            written[name] = next(iter(spellings))
        return chromosomes.map(written, na_action="ignore").astype(object)

    def take(self, cells: Cells) -> pd.Series:
        """The values of one column of `LOCATION`; what is none is reported."""
        values, name = cells.values, cells.values.name
        if (values != UNSTRANDED).mask(values.isna(), False).any():
            self.given.add(name)
        if name == "chromosome":
            return values
        if name == "strand":
            found = values.map(strand_of, na_action="ignore")
            wrong = found.isna() & values.notna()
            found = found.mask(found == UNSTRANDED)
            remedy = f"Write one of {ACCEPTED}"
        else:
            numbers = pd.to_numeric(values, errors="coerce")
            is_place = (numbers % 1 == 0) & (numbers >= 0) & (numbers < LARGEST_PLACE)
            wrong = values.notna() & ~is_place
            found = numbers.mask(wrong).astype("Int64")
            remedy = "Give a whole number of bases, from 0"
        cells.report(wrong.to_numpy(), f"{{!r}} is no {name}", remedy)
        return found

    @property
    def notes(self) -> list[str]:
        """Which names were read as one chromosome."""
        several = [list(names) for names in self._spellings.values() if len(names) > 1]
        if not several:
            return []
        return [f"Names of one chromosome, read as the first of each: {quoted(several)}."]
