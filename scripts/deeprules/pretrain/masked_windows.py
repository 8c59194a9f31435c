"""Windows of unlabelled sequences, and the masking of bases in them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deeprules.encoding import INVALID, PADDING, codes_of, letter_bytes
from deeprules.errors import InputError
from deeprules.files import whole_file
from deeprules.ingest.fasta_records import read_records
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Source

KNOWN = np.array([1, 2, 4, 8], dtype=np.uint8)
"""Codes of A, C, G and T."""
MIN_KNOWN = 0.5
"""Share of bases of a window that must be known."""


def cut_windows(path: str | Path, length: int, output: str | Path) -> int:
    """Cut the sequences of a FASTA file into windows and write them as `uint8` codes (N, length).

    The windows of a sequence follow each other without overlap and lie in its middle; a shorter
    sequence is one window, padded on both sides. Windows of which less than half of the bases are
    known are left out. The file is read as a stream.

    Parameters
    ----------
    path : FASTA file, plain or gzip-compressed
    length : bases of a window
    output : `.npy` file

    Returns
    -------
    The number of windows.

    Raises
    ------
    InputError
        If the file is not FASTA, is damaged, holds letters that are no bases, or gives no window.
    """
    count = 0
    with whole_file(output) as unfinished:
        raw = unfinished.with_suffix(".raw")
        with open(raw, "wb") as file:
            for name, sequence in _records(Path(path)):
                windows = _windows(name, sequence, length, path)
                windows.tofile(file)
                count += len(windows)
        if not count:
            raise InputError(f"{path}: holds no window of {length} bases with known bases.")
        np.save(unfinished, np.memmap(raw, dtype=np.uint8, mode="r", shape=(count, length)))
    return count


def _records(path: Path) -> Iterator[tuple[str, str]]:
    """Name and sequence of each record."""
    for record in read_records(Source(path.name, path, {}, Problems(), path.parent)):
        yield record.name, record.sequence


def _windows(name: str, sequence: str, length: int, path: str | Path) -> np.ndarray:
    """Windows (n, length) of one sequence."""
    codes = codes_of(letter_bytes([sequence])[0])
    if (codes == INVALID).any():
        place = int(np.argmax(codes == INVALID))
        raise InputError(
            f"{path}: {name}, base {place + 1}: {sequence[place]!r} is no base. Give DNA sequences."
        )
    if len(codes) < length:
        before = (length - len(codes)) // 2
        edges = (before, length - len(codes) - before)
        codes = np.pad(codes, edges, constant_values=PADDING)
    number = len(codes) // length
    start = (len(codes) - number * length) // 2
    windows = codes[start : start + number * length].reshape(number, length)
    return windows[np.isin(windows, KNOWN).mean(axis=1) >= MIN_KNOWN]
