"""Jobs on this machine begin with their packages imported.

A small job takes longer to import scikit-learn or TensorFlow than for what it does. So a process
imports them once in a run and becomes each job in turn (`preloaded_parent`): one for jobs that
train or ask networks of TensorFlow, another for all others.

Jobs with an environment or a machine of their own, with GPUs, or with several threads (which a
package may count when it is imported) start Python as Snakemake does.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from snakemake.script import PythonScript

PARENT = Path(__file__).with_name("preloaded_parent.py")
LIGHT = (
    *("snakemake.logging", "snakemake.iocontainers", "yaml", "pyarrow.parquet", "pandas"),
    *("scipy.sparse", "scipy.stats", "sklearn.ensemble", "sklearn.linear_model"),
    *("sklearn.model_selection", "sklearn.pipeline", "matplotlib.figure"),
)
PACKAGES = {"packages": LIGHT, "tensorflow": (*LIGHT, "tensorflow", "keras")}
"""What is imported by the parent of each name."""
OF_NETWORKS = ("check_pipeline", "attribute_network", "evaluate_test")
"""Rules that need a backend of Keras, beside those of one network."""
THREADS = ("OMP", "GOTO", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR")
LOGS = Path("logs/start_jobs")
"""Folder of what the imports took, which is part of the costs of a run."""
USAGE = (
    "outcome\tseconds\tcore_seconds\tmemory_mb\n"
    "done\t{core_seconds:.2f}\t{core_seconds:.2f}\t{memory_mb:.2f}\n"
)
"""Content of such a file, as `deeprules.usage` writes those of jobs."""

_as_snakemake_starts = PythonScript.execute_script


def start(workflow, compute: Mapping, networks: Collection[str]) -> None:
    """Start jobs of this process that way, where they can be.

    Parameters
    ----------
    workflow : the object of that name in a Snakefile
    compute : section of that name in the resolved configuration
    networks : names of models that are networks
    """
    is_here = workflow.is_main_process and workflow.local_exec and sys.platform == "linux"
    # Whoever starts jobs in another way goes on with that.
    if not is_here or PythonScript.execute_script.__module__ != "snakemake.script":
        return
    parents = Parents()

    def execute_script(job, script, edit=False):
        if (name := parent_of(job, compute, networks)) is None:
            return _as_snakemake_starts(job, script, edit)
        if code := parents.get(name).run(script, environment_of(job)):
            raise subprocess.CalledProcessError(code, script)

    PythonScript.execute_script = execute_script


def parent_of(job: PythonScript, compute: Mapping, networks: Collection[str]) -> str | None:
    """Name of the parent that a job begins from; None for one that starts as Snakemake does."""
    of_its_own = (job.conda_env, job.container_img, job.env_modules, job.bench_record)
    if job.threads > 1 or any(of_its_own):
        return None
    if dict(job.wildcards.items()).get("model") not in networks and job.rulename not in OF_NETWORKS:
        return "packages"
    return "tensorflow" if compute["backend"] == "tensorflow" and not compute["gpu"] else None


def environment_of(job: PythonScript) -> dict[str, str]:
    """Environment of a job, as Snakemake makes it."""
    folder = job.resources.get("tmpdir")
    places = dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), folder) if folder else {}
    return {**os.environ, **_threads(job.threads), **places}


def _threads(number: int) -> dict[str, str]:
    names = [f"{one}_{'MAXIMUM' if one == 'VECLIB' else 'NUM'}_THREADS" for one in THREADS]
    return dict.fromkeys(names, str(number))


class Parents:
    """The parents of a run, each started when its first job comes."""

    def __init__(self):
        self.lock, self.started = threading.Lock(), {}

    def get(self, name: str) -> "Parent":
        """The parent of a name of `PACKAGES`."""
        with self.lock:
            if name not in self.started:
                self.started[name] = Parent(PACKAGES[name], LOGS / f"{name}.usage.tsv")
            return self.started[name]


class Parent:
    """A process that becomes jobs.

    Parameters
    ----------
    packages : what it imports
    usage : file that is to tell what this took
    """

    def __init__(self, packages: Collection[str], usage: Path):
        self.lock = threading.Lock()
        self.run_socket, other = socket.socketpair()
        with other:
            self.process = subprocess.Popen(
                [sys.executable, PARENT, str(other.fileno()), *packages],
                pass_fds=[other.fileno()],
                env={**os.environ, **_threads(1)},
            )
        with self.run_socket.makefile() as file:
            taken = json.loads(file.readline())
        usage.parent.mkdir(parents=True, exist_ok=True)
        usage.write_text(USAGE.format(**taken))

    def run(self, script: str, environment: Mapping[str, str]) -> int:
        """Run a script of Python here, and return its exit code."""
        ours, theirs = socket.socketpair()
        with ours, ours.makefile("rw") as file:
            with theirs, self.lock:
                socket.send_fds(self.run_socket, [b"1"], [theirs.fileno()])
            wanted = {"script": os.path.abspath(script), "folder": os.getcwd()}
            file.write(json.dumps({**wanted, "environment": dict(environment)}) + "\n")
            file.flush()
            code = file.readline()
        if not code:
            raise RuntimeError(f"the process that starts jobs is gone, and {script} with it")
        return int(code)
