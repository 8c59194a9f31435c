"""Several files of this machine as one source: a tar archive that the same files always give."""

import tarfile
from collections.abc import Sequence
from os.path import commonpath
from pathlib import Path
from typing import BinaryIO


def pack(files: Sequence[Path], output: BinaryIO) -> Path:
    """Write files into a tar archive, by their path from the folder that holds all of them.

    Dates and owners are left out: the checksum is that of names and contents alone.

    Returns
    -------
    That folder.
    """
    folder = Path(commonpath([file.absolute().parent for file in files]))
    with tarfile.open(fileobj=output, mode="w|") as archive:
        for file in sorted(files):
            member = tarfile.TarInfo(file.absolute().relative_to(folder).as_posix())
            member.size = file.stat().st_size
            with open(file, "rb") as content:
                archive.addfile(member, content)
    return folder
