"""What a job used: wall time, core time and peak memory, written when it ends.

Snakemake's `benchmark` looks at a job now and then and not at its end, so that most of a short
job's core time is missing there. The kernel counts all of it, also that of programs which the job
has started and waited for.
"""

import atexit
import resource
import signal
import sys
import threading
import time
from pathlib import Path

from deeprules.files import whole_file

SUFFIX = ".usage.tsv"
"""What stands after a log's name, instead of its `.log`, in that of the job's usage."""
COLUMNS = ["outcome", "seconds", "core_seconds", "memory_mb"]
"""Of an attempt at a job: `done` or `failed`, wall time, core time, peak memory."""
RSS_UNIT = 1e6 if sys.platform == "darwin" else 1e3
"""Units of `ru_maxrss` in a MB: bytes on a Mac, else kB."""


class Usage:
    """Counts what this process uses, and adds a row to the file when it ends.

    A job that failed or was interrupted leaves a row as well; one killed outright (`kill -9`, no
    memory left) cannot. After an attempt that was done the next one starts the file anew, so that
    it holds what the present result took.

    Parameters
    ----------
    log : log of the job; the file lies beside it
    """

    def __init__(self, log: str | Path):
        self.path = Path(log).with_suffix(SUFFIX)
        self.outcome = "done"
        # The imports before this line took about their core time.
        self.begun = time.monotonic() - time.process_time()
        self._once = threading.Lock()
        self.before = self.path.read_text() if self.path.exists() else ""
        if not self.before or self.before.splitlines()[-1].startswith("done"):
            self.before = "\t".join(COLUMNS) + "\n"
        atexit.register(self.write)
        if threading.current_thread() is threading.main_thread():
            # As Ctrl-C does: a job that is told to end says so and counts.
            signal.signal(signal.SIGTERM, signal.default_int_handler)

    def write(self, outcome: str | None = None) -> None:
        """Add the row, once."""
        if not self._once.acquire(blocking=False):
            return
        own = resource.getrusage(resource.RUSAGE_SELF)
        programs = resource.getrusage(resource.RUSAGE_CHILDREN)
        cores = sum(one.ru_utime + one.ru_stime for one in (own, programs))
        memory = max(own.ru_maxrss, programs.ru_maxrss) / RSS_UNIT
        row = (outcome or self.outcome, time.monotonic() - self.begun, cores, memory)
        line = "\t".join([row[0], *(f"{value:.2f}" for value in row[1:])])
        with whole_file(self.path) as path:
            path.write_text(f"{self.before}{line}\n")
