"""A process that has imported large packages, and becomes a job whenever it is asked to.

    python preloaded_parent.py DESCRIPTOR PACKAGE...

It imports the packages, says on the socket of that descriptor what this took, and from then on
forks for each socket that it is sent. The child reads from it what it is to be, runs that script
as Python would, and ends as Python does; the parent writes the exit code to the socket. It ends
when Snakemake, which holds the other end, is gone.
"""

import gc
import importlib
import json
import os
import resource
import runpy
import select
import signal
import socket
import sys
import tempfile
from contextlib import contextmanager, suppress


def main() -> None:
    """Import, wait, and in each child run a script."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run = socket.socket(fileno=int(sys.argv[1]))
    with without_words():
        for package in sys.argv[2:]:
            # A job that needs it says so itself.
            with suppress(ImportError):
                importlib.import_module(package)
    gc.collect()
    gc.freeze()
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {"core_seconds": used.ru_utime + used.ru_stime, "memory_mb": peak_memory()}
    run.sendall(json.dumps(facts).encode() + b"\n")
    if (job := wait_for_job(run)) is not None:
        runpy.run_path(become(job), run_name="__main__")


def peak_memory() -> float:
    """Peak memory of this process in MB; `ru_maxrss` would count that of who started it."""
    with open("/proc/self/status") as file:
        (peak,) = [line.split()[1] for line in file if line.startswith("VmHWM:")]
    return int(peak) / 1000


@contextmanager
def without_words():
    """What packages say when they are imported goes nowhere: it would stand in the console."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def wait_for_job(run: socket.socket) -> socket.socket | None:
    """Fork for each socket that comes; in a child that socket, in the parent None at the end."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    jobs: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([run, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            tell_ends(jobs)
        if run in ready:
            asked, descriptors, _, _ = socket.recv_fds(run, 1, 1)
            if not asked:
                return None
            job = socket.socket(fileno=descriptors[0])
            child = os.fork()
            if not child:
                signal.set_wakeup_fd(-1)
                for end in (woken, wake):
                    os.close(end)
                # A socket ends only when all who have it have closed it.
                for other in (run, *jobs.values()):
                    other.close()
                return job
            jobs[child] = job


def tell_ends(jobs: dict[int, socket.socket]) -> None:
    """Write the exit code of each job that has ended to its socket, as `subprocess` has it."""
    while jobs:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with jobs.pop(child) as job, suppress(BrokenPipeError):
            job.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def become(job: socket.socket) -> str:
    """Take the environment, place and arguments of a job; returns its script."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with job, job.makefile() as file:
        wanted = json.loads(file.readline())
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["folder"])
    sys.argv[:] = [wanted["script"]]
    sys.path[0] = os.path.dirname(wanted["script"])
    # What `top` shows: of `tmp123.fit_model.py`, the name of the script itself.
    with open("/proc/self/comm", "w") as name:
        name.write(os.path.basename(wanted["script"]).partition(".")[2][:15])
    # What a process draws when it starts would be the same in all children.
    tempfile.tempdir = None
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    return wanted["script"]


if __name__ == "__main__":
    main()
