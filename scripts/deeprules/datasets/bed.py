"""Sequences of intervals (BED) in a genome (FASTA, plain or gzip-compressed)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from deeprules.ingest.bed_intervals import Intervals
from deeprules.ingest.bed_lines import Layout, bed_lines, check_unused_strands, is_header
from deeprules.ingest.genomes import Genome
from deeprules.ingest.interval_tables import refuse_row_names, refuse_shifted
from deeprules.ingest.interval_windows import Survey
from deeprules.ingest.sources import Chunk, Source, listing

MODALITY = "sequence"
SETTINGS = ("genome",)
"""Settings of a source that only this reader has."""

_LOOKED_AT = 3
"""Lines that tell tables of other programs; the first may be a header that is not known as one."""
_MOST_VALUES = 1000
"""Different values of a field that are kept to tell whether they are strands."""


def survey(source: Source) -> Survey:
    """A first pass: widths and chromosomes of the intervals, as far as they can be read.

    Raises
    ------
    BadSource
        If the file is no text, or holds strands in a field that is not read as one.
    """
    found, layout, n_looked_at = Survey(), None, 0
    seen: dict[int, set[str]] = {3: set(), 4: set(), 5: set()}
    for _, fields in bed_lines(source):
        layout = layout or Layout.of(source, fields)
        if is_header(fields):
            continue
        if n_looked_at < _LOOKED_AT:
            n_looked_at += 1
            refuse_shifted(source, fields)
            refuse_row_names(source, layout.names, fields)
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
        intervals = Intervals(source, genome)
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
    intervals = Intervals(source, genome)
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
