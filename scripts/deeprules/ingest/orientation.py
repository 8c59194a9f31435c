"""Whether the samples of a matrix are in its rows or in its columns, where nobody said so."""

from collections.abc import Sequence

import pyarrow as pa

from deeprules.ingest.id_matching import alike_key, extract
from deeprules.ingest.matrix_columns import has_genes_in_rows, sample_names
from deeprules.ingest.sources import Source, listing
from deeprules.names import plain_name

ROWS, COLUMNS = "samples_in_rows", "samples_in_columns"
WHERE = {ROWS: "samples are in rows", COLUMNS: "samples are in columns"}
ENOUGH = 0.5
"""Share of the ids of the sample table, or of the names on an axis if they are fewer."""


def orientation_of(source: Source, batch: pa.RecordBatch) -> str:
    """What `orientation` says, or else what the file and its sample table show.

    Tables of known programs (GCT, GEO series, featureCounts, nf-core, tximport) have their samples
    in columns. Of others, that axis names the samples on which ids of the sample table stand, or
    names of columns that describe samples, or features of a model. Without any of these they are
    in rows.

    Parameters
    ----------
    batch : the first records of the file, all of it or a part

    Raises
    ------
    BadSource
        If `orientation` says one thing and the names another.
    """
    given = source.settings["orientation"]
    header = batch.schema.names
    first = batch.column(0).cast(pa.string()).drop_null().to_pylist()
    shown = {ROWS: _evidence(source, first, header), COLUMNS: _evidence(source, header[1:], first)}
    if given is None and (source.written_as or has_genes_in_rows(header)):
        return COLUMNS
    likely = [one for one, why in shown.items() if why]
    found = likely[0] if len(likely) == 1 else None
    if given is None:
        if found == COLUMNS:
            source.note(f"its {WHERE[found]}: {shown[found]}")
        return found or ROWS
    if found not in (None, given):
        raise source.bad(
            f"`orientation: {given}` does not fit, its {WHERE[found]}: {shown[found]}",
            f"Set `orientation: {found}`",
        )
    return given


def _evidence(source: Source, samples: Sequence[str], others: Sequence[str]) -> str:
    """What shows that one axis names the samples, and the other what is known of them, if anything.

    `samples` are the names on the axis of the samples, `others` those on the other one.
    """
    ids = _matching(source, sample_names(samples))
    if ids:
        n = f"{len(ids):,} of the {len(source.sample_keys):,} ids of the sample table"
        return f"{n} stand there, such as {listing(ids[:2])}"
    known = source.known_features
    wanted = known.intersection(map(plain_name, others))
    if wanted and len(wanted) >= ENOUGH * len(known):
        return f"{len(wanted):,} of the {len(known):,} features of the model would be theirs"
    described = source.described_by.intersection(map(plain_name, others))
    return f"{listing(sorted(described), 3)} would describe them" if described else ""


def _matching(source: Source, names: Sequence[str]) -> list[str]:
    """The names that are ids of the sample table, if these are enough."""
    pattern = source.settings["id_pattern"]
    ids = extract(pattern, names) if pattern else dict(zip(names, names, strict=True))
    found = [name for name, one in ids.items() if alike_key(one) in source.sample_keys]
    n = min(len(names), len(source.sample_keys))
    return found if n and len(found) >= ENOUGH * n else []
