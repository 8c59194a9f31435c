"""Which GPUs a job may use: none but its own.

The run hides all GPUs from its jobs and puts into their environment which there are. A job that
trains a network takes as many as the configuration says, and no other job of the same person on
this machine gets them, in this run or another: each device has a lock file, which the kernel
frees when the job ends, however it ends. What a job starts shares the GPUs that the
job has taken, and takes none itself. On a cluster the scheduler has given each job devices of its
own, and nothing is hidden or locked.

Only NVIDIA's devices are known, by CUDA_VISIBLE_DEVICES.
"""

import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from deeprules.errors import InputError

log = logging.getLogger("deeprules")

VISIBLE = "CUDA_VISIBLE_DEVICES"
WANTED = "DEEPRULES_GPUS"
"""Environment variable: GPUs for each job that trains a network; absent without any."""
POOL = "DEEPRULES_GPU_POOL"
"""Environment variable: ids of the GPUs that the jobs of a run share out, with commas."""
HELD = "DEEPRULES_GPUS_HELD"
"""Environment variable: ids of the GPUs that this process, or one that it belongs to, has taken."""
GIVEN = "DEEPRULES_GPUS_GIVEN"
"""Environment variable: what CUDA_VISIBLE_DEVICES was before it was hidden, if it was set."""
ALLOW_CPU = "DEEPRULES_ALLOW_CPU"
"""Environment variable: `1` if a job may train without a GPU."""

HIDDEN = ("", "-1", "NoDevFiles")
"""Values of CUDA_VISIBLE_DEVICES that hide every device."""

_leases = []
"""Open lock files of this process; they must stay open as long as it runs."""


def share_out_gpus(wanted: int, allow_cpu: bool, on_cluster: bool) -> None:
    """Set the environment of jobs: what they may take, and until then no GPU at all.

    Without wanted GPUs nothing is hidden. Called again in a run within a job, it keeps the pool.

    Parameters
    ----------
    wanted : GPUs for each job that trains a network
    allow_cpu : whether such a job may go on without
    on_cluster : whether a scheduler has given this process its devices
    """
    if not wanted:
        # A run within a job finds what the outer one wants.
        os.environ.pop(WANTED, None)
        return
    os.environ[WANTED] = str(wanted)
    os.environ[ALLOW_CPU] = "1" if allow_cpu else "0"
    # Both take memory as they need it, instead of all of it at once.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if on_cluster:
        return
    if POOL not in os.environ:
        os.environ[POOL] = ",".join(visible_gpus())
        if VISIBLE in os.environ:
            os.environ[GIVEN] = os.environ[VISIBLE]
    os.environ[VISIBLE] = ""


def visible_gpus() -> list[str]:
    """Ids of the GPUs that this process may see, as CUDA_VISIBLE_DEVICES or the driver says."""
    given = os.environ.get(VISIBLE)
    if given is not None:
        ids = dict.fromkeys(one.strip() for one in given.split(","))
        return [] if given in HIDDEN else list(filter(None, ids))
    if shutil.which("nvidia-smi") is None:
        return []
    try:
        listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        return []
    lines = [line for line in listing.stdout.splitlines() if line.startswith("GPU ")]
    return [str(number) for number in range(len(lines))] if listing.returncode == 0 else []


def show_all_gpus() -> None:
    """Undo what hides GPUs from a job; to be called before the backend starts."""
    if POOL not in os.environ:
        return
    if GIVEN in os.environ:
        os.environ[VISIBLE] = os.environ[GIVEN]
    else:
        os.environ.pop(VISIBLE, None)


def take_gpus() -> list[str]:
    """Take the GPUs of a job that trains a network; to be called before the backend starts.

    It waits while other jobs have them. Without wanted GPUs, or on a cluster, it does nothing.
    Where this process or one that started it has taken them, they are there already: to wait for
    them would be to wait for ever.

    Returns
    -------
    Ids of the devices that are this job's alone; empty if it trains on the processor.

    Raises
    ------
    InputError
        If there are fewer than wanted, unless `compute: allow_cpu` is true.
    """
    if WANTED not in os.environ or POOL not in os.environ:
        return []
    if os.environ.get(HELD):
        held = os.environ[HELD].split(",")
        if not os.environ.get(VISIBLE):
            os.environ[VISIBLE] = ",".join(held)
        return held
    wanted = int(os.environ[WANTED])
    pool = list(dict.fromkeys(one for one in os.environ[POOL].split(",") if one))
    if len(pool) < wanted:
        if os.environ.get(ALLOW_CPU) == "1":
            log.warning("Warning: %d GPUs wanted, %d found: on the processor.", wanted, len(pool))
            return []
        raise InputError(
            f"compute.gpu: {wanted} GPUs are wanted for each job, and this machine shows "
            f"{len(pool)}. Lower compute.gpu, make more of them visible, or set "
            "compute.allow_cpu to true."
        )
    ids = _wait_for(pool, wanted, lease_folder())
    os.environ[VISIBLE] = os.environ[HELD] = ",".join(ids)
    log.info("GPU %s", ", ".join(ids))
    return ids


def lease_folder() -> Path:
    """Folder of the lock files: one for all runs of a person on a machine."""
    return Path(tempfile.gettempdir()) / f"deeprules-gpus-{os.getuid()}"


def _wait_for(pool: Sequence[str], wanted: int, folder: Path) -> list[str]:
    """Lock `wanted` devices of the pool, all at once or none, so that no job waits with some."""
    folder.mkdir(mode=0o700, exist_ok=True)
    told = False
    while True:
        held = {}
        for device in pool:
            if len(held) < wanted and (lock := _try_lock(folder / _lock_name(device))):
                held[device] = lock
        if len(held) == wanted:
            _leases.extend(held.values())
            return list(held)
        for lock in held.values():
            lock.close()
        if not told:
            log.info("waiting for a GPU: other jobs use those of this machine")
            told = True
        time.sleep(1)


def _lock_name(device: str) -> str:
    """Name of a device's lock file; an id such as MIG-GPU-<uuid>/1/0 is no path."""
    return f"{quote(device, safe='')}.lock"


def _try_lock(path: Path):
    """The open file, if no other process holds its lock."""
    file = open(path, "a")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
