"""Lines of a BED file, and which of their fields is what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from deeprules.ingest.interval_tables import refuse_header
from deeprules.ingest.sources import Source
from deeprules.ingest.strands import is_sign, is_word, strand_of
from deeprules.ingest.text_lines import read_lines

COLUMNS = ("chromosome", "start", "end", "name", "score", "strand")
PLACE = COLUMNS[:3]
NARROW_PEAK = 10
"""Columns of a narrowPeak file; the last is the summit, from the start of the interval."""

_QUOTED = re.compile(r'\A"(.*)"\Z')
_NOT_INTERVALS = ("track", "browser")
_HEADERS = ("chrom", "chr", "chromosome", "seqnames", "seqname", "contig")


@dataclass(frozen=True)
class Layout:
    """Names of the fields of every line, and where strand and summit stand, if anywhere."""

    names: list[str]
    strand: int | None
    summit: int | None

    @classmethod
    def of(cls, source: Source, first: list[str]) -> "Layout":
        """The layout of a source with this first line, which may be a header.

        Raises
        ------
        BadSource
            If `columns` or `values` of the source would move its intervals, or the header is none
            of intervals that are counted from 0.
        """
        n_fields = len(first)
        names = [*COLUMNS, *(f"column{i + 1}" for i in range(len(COLUMNS), n_fields))][:n_fields]
        if is_header(first):
            names = _names_of(source, first)
        chosen, values = source.settings["columns"], source.settings["values"]
        moved = [name for name in PLACE if chosen.get(name, name) != name or name in values]
        if moved:
            raise source.bad(
                f"{', '.join(moved)} of an interval cannot come from elsewhere",
                "Leave it out of `columns` and `values`: in BED they are the first three fields",
            )
        source.columns_of(names)
        where = {name: position for position, name in enumerate(names)}
        is_narrow_peak = n_fields == NARROW_PEAK and not is_header(first)
        summit = NARROW_PEAK - 1 if is_narrow_peak else None
        renamed = "strand" in chosen.values() and "strand" not in chosen
        return cls(
            names,
            strand=None if renamed else where.get(chosen.get("strand", "strand")),
            summit=where[chosen["summit"]] if "summit" in chosen else summit,
        )


def _names_of(source: Source, header: list[str]) -> list[str]:
    """Names of the columns of a table of intervals; the first three are those of BED."""
    refuse_header(source, header)
    names = [*PLACE, *header[3:]]
    remedy = "Give each column a name of its own"
    source.refuse_repeats(pd.Index(names), "names that stand more than once in its header", remedy)
    return names


def bed_lines(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines that hold an interval, as fields.

    Fields are separated by tabs, or by blanks if there is no tab in the line. Quotes around a
    field, as R writes them, are no part of it, and a place such as 120.0 is a whole number.
    """
    for row, line in read_lines(source):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.split("\t" if "\t" in line else None)
        if " " in line:
            fields = [text.strip() for text in fields]
        if '"' in line:
            fields = [_QUOTED.sub(r"\1", text) for text in fields]
        fields[1:3] = [text.removesuffix(".0") for text in fields[1:3]]
        if fields[0].split(" ")[0] not in _NOT_INTERVALS:
            yield row, fields


def is_header(fields: list[str]) -> bool:
    """Whether the fields of a line are names of columns."""
    if len(fields) < 3 or fields[1][:1].isdigit():
        return False
    first, start, end = (name.lower() for name in fields[:3])
    return first in _HEADERS or (start.endswith("start") and end.endswith("end"))


def check_unused_strands(source: Source, layout: Layout, seen: dict[int, set[str]]) -> None:
    """Refuse strands in a field that is not read as the strand.

    That is the fourth or fifth, where there is no sixth, and the sixth under another name.

    Parameters
    ----------
    seen : some values of each of these fields, by position

    Raises
    ------
    BadSource
        With the setting that makes them count.
    """
    used = set(source.settings["columns"].values())
    for position, values in seen.items():
        name = layout.names[position]
        if layout.strand is not None or "strand" in source.settings["values"]:
            continue
        if name in used and name != "strand":
            continue
        all_strands = all(strand_of(value) for value in values) and any(map(is_word, values))
        if all_strands or any(map(is_sign, values)) or {"1", "-1"} <= values <= {"1", "-1", "0"}:
            otherwise = "" if name == "strand" else f", or `{{{name}: {name}}}` if they are none"
            raise source.bad(
                f"field {position + 1} holds strands, but is not read as the strand",
                f"Set `columns: {{strand: {name}}}`{otherwise}",
                "strand",
            )
