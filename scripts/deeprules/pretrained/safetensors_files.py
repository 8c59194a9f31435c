"""Files of safetensors, which hold numbers alone: their header says what is in them.

The format is eight bytes with the length of a JSON header, the header, and the numbers
(https://github.com/huggingface/safetensors#format). The header is read here, so that a file can be
judged before anything loads it.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path

from deeprules.errors import InputError

LENGTH_BYTES = 8
MAX_HEADER = 100_000_000
"""Bytes of the longest header that the format allows."""


def count_weights(paths: Iterable[str | Path]) -> int:
    """How many numbers all tensors of some files hold together.

    Raises
    ------
    InputError
        If a file is cut short, or is none of safetensors.
    """
    return sum(
        math.prod(tensor["shape"]) for path in paths for tensor in read_header(path).values()
    )


def read_header(path: str | Path) -> dict[str, dict]:
    """{tensor: {"dtype", "shape", "data_offsets"}} of one file, whose size was held against it.

    Raises
    ------
    InputError
        If the file is cut short, or is none of safetensors.
    """
    size = Path(path).stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if not 2 <= length <= min(MAX_HEADER, size - LENGTH_BYTES):
            raise _broken(path, "it does not begin with a header of the format")
        text = file.read(length)
    try:
        header = {
            name: tensor for name, tensor in json.loads(text).items() if name != "__metadata__"
        }
        ends = [int(tensor["data_offsets"][1]) for tensor in header.values()]
        is_plain = all(
            type(axis) is int and axis >= 0 for one in header.values() for axis in one["shape"]
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise _broken(path, "its header is not readable") from None
    if not is_plain:
        raise _broken(path, "its header states a shape that is none")
    wanted = LENGTH_BYTES + length + max(ends, default=0)
    if wanted != size:
        raise _broken(path, f"it has {size:,} bytes and its header speaks of {wanted:,}")
    return header


def _broken(path: str | Path, what: str) -> InputError:
    return InputError(
        f"{path}: is no whole file of safetensors: {what}. Fetch it again, or correct its place "
        "under `mirrors`."
    )
