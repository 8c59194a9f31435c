"""What makes an interrupted run go on with the command that started it.

A killed Snakemake leaves two things behind: jobs that go on writing, and locks on the folder that
ask for `--unlock`. Here jobs end with their run, and locks of runs that are gone are removed.
"""

import fcntl
from pathlib import Path

from deeprules.following import start_run

_held = []
"""The open lock file of this process: the kernel frees the lock when the process ends."""


def start(workflow) -> None:
    """Name this process as a run of the working directory.

    Parameters
    ----------
    workflow : the object of that name in a Snakefile
    """
    # A job that a cluster runs does not end with the Snakemake that submitted it.
    start_run(follow=not workflow.remote_exec)
    if workflow.is_main_process and not _held:
        _held.append(remove_stale_locks(Path(".snakemake")))


def remove_stale_locks(state: Path) -> object:
    """Remove Snakemake's locks if no run of this workflow is alive in the working directory.

    Every run holds a shared lock of the kernel, which no kill leaves behind. Who gets it alone
    is the only run, so that all of Snakemake's own locks are those of runs that are gone.

    Parameters
    ----------
    state : Snakemake's folder in the working directory

    Returns
    -------
    The open file that holds the lock; None where the file system has no such locks. Then
    Snakemake's own locks stay, and `snakemake --unlock` removes them.
    """
    state.mkdir(exist_ok=True)
    file = open(state / "deeprules.lock", "a+")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for lock in (state / "locks").glob("*.lock"):
            lock.unlink()
    except BlockingIOError:
        pass
    except OSError:
        file.close()
        return None
    fcntl.flock(file, fcntl.LOCK_SH)
    return file
