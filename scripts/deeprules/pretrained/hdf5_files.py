"""HDF5 files from outside, opened only if all that they hold lies in them.

HDF5 can name other files of the machine as its own content: external and soft links, external
storage, virtual data sets (https://docs.hdfgroup.org/hdf5/v1_14/group___d_c_p_l.html). Reading
such a file would copy those.
"""

from __future__ import annotations  # an old framework may come with an old Python

import io
import os
from collections.abc import Iterator
from pathlib import Path

import h5py

from deeprules.errors import InputError

MAX_OBJECTS = 200_000
MAX_RATIO = 100
"""How many times the size of its file the data in it may have; weights hardly compress."""
FREE_BYTES = 2**24
"""Bytes that the data may have whatever the size of the file."""


def open_h5(path: str | Path, content: io.BytesIO | None = None) -> h5py.File:
    """An HDF5 file for reading, looked through for what lies elsewhere.

    Parameters
    ----------
    content : the bytes of the file, where it is part of an archive `path`

    Raises
    ------
    InputError
        If it is cut short or damaged, or names other files.
    """
    try:
        file = h5py.File(path if content is None else content, "r")
    except OSError as error:
        raise InputError(
            f"{path}: the file is cut short or damaged ({error}). Check the address, and fetch it "
            "again."
        ) from error
    try:
        _refuse_outside(file, path, len(content.getvalue()) if content else os.stat(path).st_size)
    except BaseException:
        file.close()
        raise
    return file


def _refuse_outside(file: h5py.File, path: str | Path, size: int) -> None:
    """Refuse links and data sets that lead out of a file, and sizes that no file can hold."""
    total = 0
    try:
        for count, (name, item) in enumerate(_objects(file, path)):
            if count > MAX_OBJECTS:
                raise _hostile(path, f"it holds more than {MAX_OBJECTS:,} objects")
            if not isinstance(item, h5py.Dataset):
                continue
            if item.external or item.id.get_create_plist().get_external_count():
                raise _hostile(path, f"the data set `{name}` lies in another file (external)")
            if item.is_virtual:
                raise _hostile(path, f"the data set `{name}` is made of others (virtual)")
            total += item.size * item.dtype.itemsize if item.shape else 0
    except (KeyError, OSError, RuntimeError) as error:
        raise InputError(f"{path}: the file is damaged ({error}). Fetch it again.") from error
    if total > MAX_RATIO * size + FREE_BYTES:
        raise _hostile(path, f"its data sets claim {total:,} bytes in a file of {size:,}")


def _objects(file: h5py.File, path: str | Path) -> Iterator[tuple[str, h5py.HLObject]]:
    """All objects of a file, each once: hard links may lead in circles."""
    waiting, seen = [("", file["/"])], set()
    while waiting:
        place, item = waiting.pop()
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        yield place, item
        if not isinstance(item, h5py.Group):
            continue
        for name in item:
            inner = f"{place}/{name}"
            if not isinstance(item.get(name, getlink=True), h5py.HardLink):
                raise _hostile(path, f"`{inner}` is a link to something else")
            waiting.append((inner, item[name]))


def _hostile(path: str | Path, what: str) -> InputError:
    return InputError(
        f"{path}: {what}. A model holds its weights itself: nothing was taken over. Ask whoever "
        "made the file, and save the model anew."
    )
