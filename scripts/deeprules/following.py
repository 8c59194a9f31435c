"""Jobs end with the run that started them.

Snakemake that is killed (`kill -9`, no memory left, a closed session) leaves its running jobs
behind, which would go on writing while the next run makes the same files. So a run names itself
in the environment, and each of its jobs looks every half second whether it still exists. A run
within a job, as in pretraining, follows that job in the same way.

Runs on other machines can't be seen; their jobs end by the means of the cluster.
"""

import logging
import os
import platform
import threading
import time
from collections.abc import Callable

RUN = "DEEPRULES_RUN"
"""Environment variable: `<host>:<process>` of the run that a process belongs to."""

POLL_SECONDS = 0.5


def this_process() -> str:
    """What children put into their environment to follow this process."""
    return f"{platform.node()}:{os.getpid()}"


def start_run(follow: bool) -> None:
    """Name this process as the run of all jobs that it starts.

    Parameters
    ----------
    follow : whether it ends with the run or job that it was itself started by, if any
    """
    if follow:
        end_with_run()
    os.environ[RUN] = this_process()


def end_with_run(before: Callable[[], None] = lambda: None) -> threading.Thread | None:
    """End this process at once when the run that started it is gone.

    Parameters
    ----------
    before : what is to be done first

    Returns
    -------
    The thread that looks; None without a run that can be seen from here.
    """
    host, _, process = os.environ.get(RUN, "").rpartition(":")
    if host != platform.node() or not process.isdigit():
        return None
    # In a container with processes of its own, the run can't be seen from the start.
    if int(process) == os.getpid() or not _exists(int(process)):
        return None
    thread = threading.Thread(target=_watch, args=(int(process), before), daemon=True)
    thread.start()
    return thread


def _watch(process: int, before: Callable[[], None]) -> None:
    while _exists(process):
        time.sleep(POLL_SECONDS)
    before()
    logging.getLogger("deeprules").error("The run that started this job is gone; so it ends too.")
    # Nothing is tidied up, as in a kill: outputs have their names only when they are whole.
    os._exit(1)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
