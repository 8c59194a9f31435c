"""Tables of intervals that are not BED, told by header or fields, and what to do with them."""

import re
from collections.abc import Sequence

from deeprules.ingest.sources import Source

_PICARD = "@"
_COUNTED_FROM_1 = "whose places are counted from 1"


def refuse_header(source: Source, header: Sequence[str]) -> None:
    """Raise `BadSource` for the header of a table whose places are not counted as those of BED."""
    if "abs_summit" in header:
        raise source.bad(
            f"it is the table of MACS (xls), {_COUNTED_FROM_1}",
            "Give the narrowPeak or broadPeak file of the same run",
        )
    if header[0].lower() == "seqnames":
        raise source.bad(
            f"it is the table of a GRanges object of R, {_COUNTED_FROM_1}",
            'Write it with `rtracklayer::export(peaks, "peaks.bed")`, or take 1 from each start '
            "and call the first column `chrom`",
        )


def refuse_row_names(source: Source, header: Sequence[str], first: Sequence[str]) -> None:
    """Raise `BadSource` where a line has a field more than the header: R put a name before it."""
    if len(first) == len(header) + 1:
        raise source.bad(
            f"its lines have {len(first)} fields and its header {len(header)}, as R writes row "
            "names",
            "Write it with `write.table(..., row.names = FALSE)`",
        )


def refuse_shifted(source: Source, fields: Sequence[str]) -> None:
    """Raise `BadSource` where chromosome, start and end stand elsewhere than in BED."""
    if fields[0].startswith(_PICARD):
        raise source.bad(
            f"it is an interval list of Picard, {_COUNTED_FROM_1}",
            "Turn it into BED with `picard IntervalListToBed`",
        )
    is_place = len(fields) > 3 and fields[2].isdecimal() and fields[3].isdecimal()
    if is_place and not fields[1].isdecimal():
        raise source.bad(
            f"its chromosomes stand in the second field ({fields[1]!r}), as in peaks of HOMER, SAF "
            "and tables of UCSC with a `bin`",
            "Leave out the first field; HOMER and SAF count places from 1, so take 1 from each "
            "start of theirs",
        )


def of_another_format(fields: Sequence[str]) -> tuple[str, str] | None:
    """What the fields of a line are, if they are of GTF or VCF, and what to do about it."""
    if len(fields) < 5 or (fields[1].isdecimal() and fields[2].isdecimal()):
        return None
    if fields[3].isdecimal() and fields[4].isdecimal():
        remedy = "Write columns 1, 4 (less 1), 5 and 7 as the first three and the sixth of BED"
        return "it is a line of GTF or GFF", remedy
    if fields[1].isdecimal() and re.fullmatch("[ACGTN]+", fields[3], re.IGNORECASE):
        remedy = "Write the position less 1 and the position as start and end of BED; effects of "
        return "it is a line of VCF", f"{remedy}variants are asked for in the section `variants`"
    return None


def whole_numbers(fields: Sequence[str]) -> str:
    """What to do where the start or end of an interval is no whole number."""
    text = " ".join(fields[1:3])
    if re.search(r"\d[eE]\+?\d", text):
        return "A spreadsheet rounded it: take the interval from the file before that"
    if re.search(r"\d[, ']\d{3}", text):
        return "Write it without separators of thousands"
    return "Correct the interval"
