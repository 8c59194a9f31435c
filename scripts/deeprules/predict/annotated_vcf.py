"""A VCF file with the effects of its variants in INFO fields; all else stays as it is.

Effects that it already has, of another model or an earlier run, are taken out: of two values in one
field a reader takes the first.
Lines are edited as text: files whose headers lack contigs or fields, as many do, pass unharmed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow.parquet
import pysam

from deeprules.compressed_files import open_binary
from deeprules.files import whole_file

CHUNK = 10_000
FIELDS = {
    "effect": ("DR_EFFECT", "Effect on the prediction, alternative less reference allele"),
    "effect_sd": ("DR_SD", "Standard deviation of the effect over fits"),
    "p_value": ("DR_P", "p against the same changes in shuffles of the same sequences"),
}
"""Column of the table of effects: INFO field and what it says; several classes have one each."""
TRAINING = "DR_TRAINING"
OURS = re.compile(r"DR_(EFFECT|SD|P|TRAINING)(_[A-Za-z0-9_.]*)?")
"""Names of fields that are written here, with a class or without."""
OF_OURS = re.compile(rf"##deeprules=|##INFO=<ID={OURS.pattern}[,>]")
"""How lines of a head begin that are written here."""
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def write_annotated(
    effects: str | Path,
    output: str | Path,
    header: Sequence[str],
    chromosomes: Mapping[str, int],
    vcf: str | Path | None = None,
) -> int:
    """Write variants with their effects as VCF, compressed by bgzip; how many lines have one.

    Parameters
    ----------
    effects : table of effects (Parquet), in the order of the lines of its source
    header : sentences for the head of the file
    chromosomes : bases of each chromosome
    vcf : the VCF file that the variants were read from; None for a table, whose variants are put
        in the order of chromosomes and places
    """
    fields = _fields(pyarrow.parquet.read_schema(effects).names)
    lines = _of_table(effects, chromosomes) if vcf is None else _of_vcf(effects, Path(vcf))
    n = 0
    with whole_file(output) as unfinished, pysam.BGZFile(str(unfinished), "w") as file:
        contigs = dict(chromosomes)
        for line, alleles in lines:
            if OF_OURS.match(line):
                continue
            if line.startswith("##"):
                contigs.pop(next(iter(re.findall(r"^##contig=<ID=([^,>]+)", line)), None), None)
            elif line.startswith("#"):
                line = "".join(_header_lines(header, fields, contigs)) + line
            else:
                line, n = _annotated(line, alleles, fields), n + bool(alleles)
            file.write(line.encode("utf-8", "surrogateescape"))
    return n


def _fields(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """INFO field and description of each column that is written."""
    classes = [one[len("effect_") : -len("_sd")] for one in columns if one.endswith("_sd")]
    if "effect" in columns:
        return {column: FIELDS[column] for column in FIELDS if column in columns}
    found = {}
    for name, plain in zip(classes, _plain(classes), strict=True):
        of_class = {"effect": f"effect_{name}", "effect_sd": f"effect_{name}_sd"}
        of_class["p_value"] = f"p_value_{name}"
        for key, column in of_class.items():
            field, text = FIELDS[key]
            if column in columns:
                found[column] = (f"{field}_{plain}", f"{text}: {name}")
    return found


def _plain(names: Sequence[str]) -> list[str]:
    """Names in the letters of a field, each another: `CD4_` and `CD4__2` for `CD4+` and `CD4-`."""
    found: list[str] = []
    for name in names:
        first = plain = re.sub(r"[^A-Za-z0-9_.]", "_", name)
        number = 1
        while plain in found:
            number += 1
            plain = f"{first}_{number}"
        found.append(plain)
    return found


def _header_lines(header: Sequence[str], fields: Mapping, contigs: Mapping[str, int]):
    """What is put to the head of a file."""
    for name, text in fields.values():
        yield f'##INFO=<ID={name},Number=A,Type=Float,Description="{_quoted(text)}">\n'
    text = "The place lies in a training example of the model"
    yield f'##INFO=<ID={TRAINING},Number=0,Type=Flag,Description="{text}">\n'
    for name, size in contigs.items():
        yield f"##contig=<ID={name},length={size}>\n"
    for line in header:
        yield f"##deeprules={line}\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _annotated(line: str, alleles: list[dict], fields: Mapping) -> str:
    """A line with the effects of its alternative alleles, and no others."""
    if not alleles and "DR_" not in line:
        return line
    cells = line.rstrip("\r\n").split("\t")
    n_alleles, added = cells[4].count(",") + 1, []
    for column, (name, _) in fields.items():
        values = ["."] * n_alleles
        for one in alleles:
            if one[column] is not None and one[column] == one[column]:
                values[one["allele"] - 1] = f"{one[column]:.7g}"
        if set(values) != {"."}:
            added.append(f"{name}={','.join(values)}")
    if any(one["training"] for one in alleles):
        added.append(TRAINING)
    known = [] if cells[7] in (".", "") else cells[7].split(";")
    known = [one for one in known if not OURS.fullmatch(one.partition("=")[0])]
    cells[7] = ";".join([*known, *added]) or "."
    return "\t".join(cells) + "\n"


def _effects(effects: str | Path) -> Iterator[dict]:
    with pyarrow.parquet.ParquetFile(effects) as file:
        for batch in file.iter_batches(CHUNK):
            yield from batch.to_pylist()


def _of_vcf(effects: str | Path, path: Path) -> Iterator[tuple[str, list[dict]]]:
    """Each line of a VCF file, with the effects of its alleles if it has some."""
    by_row = ((row, list(rows)) for row, rows in groupby(_effects(effects), lambda one: one["row"]))
    row, alleles = next(by_row, (None, []))
    with open_binary(path) as file:
        for number, line in enumerate(file, start=1):
            text = line.decode("utf-8", "surrogateescape")
            if number == row:
                yield text, alleles
                row, alleles = next(by_row, (None, []))
            else:
                yield text, []


def _of_table(effects, chromosomes: Mapping[str, int]) -> Iterator[tuple[str, list[dict]]]:
    """Lines of a VCF file made of the variants of a table."""
    order = {name: place for place, name in enumerate(chromosomes)}
    yield "##fileformat=VCFv4.2\n", []
    yield COLUMNS, []
    rows = sorted(_effects(effects), key=lambda one: (order[one["chromosome"]], one["position"]))
    for one in rows:
        name = re.sub(r"[\s;]", "_", one["id"])
        cells = [one["chromosome"], one["position"], name, one["ref"], one["alt"], ".", ".", "."]
        yield "\t".join(map(str, cells)) + "\n", [{**one, "allele": 1}]
