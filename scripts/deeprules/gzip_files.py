"""Files compressed by gzip, and by bgzip, whose blocks give access by position."""

from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends every complete BGZF file (SAM specification, section 4.1.2)."""


def is_bgzf(path: Path) -> bool:
    """Whether a file is compressed in blocks (bgzip), which gives access by position."""
    with open(path, "rb") as file:
        start = file.read(16)
    return start[:4] == BGZF_END[:4] and start[12:14] == b"BC"


def lacks_end_block(path: Path) -> bool:
    """Whether a BGZF file was cut between two blocks, which shows nowhere else."""
    if not is_bgzf(path):
        return False
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - len(BGZF_END)))
        return file.read() != BGZF_END
