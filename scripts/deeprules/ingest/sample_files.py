"""A matrix that comes as one file a sample, in an archive or alone."""

import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from deeprules.compressed_files import open_binary
from deeprules.ingest.count_files import CountFile, aligned, read_count_file
from deeprules.ingest.damage import undamaged
from deeprules.ingest.file_kinds import is_tar
from deeprules.ingest.matrix_names import check_feature_names, is_read_counter, note_read_counters
from deeprules.ingest.sources import Chunk, Source, listing

_END = re.compile(
    r"[._-]*(ReadsPerGene\.out\.tab|htseq[._-]?counts?|featurecounts?|counts?|quant|abundance"
    r"|genes|isoforms|results|sf|txt|tsv|csv|tab|gz|bz2|xz|zst)\Z",
    re.IGNORECASE,
)
"""What programs put behind the name of a sample."""

_OF_GEO = re.compile(r"(GSM\d+)[_.-].*")
_NO_DATA = re.compile(r"(^|/)\.|\.(summary|log|json|html|md5|bam|bai)\Z", re.IGNORECASE)


def read_sample_files(source: Source) -> Iterator[Chunk]:
    """The samples of an archive (tar), one a file, all with the same features; or a single one.

    Raises
    ------
    BadSource
        If a file is no count of one sample, or has other features than the first one.
    """
    first, samples, values, row = None, [], [], 1
    for sample, found in _files(source):
        if first is None:
            first, is_counter = found, is_read_counter(found.names)
            names = found.names[~is_counter].tolist()
            check_feature_names(source, names)
            note_read_counters(source, found.names[is_counter].tolist())
        samples.append(sample)
        values.append(aligned(source, sample, first, found)[~is_counter])
        if len(samples) == source.rows_at_a_time(len(names)):
            yield _chunk(samples, values, row, names)
            row, samples, values = row + len(samples), [], []
    if samples:
        yield _chunk(samples, values, row, names)


def _chunk(samples: list[str], values: list[np.ndarray], row: int, names: list[str]) -> Chunk:
    table = pd.DataFrame({"id": samples}, dtype=object)
    return Chunk(table, np.array(values), np.arange(row, row + len(samples)), names)


def _files(source: Source) -> Iterator[tuple[str, CountFile]]:
    """Each file of an archive, or the only file, with the name of its sample."""
    if source.files:
        source.note(f"{len(source.files):,} files with one sample each")
        for sample, path in source.files.items():
            yield sample, read_count_file(replace(source, path=path, given=None), path.name)
        return
    if not is_tar(source.path):
        name = source.path.name
        yield sample_names([name])[0], read_count_file(source, name)
        return
    with (
        undamaged(source, source.path),
        open_binary(source.path) as file,
        closing(tarfile.open(fileobj=file)) as archive,
    ):
        members = [member for member in archive if member.isfile()]
        others = [member.name for member in members if _NO_DATA.search(member.name)]
        members = [member for member in members if member.name not in others]
        if others:
            source.note(f"files left out ({len(others):,}): {listing(others, 5)}")
        if not members:
            raise source.bad("the archive holds no files of counts", "Check where it comes from")
        samples = sample_names([member.name for member in members])
        source.note(
            f"{len(members):,} files with one sample each; {samples[0]} is {members[0].name}"
        )
        for sample, member in zip(samples, members, strict=True):
            path = source.scratch / f"{source.name}.{PurePosixPath(member.name).name}"
            with open(path, "wb") as plain:
                shutil.copyfileobj(archive.extractfile(member), plain)
            yield sample, read_count_file(replace(source, path=path), member.name)
            path.unlink()


def sample_names(files: Sequence[str]) -> list[str]:
    """Names of samples, by their files: without what programs and GEO (GSM1_...) put to them.

    The folder names the sample where all files have one name.
    """
    paths = [PurePosixPath(name) for name in files]
    if len(paths) > 1 and len({path.name for path in paths}) == 1:
        return [path.parent.name for path in paths]
    stems = [path.name for path in paths]
    while all(map(_END.search, stems)):
        shorter = [_END.sub("", stem) for stem in stems]
        if not all(shorter) or len(set(shorter)) < len(stems):
            break
        stems = shorter
    accessions = [_OF_GEO.sub(r"\1", stem) for stem in stems]
    return accessions if len(set(accessions)) == len(stems) else stems
