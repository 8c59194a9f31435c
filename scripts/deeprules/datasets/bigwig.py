"""Values of a track (bigWig) over regions of a BED source, beside the regions' sequences."""

import re
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np
import pandas as pd
import pyBigWig

from deeprules.datasets import bed
from deeprules.ingest.interval_windows import Survey
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.names import chromosome_key

MODALITY = "sequence"
SETTINGS = ("regions", "summary", "uncovered")
"""Settings of a source that only this reader has."""
COLUMN = "signal"
"""Column of the value of each region; with a track for each of several labels, it ends in `_` and
the name of its source."""

_MAGIC = 0x888FFC26
_BIGBED = 0x8789F2EB
_REMEDIES = {
    "a bedGraph file": "Turn it into bigWig with `bedGraphToBigWig` of UCSC",
    "a wiggle file": "Turn it into bigWig with `wigToBigWig` of UCSC",
    "a bigBed file": "Give the bigWig of the same experiment; a bigBed holds intervals, no track",
    "no bigWig file": "Give one, or choose another `format`",
}
_SUMMARIES = {
    "mean": np.mean,
    "max": np.max,
    "log1p_sum": lambda values: np.log1p(np.sum(values)),
}


def survey(source: Source) -> Survey:
    """The first pass over the regions."""
    return bed.survey(_regions(source))


def read(source: Source) -> Iterator[Chunk]:
    """The sequence of each region's window, with a column of what each track says of it.

    The other columns are those of the regions; rows are lines of their file. A region of which no
    track says anything is left out.

    Raises
    ------
    BadSource
        If the track is no bigWig, is cut short or damaged, or is one of another genome.
    """
    regions = replace(
        _regions(source),
        windows=source.windows,
        chromosomes=source.chromosomes,
        places=source.places,
    )
    asked = {f"{COLUMN}_{one.name}": one for one in source.tracks} or {COLUMN: source}
    with ExitStack() as opened:
        tracks = [opened.enter_context(closing(_Track(*one))) for one in asked.items()]
        for track in tracks:
            track.check_names(regions)
        for chunk in bed.read(regions):
            values = np.array([track.values_of(chunk.table) for track in tracks])
            found = np.isfinite(values).any(axis=0)
            for _ in chunk.rows[~found]:
                source.places.count(source, "uncovered")
            if not found.any():
                continue
            kept = chunk.keep(found)
            texts = [_as_text(each) for each in values[:, found]]
            table = kept.table.assign(**dict(zip(asked, texts, strict=True)))
            columns = source.columns_of(list(table))
            yield replace(kept, table=table[list(columns.values())].set_axis(list(columns), axis=1))
    source.notes.extend([*regions.notes, *(note for track in tracks for note in track.notes)])


def _as_text(values: np.ndarray) -> list[str | None]:
    """Numbers as a table holds them, empty where there is none."""
    return [repr(float(value)) if np.isfinite(value) else None for value in values]


def _regions(source: Source) -> Source:
    """The source of the regions, under the name of that of the track."""
    if source.regions is None:
        raise source.bad(
            f"source {source.name!r} has no regions", "Name a source of format bed in `regions`"
        )
    return replace(source.regions, name=source.name, notes=[])


class _Track:
    """The values of a bigWig file, checked to be whole before its library sees it."""

    def __init__(self, column: str, source: Source):
        self._column, self._source = column, source
        self._summary = _SUMMARIES[source.settings["summary"]]
        self._uncovered = source.settings["uncovered"]
        _check_whole(source)
        try:
            self._file = pyBigWig.open(str(source.path))
            self._sizes = self._file.chroms()
        except RuntimeError as error:
            raise self._damaged() from error
        self._by_key = {chromosome_key(name): name for name in self._sizes}
        self.notes: list[str] = []

    def close(self) -> None:
        """Close its file."""
        self._file.close()

    def _damaged(self):
        remedy = "Delete the file and download it again"
        return self._source.bad(f"{self._source.path.name} is damaged", remedy)

    def _name(self, chromosome: str) -> str | None:
        if chromosome in self._sizes:
            return chromosome
        return self._by_key.get(chromosome_key(chromosome))

    def check_names(self, regions: Source) -> None:
        """Refuse a track that has none of the chromosomes of the regions."""
        absent = [name for name in regions.chromosomes if self._name(name) is None]
        if absent and len(absent) == len(regions.chromosomes):
            raise self._source.bad(
                f"it has none of the chromosomes of its regions, {listing(absent, 5)}",
                f"Take the track of the same genome; this one has {listing(list(self._sizes), 5)}",
            )
        pairs = [(name, self._name(name)) for name in regions.chromosomes]
        renamed = [f"{own} is {name}" for name, own in pairs if own not in (None, name)]
        if renamed:
            self.notes.append(
                f"Chromosomes of {self._source.path.name} under the names of its regions: "
                f"{listing(renamed, 10)}."
            )
        if absent:
            self.notes.append(
                f"{self._source.path.name} has no values on {listing(absent, 5)} (`uncovered`)."
            )

    def values_of(self, places: pd.DataFrame) -> list[float]:
        """What the track says of each place of a table; NaN where it says nothing."""
        names = places[["chromosome", "start", "end"]]
        return [
            self.value(name, int(start), int(end))
            for name, start, end in names.itertuples(index=False)
        ]

    def value(self, chromosome: str, start: int, end: int) -> float:
        """What the track says of a place; NaN where it says nothing, or what it says is refused."""
        values = self._values(chromosome, start, end)
        known = np.isfinite(values)
        if self._uncovered == "error" and not known.all():
            self._source.problem(
                f"{chromosome}:{start}-{end}",
                self._column,
                f"{np.count_nonzero(~known):,} of {end - start:,} bases have no value",
                "Set `uncovered: zero` or `ignore`, or leave the region out",
            )
        values = values[known] if self._uncovered == "ignore" else np.where(known, values, 0)
        if not len(values):
            return np.nan
        if self._source.settings["summary"] == "log1p_sum" and values.sum() <= -1:
            raise self._source.bad(
                f"its sum over {chromosome}:{start}-{end} is {values.sum():g}, which has no log1p",
                "Set `summary: mean`; this track holds negative values",
            )
        return float(self._summary(values))

    def _values(self, chromosome: str, start: int, end: int) -> np.ndarray:
        name = self._name(chromosome)
        if name is None:
            return np.full(end - start, np.nan)
        if end > self._sizes[name]:
            raise self._source.bad(
                f"{name} has {self._sizes[name]:,} bases in it, but a region ends at {end:,}",
                "Take the track of the same version of the genome",
            )
        try:
            return self._file.values(name, start, end, numpy=True).astype(np.float64)
        except RuntimeError as error:
            raise self._damaged() from error


def _kind(start: bytes) -> str:
    """What a file is that begins so, and is no bigWig."""
    if start[:4] in (struct.pack(f"{order}I", _BIGBED) for order in "<>"):
        return "a bigBed file"
    text = start.decode("latin-1").lstrip()
    if text.startswith(("fixedStep", "variableStep")) or "wiggle" in text:
        return "a wiggle file"
    if text.startswith(("#bedGraph", "track")) or re.match(r"\S+\t\d+\t\d+\t[-+.\d]", text):
        return "a bedGraph file"
    return "no bigWig file"


def _check_whole(source: Source) -> None:
    """Refuse what is no bigWig, or not all of one: the library would crash on it.

    A bigWig begins and ends with one number, and its header says where its parts lie (Kent et al.
    2010, Bioinformatics 26:2204, supplementary table 5).
    """
    size = source.path.stat().st_size
    with open(source.path, "rb") as file:
        start = file.read(64)
        file.seek(max(0, size - 4))
        end = file.read()
    order = next((o for o in "<>" if start[:4] == struct.pack(f"{o}I", _MAGIC)), None)
    if order is None:
        raise source.bad(f"{source.path.name} is {_kind(start)}", _REMEDIES[_kind(start)])
    places = struct.unpack(f"{order}QQQ", start[8:32]) if len(start) == 64 else (size,)
    if end != start[:4] or max(places) >= size:
        remedy = "Delete the file and download it again"
        raise source.bad(f"{source.path.name} is cut short", remedy)
