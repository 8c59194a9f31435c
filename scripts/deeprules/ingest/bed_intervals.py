"""Intervals of a BED source, each checked and cut out of the genome."""

import numpy as np
import pandas as pd

from deeprules.encoding import reverse_complement_letters
from deeprules.ingest.bed_lines import PLACE, Layout, is_header
from deeprules.ingest.genomes import Genome
from deeprules.ingest.interval_tables import of_another_format, whole_numbers
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.ingest.strands import ACCEPTED, REVERSE, UNSTRANDED, strand_of


class _LineError(Exception):
    """Column, problem and remedy of a line that cannot be used."""


class Intervals:
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
        strand, summit = self._strand_of(fields), self._summit_of(fields, start, end)
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
                whole_numbers(fields),
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

    def _summit_of(self, fields: list[str], start: int, end: int) -> int | None:
        """Bases from the start to the summit; None if there is none (-1) or none is wanted."""
        position, windows = self._layout.summit, self._source.windows
        if position is None or windows is None or windows.centre != "summit":
            return None
        text = fields[position]
        if text == "-1":
            return None
        if not text.isdecimal() or int(text) >= end - start:
            remedy = "Give the bases from its start to the summit, or -1 where there is none"
            if text.isdecimal() and start <= int(text) <= end:
                remedy = f"It is a place of the chromosome, as in the table of MACS. {remedy}"
            raise _LineError(
                "summit", f"{text!r} is no place in an interval of {end - start:,} bases", remedy
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
