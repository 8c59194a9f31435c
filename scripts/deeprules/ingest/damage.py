"""Files that are damaged, cut short or of another kind than their format says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deeprules.compressed_files import DAMAGE
from deeprules.gzip_files import lacks_end_block
from deeprules.ingest.file_kinds import find_other_kind
from deeprules.ingest.sources import Source

_AGAIN = "Delete the file and download it again"


@contextmanager
def intact(source: Source, path: Path | None = None, any_kind: bool = False) -> Iterator[None]:
    """Around the reading of text, plain or compressed; with `any_kind`, of anything.

    Raises
    ------
    BadSource
        If the file is of another kind, such as Excel, or its compression is broken or cut short.
    """
    path = path or source.path
    kind = None if any_kind else find_other_kind(path, source.settings.get("encoding"))
    if kind is not None:
        raise source.bad(f"{path.name} is {kind.name}", kind.remedy)
    if lacks_end_block(path):
        raise source.bad(f"{path.name} is cut short (no end block)", _AGAIN)
    with undamaged(source, path):
        yield


@contextmanager
def undamaged(source: Source, path: Path) -> Iterator[None]:
    """Around the reading of a compressed file or an archive.

    Raises
    ------
    BadSource
        If it is broken or cut short.
    """
    try:
        yield
    except DAMAGE as error:
        if getattr(error, "errno", None) is not None:
            raise  # Of the disk, not of what is on it.
        raise source.bad(f"{path.name} is cut short or damaged ({error})", _AGAIN) from error
