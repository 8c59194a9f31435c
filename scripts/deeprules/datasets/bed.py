"""Sequences of intervals (BED) in a genome (FASTA, plain or gzip-compressed)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pandas as pd

from deeprules.encoding import reverse_complement_letters
from deeprules.ingest.bed_lines import (
    PLACE,
    Layout,
    bed_lines,
    check_unused_strands,
    is_header,
    of_another_format,
)
from deeprules.ingest.genomes import Genome
from deeprules.ingest.interval_windows import Survey
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.ingest.strands import ACCEPTED, REVERSE, UNSTRANDED, strand_of

MODALITY = "sequence"
SETTINGS = ("genome",)
"""Settings of a source that only this reader has."""

_MOST_VALUES = 1000
"""Different values of a field that are kept to tell whether they are strands."""


def survey(source: Source) -> Survey:
    """A first pass: widths and chromosomes of the intervals, as far as they can be read.

    Raises
    ------
    BadSource
        If the file is no text, or holds strands in a field that is not read as one.
    """
    found, layout = Survey(), None
    seen: dict[int, set[str]] = {3: set(), 4: set(), 5: set()}
    for _, fields in bed_lines(source):
        layout = layout or Layout.of(source, fields)
        if is_header(fields):
            continue
        if source.places is not None and not source.places.wants(fields[0]):
            continue
        found.chromosomes[fields[0]] += 1
        if len(fields) > 2 and fields[1].isdecimal() and fields[2].isdecimal():
            found.widths[int(fields[2]) - int(fields[1])] += 1
        for position, values in seen.items():
            if len(layout.names) > position < len(fields) and len(values) < _MOST_VALUES:
                values.add(fields[position])
    if layout is not None and not any(found.widths) and not layout.names[2:]:
        raise source.bad(
            f"its lines have no three fields: {fields[0][:40]!r}",
            "Write chromosome, start (from 0) and end, with tabs between them",
        )
    if layout is not None:
        filled = {position: values for position, values in seen.items() if values}
        check_unused_strands(source, layout, filled)
        found.has_summits = layout.summit is not None
    found.widths = Counter({width: n for width, n in found.widths.items() if width > 0})
    return found


def read(source: Source) -> Iterator[Chunk]:
    """The sequence of each interval's window; on the strand `-`, its reverse complement.

    Columns are those of BED, `chromosome`, `start` (from 0), `end`, `name`, `score`, `strand`,
    then `column7` and so on. `chromosome`, `start` and `end` are those of the window that was cut,
    under the genome's names. Row numbers are line numbers.

    Raises
    ------
    BadSource
        If the genome or a compressed file is damaged, or the genome cannot be indexed.
    """
    with closing(Genome(source)) as genome:
        _check_chromosomes(source, genome)
        intervals = _Intervals(source, genome)
        chunk, letters = [], 0
        for row, fields in bed_lines(source):
            window = intervals.window(row, fields)
            if window is None:
                continue
            chunk.append((row, fields, window))
            letters += window["end"] - window["start"]
            if len(chunk) >= source.chunk_rows or letters >= source.chunk_values:
                yield intervals.chunk(chunk)
                chunk, letters = [], 0
        if chunk:
            yield intervals.chunk(chunk)
        source.notes.extend(genome.notes)


def windows(source: Source, genome: Genome) -> Iterator[tuple[str, int, int]]:
    """Chromosome, start and end of the window of each interval, without its sequence."""
    intervals = _Intervals(source, genome)
    for row, fields in bed_lines(source):
        window = intervals.window(row, fields)
        if window is not None:
            yield window["chromosome"], window["start"], window["end"]


def _check_chromosomes(source: Source, genome: Genome) -> None:
    """Refuse a source with intervals on chromosomes that its genome lacks, in one message."""
    absent = [name for name in source.chromosomes if genome.find(name) is None]
    if not absent:
        return
    n, total = sum(source.chromosomes[name] for name in absent), sum(source.chromosomes.values())
    remedy = f"Take the genome of the intervals; {source.genome.name} has "
    remedy += listing(list(genome.sizes), 10)
    which = f"all {total:,}" if n == total else f"{n:,} of {total:,}"
    if n < total:
        remedy += f". Or leave these out, `data: {{contigs: {{exclude: [{absent[0]}, ...]}}}}`"
    raise source.bad(
        f"{which} intervals lie on chromosomes that the genome lacks: {listing(absent, 10)}",
        remedy,
        "chromosome",
    )


class _LineError(Exception):
    """Column, problem and remedy of a line that cannot be used."""


class _Intervals:
    """The intervals of a source, each checked and cut."""

    def __init__(self, source: Source, genome: Genome):
        self._source, self._genome = source, genome
        self._layout: Layout | None = None
        if source.places is not None:
            self._blacklist = source.places.blacklisted(source, genome)
        given = source.settings["values"].get("strand")
        self._strand = None if given is None else strand_of(str(given))
        if given is not None and self._strand is None:
            raise source.bad(
                f"`values` has the strand {given!r}", f"Write one of {ACCEPTED}", "strand"
            )

    def window(self, row: int, fields: list[str]) -> dict | None:
        """What is cut out for the interval of a line; None if it is wrong, or left out."""
        if self._layout is None:
            self._layout = Layout.of(self._source, fields)
            if is_header(fields):
                return None
        try:
            return self._window(fields)
        except _LineError as error:
            self._source.problem(row, *error.args)
            return None

    def _window(self, fields: list[str]) -> dict | None:
        self._check_fields(fields)
        places = self._source.places
        if places is not None and not places.wants(fields[0]):
            return self._leave_out("contig")
        chromosome, start, end = self._place(fields)
        strand, summit = self._strand_of(fields), self._summit_of(fields, end - start)
        given, windows = end - start, self._source.windows
        if windows is not None:
            size = self._genome.sizes[chromosome]
            if windows.width > size:
                raise _LineError(
                    "chromosome",
                    f"{fields[0]} has {size:,} bases, fewer than the {windows.width:,} of a window",
                    "Leave the interval out, or set a smaller `width` of data.intervals",
                )
            cut = windows.cut(start, end, strand, summit, size)
            if cut is None:
                return self._leave_out("contig_end")
            start, end = cut
        if places is not None and self._blacklist.overlaps(chromosome, start, end):
            return self._leave_out("blacklist")
        place = {"chromosome": chromosome, "start": start, "end": end, "strand": strand}
        return {**place, "given_width": given}

    def _leave_out(self, reason: str) -> None:
        if self._source.places is not None:
            self._source.places.count(self._source, reason)

    def _check_fields(self, fields: list[str]) -> None:
        expected = max(3, len(self._layout.names))
        if is_header(fields):
            raise _LineError(
                "",
                f"{' '.join(fields[:3])!r} is a header, no interval",
                "Put a # before it, or leave it out",
            )
        if other := of_another_format(fields):
            raise _LineError("", *other)
        if len(fields) != expected:
            raise _LineError(
                "",
                f"{len(fields)} fields where {expected} are expected",
                "Give every line the same fields, at least chromosome, start and end",
            )

    def _place(self, fields: list[str]) -> tuple[str, int, int]:
        """The interval as it stands in the file, on the genome's own chromosome."""
        chromosome = self._genome.find(fields[0])
        if chromosome is None:
            own = listing(list(self._genome.sizes), 5)
            theirs = listing(list(self._source.chromosomes), 5)
            remedy = f"Use the names of {self._source.genome.name}: {own}"
            remedy += f" (those in this file: {theirs})" if theirs else ""
            raise _LineError("chromosome", f"{fields[0]!r} is not in the genome", remedy)
        if not (fields[1].isdecimal() and fields[2].isdecimal()):
            raise _LineError(
                "start, end",
                f"{fields[1]!r} and {fields[2]!r} are not both whole numbers from 0",
                "Correct the interval",
            )
        start, end, size = int(fields[1]), int(fields[2]), self._genome.sizes[chromosome]
        if start >= end or end > size:
            raise _LineError(
                "start, end",
                f"{start}-{end} is no interval of {fields[0]} ({size:,} bases)",
                "Keep 0 <= start < end <= length of the chromosome, in the genome's own version",
            )
        return chromosome, start, end

    def _strand_of(self, fields: list[str]) -> str:
        position = self._layout.strand
        if position is None:
            return self._strand or UNSTRANDED
        strand = strand_of(fields[position])
        if strand is None:
            raise _LineError(
                "strand",
                f"{fields[position]!r} is no strand",
                f"Write one of {ACCEPTED}, or give a field that is none another name, such as "
                "`columns: {cluster: strand}`",
            )
        if self._strand not in (None, strand):
            raise _LineError(
                "strand",
                f"{fields[position]!r} in the file, but {self._strand!r} in `values`",
                "Leave the strand out of `values`",
            )
        return strand

    def _summit_of(self, fields: list[str], width: int) -> int | None:
        """Bases from the start to the summit; None if there is none (-1) or none is wanted."""
        position, windows = self._layout.summit, self._source.windows
        if position is None or windows is None or windows.centre != "summit":
            return None
        text = fields[position]
        if text == "-1":
            return None
        if not text.isdecimal() or int(text) >= width:
            raise _LineError(
                "summit",
                f"{text!r} is no place in an interval of {width:,} bases",
                "Give the bases from its start to the summit, or -1 where there is none",
            )
        return int(text)

    def chunk(self, found: list[tuple[int, list[str], dict]]) -> Chunk:
        """The chunk of these lines."""
        rows, fields, windows = zip(*found, strict=True)
        table = pd.DataFrame(fields, columns=self._layout.names, dtype=object)
        columns = self._source.columns_of(self._layout.names)
        table = table[list(columns.values())].set_axis(list(columns), axis=1)
        cut = pd.DataFrame(windows)
        for name in (*PLACE, *(["strand"] if self._layout.strand is not None else [])):
            table[name] = cut[name].astype(str).astype(object)
        sequences = [self._sequence(window) for window in windows]
        return Chunk(
            table, sequences, np.array(rows), given_width=cut["given_width"].to_numpy(np.int64)
        )

    def _sequence(self, window: dict) -> str:
        sequence = self._genome.fetch(window["chromosome"], window["start"], window["end"])
        return reverse_complement_letters(sequence) if window["strand"] == REVERSE else sequence
