"""Snakemake, its jobs and programs, each in a process that has its packages from the start.

Small jobs take longer to import TensorFlow, scikit-learn and pandas than for what they do. So one
process imports them, none of our own modules and no more, and is forked for each start. Tests that
kill processes, or look at how they start, start Python as everyone does.
"""

import atexit
import gc
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from multiprocessing import forkserver, process
from pathlib import Path

PACKAGES = (
    *(
        "snakemake.cli",
        "snakemake.report",
        "smart_open",
        "keras_tuner",
        "tensorflow",
        "matplotlib.pyplot",
        "pyarrow.parquet",
    ),
    *("scipy.stats", "sklearn.ensemble", "sklearn.decomposition", "jinja2"),
)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([*PACKAGES])
# Each start would ask all earlier children for their ends, and an end can be read only once: of two
# threads that wait, one would take the other's and call it 255.
process._cleanup = lambda: None


def snakemake(folder: Path, *arguments, **environment) -> subprocess.CompletedProcess:
    """Run Snakemake in `folder`, as `subprocess.run` would; `stdout` holds all that was printed."""
    words = [str(word) for word in arguments]
    with tempfile.NamedTemporaryFile("r", errors="replace") as output:
        code = start(run_snakemake, words, folder, output.name, {**os.environ, **environment})
        return subprocess.CompletedProcess(words, code, output.read())


def python(program: str, *arguments, **environment) -> subprocess.CompletedProcess:
    """Run a program, as `python -c` would; `stdout` holds all that was printed."""
    words = [str(word) for word in arguments]
    with tempfile.NamedTemporaryFile("r", errors="replace") as output:
        variables = {**os.environ, **environment}
        code = start(run_program, program, words, os.getcwd(), output.name, variables)
        return subprocess.CompletedProcess(words, code, output.read())


def start(task, *given) -> int:
    """Call a function of this module in a process of its own; returns the exit code."""
    started = CONTEXT.Process(target=task, args=given)
    started.start()
    started.join()
    return started.exitcode


def run_snakemake(arguments: list[str], folder: Path, output: str, environment: dict) -> None:
    """Be a process of Snakemake in `folder`, whose output and that of its jobs go to a file."""
    _begin(folder, output, environment, ["snakemake", *arguments], folder)
    sys.path.append(str(Path(__file__).parent))  # for the starts of its jobs
    forkserver._forkserver.ensure_running = lambda: None  # it came from one, which serves it too
    from snakemake import cli
    from snakemake.script import PythonScript

    def execute_script(self, fname, edit=False):
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(self.threads))
        code = start(run_script, fname, os.getcwd(), output, {**os.environ, **threads})
        if code:
            raise subprocess.CalledProcessError(code, fname)

    PythonScript.execute_script = execute_script
    _end_with(cli.main)


def run_script(script: str, folder: str, output: str, environment: dict) -> None:
    """Be a process of a job's script."""
    _begin(folder, output, environment, [script], Path(script).parent)
    _end_with(lambda: runpy.run_path(script, run_name="__main__"))


def run_program(program, arguments, folder, output, environment) -> None:
    """Be a process of a program, given as text."""
    _begin(folder, output, environment, ["-c", *arguments], folder)
    _end_with(lambda: exec(compile(program, "<program>", "exec"), {"__name__": "__main__"}))


def _begin(folder, output, environment, arguments, first):
    """Take the place, output, environment, arguments and modules' folders of a new process."""
    gc.freeze()  # The packages stay: to look through them for what may be freed takes long.
    os.chdir(folder)
    file = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.fsync = lambda descriptor: None
    os.environ.clear()
    os.environ.update(environment)
    named = [one for one in environment.get("PYTHONPATH", "").split(os.pathsep) if one]
    installed = [one for one in sys.path if one.startswith((sys.prefix, sys.base_prefix))]
    sys.argv, sys.path[:] = arguments, [str(first), *named, *installed]


def _end_with(task):
    """Call the last function of a process, and end as Python does."""
    code = 0
    try:
        task()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
