"""The window that is cut out of a genome for each interval: one width for all, nothing padded.

Intervals as a peak caller gives them differ in width, and width may follow the label. Filled up
with zeros, they would show it to every model.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from deeprules.errors import InputError
from deeprules.ingest.strands import REVERSE

_CENTRES = {"midpoint": "midpoint", "summit": "summit", "start": "5' end"}


@dataclass
class Survey:
    """What a first pass over a source of intervals shows.

    Attributes
    ----------
    widths : how many intervals have each number of bases
    chromosomes : how many lie on each, in order of appearance
    has_summits : whether it has a column of summits
    """

    widths: Counter[int] = field(default_factory=Counter)
    chromosomes: Counter[str] = field(default_factory=Counter)
    has_summits: bool = False


class Windows:
    """Where the window of each interval lies, and what had to be done for that.

    Parameters
    ----------
    data : the section `data` of the config
    surveys : the first pass over each source of intervals

    Without a width in the config, it is that of all intervals if they have one; else
    `data.length: bases`, else the median.

    Raises
    ------
    InputError
        If summits are asked for and no source has any, or intervals are single places and no
        width is given.
    """

    def __init__(self, data: Mapping, surveys: Iterable[Survey]):
        self.centre = data["intervals"]["centre"]
        self._ends = data["intervals"]["ends"]
        surveys = list(surveys)
        self._given = sum((survey.widths for survey in surveys), Counter())
        if self.centre == "summit" and not any(survey.has_summits for survey in surveys):
            raise InputError(
                "data.intervals.centre: is `summit`, but no source has a column of summits, the "
                "tenth of a narrowPeak file. Name it with `columns: {summit: column7}`, say, or "
                "set `centre: midpoint`."
            )
        self.width = data["intervals"]["width"] or data["length"]["bases"] or self._median()
        if self.width == 1 and data["intervals"]["width"] is None:
            raise InputError(
                "data.intervals.width: most intervals have 1 base: they are places, such as "
                "summits. Say how many bases around them are cut out, `intervals: {width: 200}`."
            )
        self._counts = Counter()

    def _median(self) -> int | None:
        widths = sorted(self._given)
        if not widths:
            return None
        counts = np.array([self._given[width] for width in widths])
        middle = (counts.sum() - 1) // 2  # The lower one of two, so that it is one of the widths.
        return widths[int(np.searchsorted(np.cumsum(counts), middle, side="right"))]

    def cut(
        self, start: int, end: int, strand: str, summit: int | None, size: int
    ) -> tuple[int, int] | None:
        """Start and end of the window of an interval on a chromosome of `size` >= width bases.

        A window that would reach over an end of the chromosome is shifted, not shortened; with
        `ends: drop` there is none.
        """
        before = self.width // 2
        if self.centre == "summit" and summit is not None:
            first = start + summit - before
        elif self.centre == "start" and strand == REVERSE:
            first = end - 1 - (self.width - 1 - before)
        elif self.centre == "start":
            first = start - before
        else:
            first = start + (end - start - self.width) // 2
        kept = min(max(first, 0), size - self.width)
        if kept != first and self._ends == "drop":
            return None
        self._counts["no_summit"] += self.centre == "summit" and summit is None
        self._counts["shifted"] += kept != first
        self._counts["resized"] += end - start != self.width
        return kept, kept + self.width

    @staticmethod
    def centre_of(data: Mapping) -> str:
        """What of an interval stands in the middle of its window, in words."""
        return _CENTRES[data["intervals"]["centre"]]

    def uncounted(self) -> "Windows":
        """The same windows, for intervals that are no examples."""
        other = copy(self)
        other._counts = Counter()
        return other

    @property
    def facts(self) -> dict:
        """What `dataset.json` says of the intervals."""
        return {
            "width": self.width,
            "centre": self.centre,
            "narrowest": min(self._given),
            "widest": max(self._given),
            "resized": self._counts["resized"],
            "shifted": self._counts["shifted"],
        }

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        total = f"{self._given.total():,}"
        narrowest, widest = min(self._given), max(self._given)
        notes = {
            f"{self._counts['resized']:,} of {total} intervals ({narrowest:,} to {widest:,} bases) "
            f"were brought to {self.width:,} bases in the genome, around their "
            f"{_CENTRES[self.centre]} (data.intervals).": self._counts["resized"],
            f"{self._counts['shifted']:,} of {total} intervals lie so near to an end of their "
            "chromosome that their window was shifted.": self._counts["shifted"],
            f"{self._counts['no_summit']:,} of {total} intervals have no summit; their windows lie "
            "around the midpoint.": self._counts["no_summit"],
        }
        return [note for note, n in notes.items() if n]
