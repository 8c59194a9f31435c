"""What a file is, by what stands in it: sequences, a genome, intervals, a table, cells."""

import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pandas as pd
import yaml

from deeprules.compressed_files import open_binary, uncompressed_name
from deeprules.errors import InputError
from deeprules.ingest.file_kinds import find_other_kind, is_tar
from deeprules.ingest.problems import Problems
from deeprules.ingest.sample_files import sample_names
from deeprules.ingest.sources import Source
from deeprules.ingest.tables import pick, read_batches

SCHEMA = Path(__file__).parents[3] / "workflow" / "schemas" / "config.schema.yaml"
LOOKED_AT = 2000
"""Records of a sequence file, and lines of a BED file."""
MAX_ROWS = 50_000
GENOME_BASES = 20_000
"""Length of a first record from which on a FASTA file is taken for a genome."""
OF_TENX = ("features.tsv", "genes.tsv", "barcodes.tsv")
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
BIG_WIG = (b"\x26\xfc\x8f\x88", b"\x88\x8f\xfc\x26")


@dataclass(frozen=True)
class Seen:
    """A file, what it was taken for, and what of it was looked at.

    Attributes
    ----------
    kind : `fasta`, `genome`, `bed`, `bigwig`, `table`, `h5ad`, `tenx`, `archive`, or `none`
    table : first rows of a table (of the cells of an h5ad file), all text
    facts : `lengths` of sequences, and a pattern for a `header` whose first word is no name;
        `summits` of intervals; `layers` and `counts` of cells; `names` of the barcodes of a 10x
        file, or of the samples of an archive; `samples`, the table that a series matrix of GEO
        holds beside its numbers; `why` it is none of these
    """

    path: Path
    kind: str
    table: pd.DataFrame | None = None
    facts: Mapping = field(default_factory=dict)


def look_at(path: Path) -> Seen:
    """What a file is; one that cannot be used is of the kind `none`, with the reason."""
    try:
        return _look_at(path)
    except (InputError, OSError, LookupError, ValueError, TypeError, AttributeError) as error:
        return Seen(path, "none", facts={"why": str(error).replace("\n", " ")})


def _look_at(path: Path) -> Seen:
    if path.is_dir():
        return _look_at_folder(path)
    name = uncompressed_name(path.name)
    if name == "matrix.mtx":
        return _look_at_folder(path.parent)
    if name in OF_TENX and list(path.parent.glob("matrix.mtx*")):
        return Seen(path, "none", facts={"why": "it is read with the matrix.mtx beside it"})
    if is_tar(path):
        return _look_at_archive(path)
    with open(path, "rb") as file:
        start = file.read(8)
    if start.startswith(HDF5_MAGIC):
        return _look_at_hdf5(path)
    if start[:4] in BIG_WIG:
        return Seen(path, "bigwig")
    kind = find_other_kind(path)
    if kind is None:
        first = next(_lines(path), "")
        if first.startswith((">", "@")) and not first.startswith("@HD"):
            return _look_at_sequences(path)
        if (intervals := _as_intervals(path)) is not None:
            return intervals
    table = read_rows(path)
    if table.columns[0] == "Status" and "Assigned" in set(table["Status"]):
        return Seen(path, "none", facts={"why": "it is the summary of featureCounts"})
    start = next(_lines(path), "") if kind is None else ""
    facts = {"samples": read_rows(path, "table")} if start.startswith("!Series_") else {}
    return Seen(path, "table", table=table, facts=facts)


def _lines(path: Path) -> Iterator[str]:
    """Lines of a text file, without empty ones."""
    with open_binary(path) as file:
        for line in file:
            if text := line.decode("utf-8", "replace").rstrip("\r\n"):
                yield text


def _look_at_sequences(path: Path) -> Seen:
    lengths, words = [], []
    for line in islice(_lines(path), 50 * LOOKED_AT):
        if line.startswith(">"):
            lengths.append(0)
            words.append(line[1:].split()[0] if line[1:].split() else "")
        elif lengths:
            lengths[-1] += len(line.strip())
            if len(lengths) == 1 and lengths[0] > GENOME_BASES:
                return Seen(path, "genome")
    whole = lengths[:-1] or lengths  # the last one may not have been read to its end
    facts = {"lengths": (min(whole, default=0), max(whole, default=0))}
    if len(set(words)) < len(words):  # the first word is no name
        facts["header"] = "(?P<id>.+)"
    return Seen(path, "fasta", facts=facts)


def _as_intervals(path: Path) -> Seen | None:
    """A file of intervals without a header, or nothing."""
    found, columns = 0, 0
    for line in islice(_lines(path), LOOKED_AT):
        if line.startswith(("#", "track", "browser")):
            continue
        fields = line.split("\t")
        places = fields[1:3]
        if len(places) < 2 or not all(place.isdecimal() for place in places):
            return None
        if int(places[0]) >= int(places[1]):
            return None
        found, columns = found + 1, len(fields)
    return Seen(path, "bed", facts={"summits": columns == 10}) if found else None


def _look_at_folder(path: Path) -> Seen:
    """The folder of a 10x matrix."""
    names = {file.name.removesuffix(".gz"): file for file in sorted(path.iterdir())}
    if "matrix.mtx" not in names:
        return Seen(path, "none", facts={"why": "it is a folder without a matrix.mtx"})
    barcodes = names.get("barcodes.tsv")
    found = list(islice(_lines(barcodes), MAX_ROWS)) if barcodes else []
    return Seen(path, "tenx", facts={"names": found})


def _look_at_archive(path: Path) -> Seen:
    """An archive (tar) of files with one sample each."""
    with open_binary(path) as file, tarfile.open(fileobj=file) as archive:
        files = [member.name for member in archive if member.isfile()]
    return Seen(path, "archive", facts={"names": sample_names(files)})


def _look_at_hdf5(path: Path) -> Seen:
    """Cells of AnnData, or a matrix of Cell Ranger."""
    import h5py  # only where there is such a file

    with h5py.File(path) as file:
        if "matrix/barcodes" in file:
            names = [name.decode() for name in file["matrix/barcodes"][:MAX_ROWS]]
            return Seen(path, "tenx", facts={"names": names})
        if "obs" not in file:
            return Seen(path, "none", facts={"why": "it is HDF5, and neither h5ad nor of 10x"})
        layers = list(file.get("layers", {}))
        values = file["X/data"] if "X/data" in file else file.get("X")
        block = values[:LOOKED_AT] if values is not None else []
        counts = len(block) > 0 and bool((block >= 0).all() and (block % 1 == 0).all())
    from anndata.io import read_elem

    with h5py.File(path) as file:
        table = read_elem(file["obs"]).head(MAX_ROWS).astype(object)
    table = table.astype(str).where(table.notna(), None)
    return Seen(path, "h5ad", table=table, facts={"layers": layers, "counts": counts})


def read_rows(path: Path, format: str = "matrix") -> pd.DataFrame:
    """The first rows of a table, as the workflow reads it.

    Raises
    ------
    InputError
        If it is no table.
    """
    properties = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"]["data"]
    entry = properties["properties"]["sources"]["additionalProperties"]["properties"]
    settings = {key: value["default"] for key, value in entry.items() if "default" in value}
    settings["format"] = format
    parts, n_rows = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        source = Source(path.name, path, settings, Problems(), Path(scratch))
        for batch, _ in read_batches(source):
            parts.append(pick(batch, {name: name for name in batch.schema.names}))
            n_rows += len(parts[-1])
            if n_rows >= MAX_ROWS:
                break
    if not parts:
        raise InputError("there are no rows in it")
    return pd.concat(parts, ignore_index=True).head(MAX_ROWS)
