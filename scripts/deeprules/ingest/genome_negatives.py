"""Negatives that are windows of the positives' genome, or other peaks in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from deeprules.encoding import reverse_complement_letters
from deeprules.ingest.drawn_positives import copies_of, positives_of
from deeprules.ingest.genome_windows import described_windows, free_windows
from deeprules.ingest.interval_sets import Contigs, IntervalSet, read_places
from deeprules.ingest.match_table import MatchTable
from deeprules.ingest.matching import jittered, match_nearest
from deeprules.ingest.place_filter import PlaceFilter
from deeprules.ingest.sources import Source
from deeprules.ingest.spool import Spool
from deeprules.ingest.strands import REVERSE

MAX_WINDOWS = 2_000_000
"""Windows that are held at a time, of one chromosome or of all; drawn where there are more."""
GC_TOLERANCE, REPEATS_TOLERANCE = 0.02, 0.1
"""Largest differences between a positive and its negative in these shares."""


class GenomeNegatives:
    """Draws windows for the positives of one genome.

    Parameters
    ----------
    settings : the section `data.negatives` of the config
    spools : the positives of the sources with this genome
    places : contigs and blacklist
    helpers : sources that the settings name, by name
    reader : gives the module that reads a source of intervals and its genome
    found : takes what was wanted and what was found
    """

    def __init__(
        self,
        settings: Mapping,
        spools: Sequence[Spool],
        places: PlaceFilter,
        helpers: Mapping[str, Source],
        reader: Callable,
        random: np.random.Generator,
        found: MatchTable,
    ):
        self._settings, self._spools, self._places = settings, spools, places
        self._helpers, self._reader = helpers, reader(spools[0].source)
        self._random, self._found = random, found
        self._source = spools[0].source
        self._known_peaks: dict[str, list[int]] | None = None
        self._width = self._source.windows.width

    def read(self) -> Iterator[tuple[pd.DataFrame, list[str]]]:
        """Windows and their sequences, with the columns of the positives that they are like."""
        with closing(self._reader.Genome(self._source)) as genome:
            positives = self._positives(genome)
            taken = self._taken(genome, positives)
            for drawn in self._strata(genome, positives, taken):
                step = self._source.rows_at_a_time(self._width)
                for start in range(0, len(drawn), step):
                    some = drawn.iloc[start : start + step]
                    yield some, [self._sequence(genome, row) for row in some.itertuples()]

    def _positives(self, genome: Contigs) -> pd.DataFrame:
        found = [table for spool in self._spools for table, _ in positives_of(spool)]
        table = pd.concat(found, ignore_index=True)
        own = {name: genome.find(name) for name in table["chromosome"].unique()}
        return table.assign(chromosome=table["chromosome"].map(own))

    def _taken(self, genome: Contigs, positives: pd.DataFrame) -> IntervalSet:
        """Where no negative may lie: positives and what is around them, blacklist, `exclude`."""
        taken, distance = IntervalSet(), self._settings["distance"]
        for spool in self._spools:
            for chromosome, start, end in read_places(spool.source, genome):
                taken.add(chromosome, start - distance, end + distance)
        for row in positives.itertuples():
            taken.add(row.chromosome, int(row.start) - distance, int(row.end) + distance)
        for name in self._settings["exclude"]:
            for place in read_places(self._helpers[name], genome):
                taken.add(*place)
        for chromosome, start, end in self._places.blacklisted(self._source, genome):
            taken.add(chromosome, start, end)
        return taken

    def _strata(
        self, genome: Contigs, positives: pd.DataFrame, taken: IntervalSet
    ) -> Iterator[pd.DataFrame]:
        """Negatives of each chromosome, or of all together where chromosomes need not match."""
        if "chromosome" in self._settings["match"]:
            for chromosome, some in positives.groupby("chromosome", sort=False):
                yield self._draw(genome, some, self._pool(genome, [chromosome], taken))
        else:
            wanted = [name for name in genome.sizes if self._places.wants(name)]
            yield self._draw(genome, positives, self._pool(genome, wanted, taken))

    def _pool(self, genome: Contigs, chromosomes: list[str], taken: IntervalSet) -> pd.DataFrame:
        """Windows of some chromosomes that may be drawn."""
        peaks = self._peaks(genome, taken) if self._settings["from"] == "other_peaks" else None
        total = sum(genome.sizes[name] for name in chromosomes)
        pools = []
        for name in chromosomes:
            if peaks is not None:
                starts = np.array(peaks.get(name, ()), dtype=np.int64)
                pools.append(described_windows(genome, name, starts, self._width))
            else:
                most = int(np.ceil(MAX_WINDOWS * genome.sizes[name] / total))
                pools.append(free_windows(genome, name, self._width, taken, most, self._random))
        return pd.concat(pools, ignore_index=True)

    @cached_property
    def _peak_source(self) -> Source:
        """The source of other peaks, cut like the positives, without being counted."""
        windows = self._source.windows.uncounted()
        peaks = self._helpers[self._settings["peaks"]]
        return replace(
            peaks,
            genome=self._source.genome,
            windows=windows,
            places=self._source.places,
            settings={**peaks.settings, "genome": self._source.settings["genome"]},
        )

    def _peaks(self, genome: Contigs, taken: IntervalSet) -> dict[str, list[int]]:
        """Starts of other peaks on each chromosome, those that overlap none before them."""
        if self._known_peaks is None:
            found: dict[str, list[int]] = {}
            windows = sorted(self._reader.windows(self._peak_source, genome))
            self._known_peaks = found
            for chromosome, start, end in windows:
                kept = found.setdefault(chromosome, [])
                is_free = not kept or start >= kept[-1] + self._width
                if is_free and not taken.overlaps(chromosome, start, end):
                    kept.append(start)
        return self._known_peaks

    def _draw(self, genome: Contigs, positives: pd.DataFrame, pool: pd.DataFrame) -> pd.DataFrame:
        """The negatives of some positives, with their columns and the windows' places."""
        copies = copies_of(len(positives), self._settings["ratio"], self._random)
        wanted = positives.iloc[np.repeat(np.arange(len(positives)), copies)]
        chosen = self._choose(wanted, pool)
        drawn = pool.iloc[chosen[chosen >= 0]].reset_index(drop=True)
        at_random = self._random.permutation(len(pool))[: len(wanted)]
        self._found.add(positives, copies, drawn, pool.iloc[at_random], chosen >= 0)
        names = np.array(list(genome.sizes), dtype=object)
        places = {
            "chromosome": names[drawn["contig"]],
            "start": drawn["start"].to_numpy(),
            "end": drawn["start"].to_numpy() + self._width,
        }
        return wanted[chosen >= 0].reset_index(drop=True).assign(**places)

    def _choose(self, wanted: pd.DataFrame, pool: pd.DataFrame) -> np.ndarray:
        """Row of the window of each negative that is wanted, -1 where there is none like it."""
        scales = {"gc": 1.0, "repeats": GC_TOLERANCE / REPEATS_TOLERANCE}
        names = [name for name in scales if name in self._settings["match"]]
        if not names:
            chosen = np.full(len(wanted), -1)
            found = self._random.permutation(len(pool))[: len(wanted)]
            chosen[: len(found)] = found
            return self._random.permutation(chosen)
        factors = [scales[name] for name in names]
        properties = [
            jittered(one[names].to_numpy(np.float64), self._width, self._random) * factors
            for one in (wanted, pool)
        ]
        tolerance = max(GC_TOLERANCE, 1.5 / self._width)
        return match_nearest(*properties, tolerance, self._random)

    def _sequence(self, genome: Contigs, row) -> str:
        sequence = genome.fetch(row.chromosome, int(row.start), int(row.end))
        return reverse_complement_letters(sequence) if row.strand == REVERSE else sequence
