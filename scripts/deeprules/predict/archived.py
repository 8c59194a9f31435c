"""A packed model that came as one file: a zip or tar of a released folder, or of a packed model."""

import shutil
import tarfile
import zipfile
from pathlib import Path

from deeprules.errors import InputError
from deeprules.files import whole_folder
from deeprules.wording import listed

KINDS = {b"PK": "zip", b"\x1f\x8b": "gztar", b"BZh": "bztar", b"\xfd7zXZ": "xztar"}
"""First bytes of archives that are compressed."""


def unpack_model(archive: str | Path, folder: str | Path) -> None:
    """Take the packed model out of an archive.

    Parameters
    ----------
    archive : zip, or tar that may be compressed; the model lies in any folder of it
    folder : folder to make; one that exists is replaced

    Raises
    ------
    InputError
        If the file is no whole archive, or holds no model or several.
    """
    kind = _kind(archive)
    options = {} if kind == "zip" else {"filter": "data"}  # zip has no such option, and needs none
    with whole_folder(folder) as unfinished:
        everything = unfinished / "everything"
        try:
            shutil.unpack_archive(archive, everything, kind, **options)
        except (shutil.ReadError, tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise InputError(
                f"{archive}: cannot be unpacked ({error}). `run` takes a folder, or a zip or "
                "tar of one."
            ) from error
        found = sorted(everything.rglob("model.json"), key=lambda path: len(path.parts))
        if not found:
            raise InputError(_without_model(archive, everything))
        beside = [one for one in found if len(one.parts) == len(found[0].parts)]
        if len(beside) > 1:
            folders = listed([str(one.parent.relative_to(everything)) for one in sorted(beside)])
            raise InputError(
                f"{archive}: holds several packed models, in {folders}: which of them is meant is "
                "not known. Name a zip of one, or unpack it and name its folder."
            )
        for path in found[0].parent.iterdir():
            path.rename(unfinished / path.name)
        shutil.rmtree(everything)


def _kind(archive: str | Path) -> str:
    """What `shutil` calls the kind of an archive, by its first bytes: a name may be any."""
    with open(archive, "rb") as file:
        first = file.read(8)
    return next((kind for begin, kind in KINDS.items() if first.startswith(begin)), "tar")


def _without_model(archive: str | Path, everything: Path) -> str:
    if any(everything.rglob("ro-crate-metadata.json")):
        return (
            f"{archive}: is the archive of a run, which holds no fitted model: whether one may "
            "leave is for `snakemake release` to tell. Name a released folder, or a zip of it."
        )
    return f"{archive}: holds no packed model (no model.json). Name a zip of a released folder."
