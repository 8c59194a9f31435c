"""What a transfer may cost: patience, time, size, and a log of how it goes."""

import logging
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deeprules.addresses import public_url
from deeprules.errors import InputError

log = logging.getLogger("deeprules")

BY_HAND = "download the file by hand and give its path, or file:///its/absolute/path, as `url`"


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try and how long to wait, in seconds; each wait is twice the one before.

    A transfer that brings less than `slowest` bytes a second over a `window` has failed.
    """

    attempts: int = 5
    first_wait: float = 5.0
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    window: float = 300.0
    slowest: float = 1000.0


@dataclass(frozen=True)
class Limits:
    """How large a file may be, as it arrives and unpacked, and how long one attempt may take."""

    max_bytes: float = 50e9
    max_seconds: float = 12 * 3600.0

    @classmethod
    def of_config(cls, settings: Mapping) -> "Limits":
        """The limits of the section `download` of a configuration."""
        return cls(settings["max_gb"] * 1e9, settings["max_minutes"] * 60.0)


DEFAULT_LIMITS = Limits()


class LoggedOutput:
    """An open file for pooch to write to, which logs its size every `seconds`.

    What is larger than the limit, or than the room on the disk, ends in an InputError.
    """

    def __init__(
        self, file, source: str, transfer, seconds: float, limits: Limits = DEFAULT_LIMITS
    ):
        self.file, self.source, self.transfer, self.seconds = file, source, transfer, seconds
        self.limits = limits
        self.bytes = 0
        self.last_line = time.monotonic()

    def write(self, data: bytes) -> None:
        if self.bytes == 0:
            self._check_room()
        self._check_size(self.bytes + len(data))
        self.file.write(data)
        self.bytes += len(data)
        if time.monotonic() - self.last_line >= self.seconds:
            self.last_line = time.monotonic()
            total = self.transfer.announced_bytes
            of_total = "" if total is None else f" of {readable_size(total)}"
            log.info("%s: %s%s", self.source, readable_size(self.bytes), of_total)

    def flush(self) -> None:
        self.file.flush()

    def _check_size(self, size: int) -> None:
        if size > self.limits.max_bytes:
            raise InputError(
                f"{self.source}: {public_url(self.transfer.final_url)} has more than "
                f"{readable_size(int(self.limits.max_bytes))}; nothing was kept. If it is the "
                "right file, raise `download.max_gb` in the config."
            )

    def _check_room(self) -> None:
        announced, free = self.transfer.announced_bytes, shutil.disk_usage(self.file.name).free
        if announced is not None:
            self._check_size(announced)
        if announced is not None and announced > free:
            raise InputError(
                f"{self.source}: {public_url(self.transfer.final_url)} has "
                f"{readable_size(announced)}, and only {readable_size(free)} are free in "
                f"{Path(self.file.name).parent}. Make room there, or work on another disk."
            )


@contextmanager
def watched(output: LoggedOutput, retries: RetryPolicy) -> Iterator[None]:
    """End a transfer that drips, or takes longer than its limit, whatever it waits for.

    A timer does it, as a server that sends a byte now and then meets no timeout. Only the main
    thread of a process can have one; jobs download in theirs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen, started = 0, time.monotonic()
    window_ends = started + retries.window

    def look(*_) -> None:
        nonlocal seen, window_ends
        now = time.monotonic()
        if now >= started + output.limits.max_seconds:
            raise InputError(
                f"{output.source}: {public_url(output.transfer.final_url)} took longer than "
                f"{output.limits.max_seconds / 60:g} minutes ({readable_size(output.bytes)} "
                "arrived); nothing was kept. Raise `download.max_minutes` in the config, or "
                f"{BY_HAND}."
            )
        if now < window_ends:
            return
        if output.bytes - seen < retries.slowest * retries.window:
            raise ConnectionAbortedError(f"less than {retries.slowest:g} bytes a second arrived")
        seen, window_ends = output.bytes, now + retries.window

    step = min(retries.window, output.limits.max_seconds)
    former = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, step, step)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def readable_size(size: int) -> str:
    """A number of bytes, for people."""
    return f"{size:,} bytes" if size < 100_000 else f"{size / 1e6:,.1f} MB"
