"""Numbers in a table, samples in rows or in columns: text (also GCT, GEO), Excel or Parquet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from deeprules.ingest.count_files import is_count_file
from deeprules.ingest.file_kinds import is_tar
from deeprules.ingest.matrix_columns import SampleColumns, without_dropped
from deeprules.ingest.matrix_names import (
    check_feature_names,
    check_header,
    check_lost_names,
    check_no_description,
    check_summary,
    find_ids,
    is_read_counter,
    note_read_counters,
)
from deeprules.ingest.number_marks import COMMAS, POINT
from deeprules.ingest.orientation import COLUMNS, ROWS, orientation_of
from deeprules.ingest.sample_files import read_sample_files
from deeprules.ingest.sources import BadSource, Chunk, Source, listing
from deeprules.ingest.tables import pick, read_batches

MODALITY = "tabular"
SETTINGS = (
    "orientation",
    "metadata",
    "drop",
    "delimiter",
    "decimal",
    "thousands",
    "comment",
    "skip_rows",
    "sheet",
    "strandedness",
    "files",
)
"""Settings of a source that only readers of tables have."""


Batches = Iterator[tuple[pa.RecordBatch, np.ndarray]]

_IN_ROWS = "Correct it, or list it in `metadata` if it describes the sample"
_IN_COLUMNS = (
    "Correct it, or list the column in `drop` if it describes the features, "
    "the row in `metadata` if it describes the samples"
)
"""What to do about text among the numbers."""


def read(source: Source) -> Iterator[Chunk]:
    """The numbers of each sample, with the columns that `metadata` says are no features.

    The column that `columns` calls `id`, or that is called so, names the samples; else the first
    column, if it has no name or holds a different text in each row. With `samples_in_columns` the
    header names the samples and the first column the features; rows listed in `metadata` describe
    the samples. Left out are the columns of `drop` and, with samples in columns, those known to
    describe features, and rows and columns that a read counter adds.

    An archive (tar) of files with one sample each, as HTSeq, STAR or Salmon write them, is read
    as one matrix; the names of the files are those of the samples. So are files that each have an
    address, under the names that the configuration gives them.

    Raises
    ------
    BadSource
        If the file is not a table, has no features or names one twice, lacks what `metadata`
        lists, or it is not clear what names the samples.
    """
    if source.files or is_tar(source.path) or is_count_file(source):
        yield from read_sample_files(source)
        return
    batches = read_batches(source)
    first = next(batches, None)
    if first is not None:
        check_summary(source, first[0])
        by_orientation = {ROWS: _samples_in_rows, COLUMNS: _samples_in_columns}
        yield from by_orientation[orientation_of(source, first[0])](source, chain([first], batches))


def _samples_in_rows(source: Source, batches: Batches) -> Iterator[Chunk]:
    positions: list[int] = []
    for batch, rows in batches:
        batch = without_dropped(source, batch)
        if not positions:
            check_header(source, batch.schema.names)
            described, names, positions = _sort_columns(source, batch)
        chunk = Chunk(pick(batch, described), np.empty(0), rows)
        values = _numbers(
            source,
            [batch.column(position) for position in positions],
            lambda feature, sample, chunk=chunk, names=names: chunk.place(sample, names[feature]),
            _IN_ROWS,
        )
        yield Chunk(chunk.table, np.ascontiguousarray(values.T), rows, names)


def _sort_columns(source: Source, batch: pa.RecordBatch) -> tuple[dict[str, str], list, list]:
    """What describes a sample, `{name here: name in the file}`; the features and where they are."""
    names = batch.schema.names
    columns = source.columns_of(names)
    metadata = source.settings["metadata"]
    source.check_nested(metadata)
    absent = [name for name in metadata if name not in columns and name not in names]
    if absent:
        raise _no_metadata(source, absent, names)
    identity = find_ids(source, batch, columns)
    known = {*metadata, identity}
    described = {new: old for new, old in columns.items() if new in known or old in known}
    features = {new: old for new, old in columns.items() if new not in described}
    counters = is_read_counter(list(features))
    note_read_counters(source, list(compress(features, counters)))
    features = dict(compress(features.items(), ~counters))
    if not features:
        raise source.bad("no column is a feature", "Shorten `metadata`")
    check_no_description(source, list(features))
    check_lost_names(source, list(features), "Name them in the header, or list them in `metadata`")
    where = {name: position for position, name in enumerate(names)}
    positions = [where[old] for old in features.values()]
    if identity is not None:
        described["id"] = identity
    return described, list(features), positions


def _no_metadata(source: Source, absent: Sequence[str], present: Sequence[str]) -> BadSource:
    return source.bad(
        f"source {source.name!r} lacks the metadata {', '.join(map(repr, absent))}",
        f"Correct `metadata`; the file has {listing(present)}",
    )


def _numbers(
    source: Source,
    columns: Sequence[pa.Array],
    place: Callable[[int, int], tuple[str, str]],
    remedy: str,
) -> np.ndarray:
    """The C columns of a batch of R rows as `float64` (C, R).

    `place(column, row)` says where a cell stands in the file. What is not a number is reported,
    with the `remedy`, and becomes 0, so that it does not count as missing too.
    """
    shape = (len(columns), len(columns[0]))
    try:
        cells = [column.cast(pa.float64(), safe=False) for column in columns]
        return pa.chunked_array(cells).to_numpy().reshape(shape)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # One cell is enough: find all.
        text = pa.chunked_array([column.cast(pa.string()) for column in columns]).to_pandas()
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, copy=True)
    wrong = np.isnan(values) & text.notna().to_numpy()
    with_commas = wrong & text.str.fullmatch(COMMAS).fillna(False).to_numpy(dtype=bool)
    for cells, mend in ((with_commas, POINT), (wrong & ~with_commas, remedy)):
        source.problem_at(
            np.flatnonzero(cells),
            lambda cell: (
                *place(*np.unravel_index(cell, shape)),
                f"{text.iloc[cell]!r} is no number",
            ),
            mend,
        )
    values[wrong] = 0
    return values.reshape(shape)


@dataclass
class _Turned:
    """A matrix with samples in columns, on disk as tiles of all samples and some features."""

    features: list[str] = field(default_factory=list)
    tiles: list[Path] = field(default_factory=list)
    described: dict[str, list] = field(default_factory=dict)
    counters: list[str] = field(default_factory=list)


def _samples_in_columns(source: Source, batches: Batches) -> Iterator[Chunk]:
    turned, found = _Turned(), None
    for batch, _ in batches:
        if found is None:
            check_header(source, batch.schema.names)
            found = SampleColumns.of(source, batch.schema.names)
            check_lost_names(source, found.samples, "Name them in the header, or `drop` them")
        _turn(source, found.pick(batch), found.samples, turned)
    if found is None:
        return
    samples = found.samples
    _check_features(source, turned)
    note_read_counters(source, turned.counters)
    columns = source.columns_of(list(turned.described))
    step = source.rows_at_a_time(len(turned.features))
    for start in range(0, len(samples), step):
        part = slice(start, start + step)
        described = {new: turned.described[old][part] for new, old in columns.items()}
        table = pd.DataFrame({"id": samples[part], **described})
        tiles = [np.load(tile, mmap_mode="r")[part] for tile in turned.tiles]
        rows = np.arange(start, start + len(table)) + 1
        yield Chunk(table, np.concatenate(tiles, axis=1), rows, turned.features, True)


def _turn(source: Source, batch: pa.RecordBatch, samples: Sequence[str], turned: _Turned) -> None:
    """Add the features of a batch to the tiles, and its metadata to what describes the samples."""
    names = pd.Index(batch.column(0).cast(pa.string()).fill_null("").to_pylist(), dtype=object)
    is_metadata = names.isin([*source.settings["metadata"], *source.described])
    for position in np.flatnonzero(is_metadata):
        cells = [column[int(position)].as_py() for column in batch.columns[1:]]
        turned.described[names[position]] = [None if cell is None else str(cell) for cell in cells]
    is_counter = is_read_counter(names) & ~is_metadata
    turned.counters += names[is_counter].tolist()
    is_feature = ~is_metadata & ~is_counter
    if not is_feature.all():
        batch, names = batch.filter(pa.array(is_feature)), names[is_feature]
    if len(names) == 0:
        return
    check_no_description(source, names)
    values = _numbers(
        source,
        batch.columns[1:],
        lambda sample, feature: (names[feature], samples[sample]),
        _IN_COLUMNS,
    )
    turned.features += names.tolist()
    turned.tiles.append(source.scratch / f"{source.name}.{len(turned.tiles)}.npy")
    np.save(turned.tiles[-1], values)


def _check_features(source: Source, turned: _Turned) -> None:
    check_feature_names(source, turned.features)
    absent = [name for name in source.settings["metadata"] if name not in turned.described]
    if absent:
        raise _no_metadata(source, absent, turned.features)
    if not turned.features:
        raise source.bad("no row is a feature", "Shorten `metadata`")
