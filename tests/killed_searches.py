"""Searches that are killed at each of their writes in turn."""

from collections.abc import Callable, Iterator

import pytest

from deeprules.files import write_json

WRITERS = ("deeprules.tune.search.write_json", "deeprules.tune.tuning.write_json")


def kill_at_every_write(search: Callable[[int], None]) -> Iterator[int]:
    """Run a search again and again, killed after 0, 1, 2 ... writes, until it ends unharmed.

    Parameters
    ----------
    search : runs the search in the folder of that number; KeyboardInterrupt ends it

    Yields
    ------
    The number of writes of each try, when its search was killed or has ended.
    """
    writes, killed = 0, True
    while killed:
        killed = _is_killed_after(writes, search)
        yield writes
        writes += 1


def _is_killed_after(writes: int, search: Callable[[int], None]) -> bool:
    written = 0

    def write_until_killed(path, content):
        nonlocal written
        if written == writes:
            raise KeyboardInterrupt
        written += 1
        write_json(path, content)

    with pytest.MonkeyPatch.context() as patch:
        for writer in WRITERS:
            patch.setattr(writer, write_until_killed)
        try:
            search(writes)
        except KeyboardInterrupt:
            return True
    return False
