"""`.keras` files, which are ZIP archives, opened only if they are what Keras writes."""

from __future__ import annotations  # an old framework may come with an old Python

import io
import re
import stat
import zipfile
from pathlib import Path

from deeprules.errors import InputError
from deeprules.pretrained.hdf5_files import FREE_BYTES, MAX_RATIO, open_h5

CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
MEMBER = re.compile(r"(assets/)?([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_.-]*")
MAX_JSON = 2**26


def archived_config(path: Path) -> bytes:
    """The JSON of the model in a `.keras` file, whose members were looked through.

    Raises
    ------
    InputError
        If the archive is damaged, none of Keras, or holds what leads out of it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, path)
            names = archive.namelist()
            text = archive.read(CONFIG) if CONFIG in names else None
            weights = io.BytesIO(archive.read(WEIGHTS)) if WEIGHTS in names else None
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{path}: the archive is cut short or damaged ({error}). Check the address, and fetch "
            "it again."
        ) from error
    if text is None:
        pickled = any(name.endswith(".pkl") for name in names)
        raise InputError(
            f"{path}: {'is a PyTorch pickle' if pickled else 'has no config.json'}, not a `.keras` "
            "file. A model of another framework is given as a Kipoi folder."
        )
    if weights is not None:
        open_h5(f"{path}: {WEIGHTS}", weights).close()
    return text


def _check_members(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse names that lead elsewhere, links, names given twice, and members of absurd size."""
    members = archive.infolist()
    allowed = MAX_RATIO * path.stat().st_size + FREE_BYTES
    if sum(member.file_size for member in members) > allowed:
        raise _refused(path, "unpacked it would be absurdly large (a ZIP bomb)")
    if len({member.filename for member in members}) < len(members):
        raise _refused(path, "two of its members have one name")
    for member in members:
        name = member.filename
        if not MEMBER.fullmatch(name) or ".." in Path(name).parts:
            raise _refused(path, f"its member {name[:80]!r} has a name that Keras would not give")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _refused(path, f"its member {name!r} is a link")
        if name == CONFIG and member.file_size > MAX_JSON:
            raise _refused(path, f"its {CONFIG} has {member.file_size:,} bytes")


def _refused(path: Path, what: str) -> InputError:
    return InputError(f"{path}: {what}; it was not opened. Save the model anew as `.keras`.")
