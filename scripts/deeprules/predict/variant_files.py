"""Variants as they stand in a VCF file or a table, one alternative allele at a time."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pysam

from deeprules.compressed_files import DAMAGE, is_compressed, open_binary
from deeprules.gzip_files import is_bgzf, lacks_end_block
from deeprules.ingest.sources import Source
from deeprules.ingest.tables import pick, read_batches

BASES = frozenset("ACGT")
COLUMNS = ("chromosome", "position", "ref", "alt")
IUPAC = "Write alleles with A, C, G and T alone: another letter leaves open which base is meant"
ANCHOR = "Write an insertion or deletion as in VCF, with the base before it in both alleles"


@dataclass(frozen=True)
class Variant:
    """One alternative allele.

    Attributes
    ----------
    row : line in its file
    allele : number of the alternative allele in that line, from 1
    chromosome, position : of the first base of `ref`, from 1, as in VCF
    id : its name, or `<chromosome>:<position>:<ref>:<alt>`
    ref, alt : bases in upper case; `alt` is None if the line gives no sequence of it
    """

    row: int
    allele: int
    chromosome: str
    position: int
    id: str
    ref: str
    alt: str | None


def read_variants(source: Source) -> Iterator[Variant]:
    """Variants of a source, in the order of its file.

    Alleles with letters other than A, C, G and T (in any case) are noted with their line in the
    problems of the source.

    Raises
    ------
    BadSource
        If the file is damaged, or is not what its format says.
    """
    reader = _read_vcf if source.settings["format"] == "vcf" else _read_table
    for found in reader(source):
        if _is_sound(source, found):
            yield found


def _is_sound(source: Source, found: Variant) -> bool:
    """Whether all letters are bases; if not, the problem is noted."""
    for name, allele in (("REF", found.ref), ("ALT", found.alt)):
        if allele in ("-", ""):
            problem, remedy = f"the allele {allele!r} of {found.id} is empty", ANCHOR
        elif allele is not None and set(allele) - BASES:
            letter = sorted(set(allele) - BASES)[0]
            problem, remedy = f"the allele {allele[:20]!r} of {found.id} holds {letter!r}", IUPAC
        else:
            continue
        source.problem(found.row, name, problem, remedy)
        return False
    return True


def _read_vcf(source: Source) -> Iterator[Variant]:
    remedy = "Give a VCF file, plain or compressed by bgzip or gzip"
    if lacks_end_block(source.path):
        raise source.bad("it is cut short (no end block)", "Download it again")
    try:
        row = header_lines(source.path)
    except DAMAGE as error:
        raise source.bad(f"it is damaged ({error})", "Download it again") from error
    if not row:
        raise source.bad("its first line is not `##fileformat=VCF...`", remedy)
    try:
        with pysam.VariantFile(str(seekable(source.path, source.scratch))) as file:
            for record in file:
                row += 1
                alleles = record.alts or (None,)
                for number, alt in enumerate(alleles, start=1):
                    yield _variant(row, number, record.contig, record.pos, record.id,
                                   record.ref, alt)  # fmt: skip
    except (OSError, ValueError, EOFError) as error:
        raise source.bad(f"it cannot be read after line {row:,} ({error})", remedy) from error


def seekable(path: Path, scratch: Path) -> Path:
    """The file, unpacked into a folder if it was compressed by gzip alone, not by bgzip."""
    if not is_compressed(path) or is_bgzf(path):
        return path
    unpacked = scratch / "unpacked.vcf"
    with open_binary(path) as packed, open(unpacked, "wb") as plain:
        shutil.copyfileobj(packed, plain, 2**20)
    return unpacked


def header_lines(path: Path) -> int:
    """Lines before the first variant of a VCF file; 0 if it does not begin as one."""
    lines = 0
    with open_binary(path) as file:
        for line in file:
            is_first = line.startswith(b"##fileformat=VCF")
            if not line.startswith(b"#") or not (lines or is_first):
                break
            lines += 1
    return lines


def _variant(row, number, chromosome, position, name, ref, alt) -> Variant:
    """A variant with its alleles in upper case; one without a sequence has none."""
    is_symbolic = alt is None or alt in ("*", ".") or any(one in alt for one in "<>[]")
    ref, alt = ref.upper(), None if is_symbolic else alt.upper()
    if not (isinstance(name, str) and name):
        name = f"{chromosome}:{position}:{ref}:{alt or '.'}"
    return Variant(row, number, chromosome, int(position), name, ref, alt)


def _read_table(source: Source) -> Iterator[Variant]:
    for batch, rows in read_batches(source):
        columns = source.columns_of(batch.schema.names)
        missing = [name for name in COLUMNS if name not in columns]
        if missing:
            raise source.bad(
                f"there is no column {', '.join(missing)}",
                "Name it, such as `columns: {position: pos}`",
            )
        names = [*COLUMNS, *(["id"] if "id" in columns else [])]
        table = pick(batch, {name: columns[name] for name in names})
        for row, values in zip(rows, table.itertuples(index=False), strict=True):
            found = values._asdict()
            if not _is_place(source, row, found):
                continue
            alleles = str(found["alt"]).split(",")
            for number, alt in enumerate(alleles, start=1):
                yield _variant(int(row), number, found["chromosome"], found["position"],
                               found.get("id"), str(found["ref"]), alt)  # fmt: skip


def _is_place(source: Source, row: int, found: dict) -> bool:
    """Whether a row of a table names a place and both alleles; if not, the problem is noted."""
    empty = [name for name in COLUMNS if not isinstance(found[name], str)]
    if empty:
        source.problem(row, empty[0], f"there is no {empty[0]}", "Fill it in")
    elif not found["position"].isdecimal() or int(found["position"]) < 1:
        problem = f"{found['position']!r} is no position"
        source.problem(row, "position", problem, "Give a whole number of bases, from 1")
    else:
        return True
    return False
