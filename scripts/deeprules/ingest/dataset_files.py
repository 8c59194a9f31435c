"""The files of a data set, written when all of its sources are read and agree."""

import logging
from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from deeprules.feature_store import SparseRows, dense, features_writer
from deeprules.files import whole_file, write_json, write_table, write_text
from deeprules.ingest.id_patterns import respelt_notes
from deeprules.ingest.match_table import COLUMNS as MATCH_COLUMNS
from deeprules.ingest.spool import stored_sparse

log = logging.getLogger("deeprules")

HASH_BYTES = 8


def write_dataset(built, outputs) -> None:
    """Turn the spools into the files of the data set.

    Parameters
    ----------
    built : the data set as `deeprules.ingest.building` read and settled it
    outputs : paths `examples`, `features`, `dataset`, `feature_names` and `negatives`
    """
    n_rows = sum(spool.n_rows for spool in built.spools)
    schema = built.columns.final_schema
    with (
        whole_file(outputs.features) as features_path,
        whole_file(outputs.examples) as examples_path,
        features_writer(
            features_path,
            built.features.dtype,
            (n_rows, built.features.width),
            stored_sparse(built.spools, n_rows * built.features.width),
        ) as add,
        pa.parquet.ParquetWriter(examples_path, schema) as writer,
    ):
        for columns, rows in _blocks(built):
            add(rows)
            writer.write_table(built.columns.finish(columns, schema))
    write_text(outputs.feature_names, "".join(f"{name}\n" for name in built.features.names))
    drawn = pd.DataFrame(columns=list(MATCH_COLUMNS))
    if built.negatives is not None:
        drawn = built.negatives.table.distributions
    write_table(outputs.negatives, drawn)
    write_json(outputs.dataset, _facts(built, n_rows))


def _blocks(built) -> Iterator[tuple[pa.Table, np.ndarray | SparseRows]]:
    """Examples with their hashes, and features as they are written, some rows at a time."""
    for spool in built.spools:
        step = spool.source.rows_at_a_time(built.features.width)
        for columns, values in spool.blocks(step):
            has_length = "raw_length" in columns.column_names
            lengths = columns["raw_length"].to_numpy() if has_length else None
            rows = built.features.block(values, lengths, spool.source.name)
            turned = built.features.reverse(rows, lengths)
            content = row_hashes(rows)
            canonical = content if turned is rows else np.minimum(content, row_hashes(turned))
            columns = columns.append_column("content_hash", pa.array(content))
            yield columns.append_column("canonical_hash", pa.array(canonical)), rows


def _facts(built, n_rows: int) -> dict:
    """What `dataset.json` says."""
    notes = [*built.columns.notes, *built.selection.notes, *built.features.notes]
    notes += [note for source in built.sources.values() for note in source.notes]
    notes += respelt_notes(built.sources.values())
    notes += built.windows.notes if built.windows is not None else []
    notes += built.places.notes
    notes += built.negatives.table.notes if built.negatives is not None else []
    for name, samples in built.samples.items():
        if samples.unused:
            notes.append(f"Rows of the sample table {name} without an example: {samples.unused:,}.")
    for note in notes:
        log.info("Note: %s", note)
    return {
        "modality": built.data["modality"],
        "task": built.columns.labels.task_of_data,
        "classes": built.columns.labels.classes,
        "labels": list(built.columns.labels.names),
        "n_examples": n_rows,
        "n_features": built.features.width,
        "covariates": built.columns.covariates,
        "subgroups": built.columns.subgroups,
        "has_batch": built.data["batch"] is not None,
        "has_group": built.data["group"] is not None,
        "strand": built.data["strand"],
        "transform": built.data["transform"],
        "highly_variable": built.data["highly_variable"],
        "batch_correction": built.data["batch_correction"],
        "sparse": stored_sparse(built.spools, n_rows * built.features.width),
        "intervals": built.windows.facts if built.windows is not None else None,
        "negatives": built.negatives.table.facts if built.negatives is not None else None,
        "sources": {spool.source.name: spool.n_rows for spool in built.spools},
        "left_out": [*built.places.records, *built.left_out.records],
        "notes": notes,
        **built.features.facts,
    }


def row_hashes(rows: np.ndarray | SparseRows) -> np.ndarray:
    """Hash of each row (N, P) as `uint64` (N): the first 8 bytes of BLAKE2b of its bytes.

    A sparse row has the hash of the same row that is dense.
    """
    rows = np.ascontiguousarray(dense(rows))
    digests = b"".join(blake2b(row).digest()[:HASH_BYTES] for row in rows)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
