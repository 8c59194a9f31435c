"""The regular expression `header` of a FASTA source, with a limit on its time."""

import re
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deeprules.ingest.sources import Source

SECONDS = 20
"""Processor time for the headers of one chunk; any usual pattern takes less than one."""

_REMEDY = "Correct `header`, such as '(?P<id>[^ ]+) (?P<label>.+)'"


class OutOfTimeError(Exception):
    """A pattern took longer than it may."""


class HeaderPattern:
    """Takes columns out of FASTA headers.

    Raises
    ------
    BadSource
        If `header` of the source is not an expression with named groups.
    """

    def __init__(self, source: Source):
        self._source = source
        try:
            self._pattern = re.compile(source.settings["header"])
        except (re.error, RecursionError, OverflowError) as error:
            raise source.bad(f"`header` is not a regular expression ({error})", _REMEDY) from error
        self.groups = list(self._pattern.groupindex)
        if not self.groups:
            raise source.bad("`header` has no named group", _REMEDY)

    def match(self, headers: Sequence[str], first_row: int) -> list[dict | None]:
        """Groups of each header, None where the pattern does not fit; records have row numbers.

        Raises
        ------
        BadSource
            If it takes more than `SECONDS`, with the header at which it stopped.
        """
        found: list[dict | None] = []
        try:
            with time_limit(SECONDS):
                for header in headers:
                    match = self._pattern.search(header)
                    found.append(match.groupdict() if match else None)
        except OutOfTimeError as error:
            row = first_row + len(found)
            raise self._source.bad(
                f"`header` takes too long: more than {SECONDS} s up to the header of record "
                f"{row:,}, {headers[len(found)][:80]!r}",
                "Write a pattern without repeats inside repeats, such as `(a+)+` or `(.*)*`: it "
                "tries a header in more ways than there is time for",
            ) from error
        self._source.problem_at(
            [index for index, groups in enumerate(found) if groups is None],
            lambda index: (
                first_row + index,
                "",
                f"the header {headers[index]!r} does not match `header`",
            ),
            "Correct the expression",
        )
        return found


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` after so much processor time.

    Python's matcher looks for signals while it runs, and only the main thread gets them: elsewhere
    there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise OutOfTimeError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
