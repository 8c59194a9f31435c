"""Programs that a job starts end with it, together with all that they start.

A program whose job is killed (`kill -9`, no memory left) would go on, with all its threads. So
each gets a process group of its own and a shell beside it that waits on a pipe: when the job is
gone, however it went, the pipe breaks and the group is killed.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

GUARD = 'read -r _ || kill -9 -"$0"'
"""The shell: a line on the pipe tells that the program has ended, the end of the pipe kills."""


@contextmanager
def started(command: Sequence[str], **settings) -> Iterator[subprocess.Popen]:
    """A program that ends when the block ends, and when this process does.

    Parameters
    ----------
    command : the program and its arguments
    settings : of `subprocess.Popen`

    Raises
    ------
    OSError
        If it cannot be started.
    """
    with subprocess.Popen(command, start_new_session=True, **settings) as process:
        guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, str(process.pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            # A Mac says of a group that has just ended that it is not ours.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            guard.communicate(b"\n")


def run(command: Sequence[str], **settings) -> subprocess.CompletedProcess:
    """`subprocess.run` for a program that ends with this process.

    What is not sent elsewhere by `stdout` and `stderr` is in the result.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(command, **(pipes | settings)) as process:
        said, complained = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, said, complained)
