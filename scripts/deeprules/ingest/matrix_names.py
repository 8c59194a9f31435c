"""Which names of a matrix are those of samples and of features, and which are of neither."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from deeprules.ingest.matrix_columns import has_genes_in_rows
from deeprules.ingest.row_counters import MIN_ROWS
from deeprules.ingest.sources import Source, listing
from deeprules.ingest.spreadsheet_marks import note_marks
from deeprules.ingest.table_layout import ROW_NAMES

READ_COUNTERS = frozenset(
    [
        *("__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned"),  # HTSeq
        "__alignment_not_unique",
        *("no_feature", "ambiguous", "too_low_aQual", "not_aligned"),  # HTSeq before 0.5.4
        "alignment_not_unique",
        *("_ambiguous", "_ambiguous_readpair_position", "_empty", "_lowaqual"),  # DEXSeq
        "_notaligned",
        *("N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"),  # STAR
    ]
)
"""What read counters add to their tables for reads that belong to no gene."""

_OF_SAMPLES = re.compile(
    r"(subject|patient|donor|participant|individual|animal|mouse|sample|batch|plate|lane|centre"
    r"|center|site|fold|split|partition|group|class|label|target|outcome)"
    r"([ _.-]?(id|no|nr|num|number|code))?",
    re.IGNORECASE,
)
_UNASSIGNED = re.compile(r"Unassigned_\w+")  # The summary of featureCounts.
_LOST_NAME = re.compile(r"Unnamed: \d+(_level_\d+)?|\.\.\.\d+")  # From pandas, from R.


def find_ids(source: Source, batch: pa.RecordBatch, columns: Mapping[str, str]) -> str | None:
    """The column of a batch that names the samples; None, with a note, if there is none.

    `columns` are those of the file, `{name here: name in the file}`. A column that is asked for
    or called `id` is believed. The first one has to show it: by a different text in each row.

    Raises
    ------
    BadSource
        If the first column may hold ids or a feature, or has one text twice.
    """
    if ROW_NAMES in columns:
        return columns[ROW_NAMES]
    first = batch.schema.names[0]
    metadata = source.settings["metadata"]
    name = next(new for new, old in columns.items() if old == first)
    if name not in metadata and first not in metadata:
        text = batch.column(0).cast(pa.string()).to_pandas()
        numbers = pd.to_numeric(text, errors="coerce")
        distinct = not text.duplicated().any()
        if numbers.isna().any():
            return _named_by_text(source, first, text)
        if distinct and (numbers % 1 == 0).all():
            raise source.bad(
                f"the first column, {first!r}, holds numbers: it may be the ids or a feature",
                f"If it is the ids, say so: `columns: {{id: {first!r}}}`; if it counts the rows "
                "or describes the samples, list it in `metadata`; if it is a feature, put a "
                "column called id before it",
            )
    source.notes.append(
        f"No column of {source.name} names the samples: each is called by the number of its row."
    )
    return None


def _named_by_text(source: Source, first: str, text: pd.Series) -> str:
    twice = text[text.duplicated() & text.notna()].unique()
    if len(twice):
        raise source.bad(
            f"the first column, {first!r}, does not name the samples: {listing(twice, 5)} "
            "appear more than once",
            "Name the column with the ids, `columns: {id: its name}`, or list the first one in "
            "`metadata`",
        )
    return first


def check_header(source: Source, names: Sequence[str]) -> None:
    """Refuse a first line that is a row of numbers, not names, and genes where samples should be.

    Raises
    ------
    BadSource
        If the matrix has such a header.
    """
    has_genes = has_genes_in_rows(names) or source.written_as
    if source.settings["orientation"] == "samples_in_rows" and has_genes:
        raise source.bad(
            f"its rows are genes: {listing(names, 4)}", "Set `orientation: samples_in_columns`"
        )
    numbers = pd.to_numeric(pd.Series(names[1:], dtype=object), errors="coerce").to_numpy(float)
    # Whole numbers name genes in some data bases; wavelengths and times rise.
    is_row = (
        np.isfinite(numbers).all() and (numbers % 1 != 0).any() and (np.diff(numbers) <= 0).any()
    )
    if is_row or is_read_counter(names[:1]).any():
        raise source.bad(
            f"the first line is no header: {listing(names, 4)}", "Add a line with the names"
        )


def check_summary(source: Source, batch: pa.RecordBatch) -> None:
    """Refuse the summary that featureCounts writes beside its counts.

    Raises
    ------
    BadSource
        If the records are those of one.
    """
    rows = batch.column(0).cast(pa.string()).to_pylist()
    if batch.schema.names[0] == "Status" and "Assigned" in rows:
        raise source.bad(
            "it is the summary of featureCounts", "Give the file beside it, without `.summary`"
        )


def check_no_description(source: Source, names: Sequence[str]) -> None:
    """Refuse features with the name of a column that is asked for, before they are numbers.

    Raises
    ------
    BadSource
        If there are such features.
    """
    described = sorted(source.described_by.intersection(names))
    if described:
        raise source.bad(
            f"{listing(described)}: among the features of source {source.name!r}",
            f"List it in `metadata: [{', '.join(described)}]`: what describes a sample must not be "
            "a feature",
        )


def is_read_counter(names: Sequence[str]) -> np.ndarray:
    """Which names (P) are those that a read counter adds for reads of no gene."""
    found = [name in READ_COUNTERS or bool(_UNASSIGNED.fullmatch(name)) for name in names]
    return np.array(found, dtype=bool)


def note_read_counters(source: Source, names: Sequence[str]) -> None:
    """Say that these rows or columns, added by a read counter, were left out."""
    if len(names):
        source.notes.append(
            f"{source.name}: {len(names)} counts of reads that belong to no gene were left out "
            f"({listing(names)})."
        )


def check_lost_names(source: Source, names: Sequence[str], remedy: str) -> None:
    """Refuse names that pandas (`Unnamed: 0`) or R (`...1`) gives to columns without one.

    Raises
    ------
    BadSource
        If there are such names.
    """
    lost = [name for name in names if _LOST_NAME.fullmatch(name)]
    if lost:
        raise source.bad(
            f"columns that lost their names ({len(lost):,}): {listing(lost, 5)}", remedy
        )


def note_names(source: Source, names: Sequence[str]) -> None:
    """Say which features have names that a spreadsheet or a description of samples gives."""
    note_marks(source, names)
    found = [name for name in names if _OF_SAMPLES.fullmatch(name)]
    if found:
        source.notes.append(
            f"{source.name}: features whose names are those of what describes a sample "
            f"({len(found):,}): {listing(found, 5)}. List them in `metadata` if they are none."
        )


def check_feature_names(source: Source, names: Sequence[str]) -> None:
    """Refuse a first column that does not name the features: empty, repeated or numbers.

    Whole numbers name genes in some data bases; numbers of rows do not.

    Raises
    ------
    BadSource
        If the names are such.
    """
    index = pd.Index(names)
    if "" in index:
        raise source.bad(
            "a feature has no name", "Fill the first column in every row, or remove empty rows"
        )
    numbers = pd.to_numeric(pd.Series(names, dtype=object), errors="coerce").to_numpy(float)
    is_sequence = len(numbers) >= MIN_ROWS and (np.diff(numbers) == 1).all()
    is_number = np.isfinite(numbers)
    if len(numbers) and is_number.all() and (is_sequence or (numbers % 1 != 0).any()):
        raise source.bad(
            f"the first column holds numbers, not the names of the features: {listing(names, 4)}",
            "Put the names first, and correct `orientation` if the samples are in rows",
        )
    source.refuse_repeats(
        index, "features that appear more than once", "Give every feature one row"
    )
