"""Counts of one sample a file: HTSeq, STAR, Salmon, kallisto, RSEM, featureCounts, two columns."""

import csv
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from deeprules.ingest.file_kinds import is_parquet, is_workbook
from deeprules.ingest.matrix_columns import names_features
from deeprules.ingest.sources import Source, listing
from deeprules.ingest.text_lines import open_text, read_blocks

COUNT_COLUMNS = {
    ("Name", "Length", "EffectiveLength", "TPM", "NumReads"): "NumReads",  # Salmon
    ("target_id", "length", "eff_length", "est_counts", "tpm"): "est_counts",  # kallisto
    ("gene_id", "transcript_id(s)", "length", "effective_length", "expected_count"): (
        "expected_count"  # RSEM, genes
    ),
    ("transcript_id", "gene_id", "length", "effective_length", "expected_count"): (
        "expected_count"  # RSEM, transcripts
    ),
}
"""First columns of the files of each program, and the one with the counts."""

FEATURE_COUNTS = ("Geneid", "Chr", "Start", "End", "Strand", "Length")
STAR = ("unstranded", "forward", "reverse")
"""What the columns of STAR's ReadsPerGene.out.tab after the first count."""

_SHOWN_BYTES = 4096


@dataclass(frozen=True)
class CountFile:
    """The counts of one sample.

    Attributes
    ----------
    names : (P) names of its features
    counts : (P) counts, `float64`
    """

    names: np.ndarray
    counts: np.ndarray


def is_count_file(source: Source) -> bool:
    """Whether a file, by its first line, has the counts of one sample alone."""
    if is_parquet(source.path) or is_workbook(source.path):
        return False
    with open_text(source) as file:
        lines = file.read(_SHOWN_BYTES).decode("utf-8", "replace").splitlines()
    cells = next((line for line in lines if line and line[0] != "#"), "").split("\t")
    is_star = len(cells) == 4 and cells[0] == "N_unmapped"
    return is_star or tuple(cells[:5]) in COUNT_COLUMNS


def read_count_file(source: Source, name: str) -> CountFile:
    """The counts of one sample; `name` is what a message calls the file.

    Raises
    ------
    BadSource
        If it has several samples, is no table, or it is not clear which counts are meant.
    """
    with open_text(source) as file:
        text = b"".join(block.text for block in read_blocks(source, file))
    text = re.sub(rb"\A(\s*#[^\n]*\n|\n)+", b"", text)
    first = text.partition(b"\n")[0].decode()
    delimiter = next((one for one in ("\t", ",", ";") if one in first), "\t")
    cells = next(csv.reader([first], delimiter=delimiter), [])
    at, has_header = _column(source, name, cells, text, delimiter)
    try:
        table = pa.csv.read_csv(
            pa.py_buffer(text),
            pa.csv.ReadOptions(
                autogenerate_column_names=True, skip_rows=int(has_header), use_threads=False
            ),
            pa.csv.ParseOptions(delimiter=delimiter),
            pa.csv.ConvertOptions(column_types={f"f{i}": pa.string() for i in (0, at)}),
        )
    except pa.ArrowInvalid as error:
        raise source.bad(f"{name}: it is no table ({error})", "Copy it again") from error
    texts = table.column(f"f{at}").to_pandas()
    counts = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(np.isnan(counts))
    if len(wrong):
        gene = table.column("f0")[int(wrong[0])].as_py()
        raise source.bad(
            f"{name}, row {gene!r}: {texts.iloc[wrong[0]]!r} is no number", "Correct it"
        )
    return CountFile(table.column("f0").to_pandas().to_numpy(object), counts)


def _column(
    source: Source, name: str, cells: list[str], text: bytes, delimiter: str
) -> tuple[int, bool]:
    """Position of the counts, and whether the first line is a header."""
    for columns, wanted in COUNT_COLUMNS.items():
        if tuple(cells[: len(columns)]) == columns:
            return cells.index(wanted), True
    if tuple(cells[:6]) == FEATURE_COUNTS and len(cells) == 7:
        return 6, True
    # A sample may be called by a number.
    has_header = bool(cells) and (names_features(cells[0]) or not _is_number(cells[-1]))
    if len(cells) == 4 and cells[0] == "N_unmapped":
        return _star_column(source, text), False
    if len(cells) == 2 or (len(cells) == 3 and not _is_number(cells[1]) and not has_header):
        return len(cells) - 1, has_header
    raise source.bad(
        f"{name} has {len(cells):,} columns ({listing(cells, 5)}): it is no file with the counts "
        "of one sample",
        "Give files of HTSeq, STAR, Salmon, kallisto, RSEM or featureCounts, or of two columns; "
        "a matrix of several samples is a source of its own",
    )


def _star_column(source: Source, text: bytes) -> int:
    """The column of STAR's file that `strandedness` says."""
    chosen = source.settings["strandedness"]
    if chosen is not None:
        return 1 + STAR.index(chosen)
    rows = [line.split(b"\t") for line in text.split(b"\n") if line and not line.startswith(b"N_")]
    sums = {kind: sum(int(row[1 + at]) for row in rows) for at, kind in enumerate(STAR)}
    found = ", ".join(f"{kind} {total:,}" for kind, total in sums.items())
    likely = _likely_strandedness(sums)
    raise source.bad(
        f"a file of STAR has three counts for each gene ({found} in the first one)",
        f"Say which, with `strandedness: {' | '.join(STAR)}`; these look like {likely}",
    )


def _likely_strandedness(sums: dict[str, int]) -> str:
    """What the sums over genes look like: a library with strands has nearly all reads on one."""
    forward, reverse = sums["forward"], sums["reverse"]
    if max(forward, reverse) < 3 * min(forward, reverse):
        return "unstranded"
    return "forward" if forward > reverse else "reverse"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def aligned(source: Source, sample: str, first: CountFile, other: CountFile) -> np.ndarray:
    """Counts of a further file in the order of the first one.

    Raises
    ------
    BadSource
        If the two do not have the same features.
    """
    if len(first.names) == len(other.names) and (first.names == other.names).all():
        return other.counts
    index = pd.Index(other.names)
    source.refuse_repeats(
        index, f"features that stand more than once in {sample}", "Give every feature one row"
    )
    positions = index.get_indexer(first.names)
    lacking = first.names[positions < 0]
    more = np.setdiff1d(other.names.astype(str), first.names.astype(str))
    if len(lacking) or len(more):
        lacks = f"lacks {len(lacking):,} features of the first file ({listing(lacking, 3)})"
        has = f"has {len(more):,} that the first one lacks ({listing(more, 3)})"
        told = [words for words, names in ((lacks, lacking), (has, more)) if len(names)]
        raise source.bad(
            f"the file of {sample} {' and '.join(told)}",
            "Count all samples with one annotation",
        )
    return other.counts[positions]
