"""Which columns of a matrix with samples in columns are samples, and which describe the features.

Known are the tables of featureCounts, tximport, the nf-core pipelines, GCT and GEO, and the usual
names of columns with annotations of genes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

import pyarrow as pa

from deeprules.ingest.sources import Source, listing

_OF_PLACES = frozenset(
    [
        *("chr", "chrom", "chromosome", "seqnames", "start", "end", "strand", "length", "width"),
        *("gene_length", "effective_length", "effectivelength", "description", "biotype"),
        *("gene_biotype", "gene_type"),
    ]
)
"""Columns, in lower case, that say where a feature lies and what it is."""

_OF_FEATURES = _OF_PLACES | frozenset(
    [
        *("gene", "gene_id", "geneid", "gene_name", "genename", "gene_symbol", "symbol", "tx"),
        *("entrezid", "entrez_id", "entrezgene", "entrezgene_id", "ensembl_gene_id", "ensembl"),
        *("transcript_id", "transcript_id(s)", "transcript_name", "transcript", "hgnc_symbol"),
        *(
            "external_gene_name",
            "protein.names",
            "protein.group",
            "genes",
            "first.protein.description",
        ),
    ]
)
"""Columns, in lower case, that name or describe features and are no samples."""

_GENES_IN_ROWS = ({"geneid", "chr", "start", "end", "strand", "length"}, {"gene_id", "gene_name"})
_ALIGNMENT = re.compile(
    r"([._-]?(Aligned|sorted|sortedByCoord|toTranscriptome|out|dedup|markdup|umi_dedup|unique"
    r"|filtered))*\.(bam|sam|cram)\Z",
    re.IGNORECASE,
)
_CHANGES = {"log2foldchange", "logfc", "avg_log2fc"}
_P_VALUES = {"pvalue", "p.value", "p_val", "padj", "adj.p.val", "fdr", "p_val_adj"}
_OF_TXIMPORT = {"abundance", "counts", "length"}
_TXIMPORT = re.compile(r"(abundance|counts|length)\.(.+)|countsFromAbundance()")


def has_genes_in_rows(names: Sequence[str]) -> bool:
    """Whether a header is one of the known tables that have a row for each gene."""
    known = {name.lower() for name in names}
    of_tximport = {match[1] for match in map(_TXIMPORT.fullmatch, names) if match}
    return any(columns <= known for columns in _GENES_IN_ROWS) or of_tximport >= _OF_TXIMPORT


def names_features(name: str) -> bool:
    """Whether a column of this name names or describes features."""
    return name.lower() in _OF_FEATURES


def sample_names(names: Sequence[str]) -> list[str]:
    """Names of samples among those on an axis: without annotations, paths and what aligners add."""
    kept = [name for name in names if name.lower() not in _OF_FEATURES]
    return _stems(kept) or kept


def without_dropped(source: Source, batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch without the columns that `drop` lists.

    Raises
    ------
    BadSource
        If there is no such column.
    """
    dropped = source.settings["drop"]
    if not dropped:
        return batch
    _check_dropped(source, batch.schema.names)
    source.note(f"columns left out, as `drop` says ({len(dropped):,}): {listing(dropped, 5)}")
    return batch.select([name for name in batch.schema.names if name not in set(dropped)])


def _check_dropped(source: Source, names: Sequence[str]) -> None:
    absent = [name for name in source.settings["drop"] if name not in names]
    if absent:
        raise source.bad(
            f"source {source.name!r} lacks the columns {', '.join(map(repr, absent))}",
            f"Correct `drop`; the file has {listing(names)}",
        )


def _refuse_results(source: Source, names: Sequence[str]) -> None:
    """Refuse what a test of differential expression gives: it has no sample in it."""
    known = {name.lower() for name in names}
    if known & _CHANGES and known & _P_VALUES:
        raise source.bad(
            "it is a table of results, as DESeq2, edgeR and limma give them, without samples",
            "Give the counts that the results were made from",
        )


@dataclass(frozen=True)
class SampleColumns:
    """Where the names of the features and the samples stand in a header.

    Attributes
    ----------
    names_at : position of the column that names the features
    positions : positions of the samples
    samples : their names, without the path and the suffixes of a file of alignments
    """

    names_at: int
    positions: list[int]
    samples: list[str]

    @classmethod
    def of(cls, source: Source, names: Sequence[str]) -> "SampleColumns":
        """The columns of a header; what is left out is noted.

        Raises
        ------
        BadSource
            If `drop` names no column, or no sample is left.
        """
        _check_dropped(source, names)
        _refuse_results(source, names)
        dropped = set(source.settings["drop"])
        annotations = [name for name in names if name.lower() in _OF_FEATURES]
        annotations = list(dict.fromkeys([*annotations, *source.annotations]))
        places = [name for name in names if name.lower() in _OF_PLACES or name in dropped]
        named = [name for name in annotations if name not in places]
        first = names[0] if names[0] not in places or not named else named[0]
        others = dropped | set(annotations) | {first}
        kept, prefix = _tximport(source, [name for name in names if name not in others])
        left_out = [name for name in names if name in others and name != first]
        if left_out:
            source.note(
                f"columns that are no samples were left out ({len(left_out):,}): "
                f"{listing(left_out, 6)}"
            )
        if not kept:
            raise source.bad(
                f"it has no column with a sample: {listing(names, 6)}",
                "Give a column for each sample, separated by commas, semicolons or tabs",
            )
        positions = [names.index(name) for name in kept]
        samples = _without_paths(source, [name.removeprefix(prefix) for name in kept])
        return cls(names.index(first), positions, samples)

    def pick(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The names of the features, then the samples."""
        names = batch.schema.names
        wanted = [self.names_at, *self.positions]
        return batch if wanted == list(range(len(names))) else batch.select(wanted)


def _tximport(source: Source, names: list[str]) -> tuple[list[str], str]:
    """The counts alone where a table holds all that tximport returns, and their prefix."""
    found = [_TXIMPORT.fullmatch(name) for name in names]
    kinds = {match[1] for match in found if match}
    if not all(found) or not kinds >= _OF_TXIMPORT:
        return names, ""
    source.note("it is a table of tximport; its columns `counts` were taken")
    return [match[0] for match in found if match[1] == "counts"], "counts."


def _without_paths(source: Source, samples: list[str]) -> list[str]:
    """Names of samples; where all are files of alignments, as featureCounts has it, their stems."""
    stems = _stems(samples)
    if not stems:
        return samples
    source.note(f"samples are called by their files of alignments: {stems[0]} is {samples[0]}")
    return stems


def _stems(names: Sequence[str]) -> list[str]:
    """Names of files of alignments without folders and endings; none if any is no such file."""
    if not all(_ALIGNMENT.search(name) for name in names):
        return []
    bases = [PurePosixPath(PureWindowsPath(name).as_posix()).name for name in names]
    stems = [_ALIGNMENT.sub("", name) for name in bases]
    return stems if len(set(stems)) == len(stems) and all(stems) else []
