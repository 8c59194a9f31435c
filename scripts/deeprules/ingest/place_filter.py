"""Which intervals are left out for where they lie, and how many there were of each kind."""

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from deeprules.ingest.interval_sets import Contigs, IntervalSet, read_places
from deeprules.ingest.sources import Source, listing
from deeprules.names import chromosome_key

REASONS = {
    "contig": "on contigs that data.contigs leaves out",
    "blacklist": "in the blacklist",
    "contig_end": "too near to an end of their contig (data.intervals.ends)",
    "uncovered": "without a value in the track (uncovered)",
}


class PlaceFilter:
    """Contigs and blacklist of a config; counts what each leaves out.

    Parameters
    ----------
    data : the section `data` of the config
    blacklist : its source, if there is one
    """

    def __init__(self, data: Mapping, blacklist: Source | None):
        self._include, self._exclude = data["contigs"]["include"], data["contigs"]["exclude"]
        self._blacklist = blacklist
        self._sets: dict[Path, IntervalSet] = {}
        self._counts: dict[str, Counter[str]] = {}

    def wants(self, contig: str) -> bool:
        """Whether `contigs` keeps one of this name."""
        if self._include and not _named(contig, self._include):
            return False
        return not _named(contig, self._exclude)

    def blacklisted(self, source: Source, genome: Contigs) -> IntervalSet:
        """The blacklist under the names of the genome of a source.

        Raises
        ------
        BadSource
            If nothing of it lies in the genome.
        """
        if source.genome not in self._sets:
            found = self._sets[source.genome] = IntervalSet()
            if self._blacklist is not None:
                for place in read_places(self._blacklist, genome):
                    found.add(*place)
                if not any(found):
                    raise self._blacklist.bad(
                        f"none of its intervals lies on a contig of {source.genome.name}: "
                        f"{listing(list(genome.sizes), 5)}",
                        "Take the blacklist of this version of the genome, or leave it away",
                    )
        return self._sets[source.genome]

    def count(self, source: Source, reason: str) -> None:
        """Note that an interval of a source was left out, for one of `REASONS`."""
        self._counts.setdefault(source.name, Counter())[reason] += 1

    def counts(self, source: str) -> dict[str, int]:
        """Intervals of a source that were left out, by reason."""
        return dict(self._counts.get(source, {}))

    @property
    def records(self) -> list[dict]:
        """For a JSON file: reason, source and n of the intervals that were left out."""
        return [
            {"reason": f"they are {REASONS[reason]}", "source": name, "n": n, "such_as": []}
            for name, counts in self._counts.items()
            for reason, n in counts.items()
        ]

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        return [
            f"{n:,} intervals of {name} were left out: {REASONS[reason]}."
            for name, counts in self._counts.items()
            for reason, n in counts.items()
        ]


def _named(contig: str, patterns: list[str]) -> bool:
    """Whether one of the names means a contig: `chr1` is `1`, and `*` stands for any letters."""
    key = chromosome_key(contig)
    return any(
        fnmatchcase(contig, pattern) or fnmatchcase(key, chromosome_key(pattern))
        for pattern in patterns
    )
