"""Processes that run the trials of a search: where they run, what each may use."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deeprules.devices import take_gpus
from deeprules.fit.fitting import limit_threads
from deeprules.tune import worker

FAREWELL = 10
"""Seconds that a process has to end by itself."""
SHARED_GPU = "TF_FORCE_GPU_ALLOW_GROWTH"
"""Tells TensorFlow not to take a whole GPU at once."""


@dataclass(frozen=True)
class Workers:
    """Processes that run the trials of a search.

    Attributes
    ----------
    number : how many; with 1 the trials run in the job's own process
    threads : threads of each
    launcher : program that starts one on each task of an allocation, such as `srun`; None for
        processes on this machine
    devices : GPUs that processes on this machine take in turn
    """

    number: int = 1
    threads: int = 1
    launcher: str | None = None
    devices: tuple[str, ...] = ()

    @classmethod
    def of_job(cls, threads: int, resources) -> "Workers":
        """The workers of a job, from its threads and its resources.

        With a resource `mpi`, a worker for each of its `tasks`, each with the job's threads; else
        the threads are shared by as many `workers` as there are, at most one for each thread.
        """
        if resources.get("mpi"):
            return cls(resources.get("tasks", 1), threads, resources.get("mpi"))
        number = max(1, min(resources.get("workers", 1), threads))
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
        devices = [name for name in visible if name] or range(resources.get("gpu", 0))
        return cls(number, threads // number, None, tuple(map(str, devices)))

    def hide_gpus(self) -> None:
        """Leave the GPUs to the workers; to be called before anything touches one."""
        if self.number > 1 and (self.devices or self.launcher):
            os.environ["CUDA_VISIBLE_DEVICES"] = ""

    def start(self, orders: Path) -> list[Callable[[], subprocess.Popen]]:
        """Ways to start the processes; each can be called again when its process has ended."""
        run = f"from {worker.__name__} import main; main()"
        command = [sys.executable, "-c", run, str(orders)]
        if self.launcher:
            spread = ["-n", str(self.number), "-c", str(self.threads), "--kill-on-bad-exit=0"]
            return [self._starter([*self.launcher.split(), *spread, *command], orders.parent, {})]
        return [
            self._starter(command, orders.parent, self._gpu(index)) for index in range(self.number)
        ]

    def _gpu(self, index):
        """The GPU of one worker, which it shares where there are fewer of them than workers."""
        if not self.devices:
            return {}
        gpu = {"CUDA_VISIBLE_DEVICES": self.devices[index % len(self.devices)]}
        return gpu if self.number <= len(self.devices) else gpu | {SHARED_GPU: "true"}

    def _starter(self, command, folder, changes):
        """A function that starts one command, with what it prints in a file."""
        library = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]
        path = os.pathsep.join(filter(None, library))
        environment = {**os.environ, "PYTHONPATH": path, **changes}
        if self.launcher:
            environment.pop("CUDA_VISIBLE_DEVICES", None)

        def start():
            with open(folder / worker.OUTPUT, "a") as output:
                return subprocess.Popen(command, stdout=output, stderr=output, env=environment)

        return start


ALONE = Workers()
"""The job's own process runs all trials."""


def workers_of_job(kind: str, threads: int, resources) -> Workers:
    """The workers of a search, with the GPUs and the threads of this process settled.

    A search of a network takes its GPUs here, once, and its workers share them.

    Parameters
    ----------
    kind : `network`, `baseline` or `nuisance`
    threads, resources : those of the job
    """
    if kind == "network":
        take_gpus()
    workers = Workers.of_job(threads, resources)
    limit_threads(kind, workers.threads)
    if kind == "network":
        workers.hide_gpus()
    return workers


class Post:
    """A place for a process, filled again when its process ends too soon."""

    def __init__(self, start: Callable[[], subprocess.Popen]):
        self.start, self.process, self.ended_before = start, None, None

    def fill(self, ended: int) -> bool:
        """Start the process if there is none; only if trials have ended since the last time."""
        if self.process is not None and self.process.poll() is None:
            return True
        if ended == self.ended_before:
            return False
        self.process, self.ended_before = self.start(), ended
        return True

    def clear(self) -> None:
        """Wait a while for the process to end, then end it."""
        if self.process is None:
            return
        for end in (self.process.terminate, self.process.kill):
            try:
                self.process.wait(FAREWELL)
                return
            except subprocess.TimeoutExpired:
                end()
        self.process.wait()
