"""The log of a job: written to its file and shown while the job runs."""

import logging
import os
import sys
import threading
import traceback
from pathlib import Path

from deeprules.errors import InputError
from deeprules.following import end_with_run
from deeprules.last_words import last_words
from deeprules.usage import Usage


def start_log(path: str | os.PathLike) -> logging.Logger:
    """Send this process's log, and its last words if it fails, to `path` and to stderr.

    An `InputError` that ends the process is printed as its message alone; of any other
    exception the cause is told, and its traceback is written to `path`. From here on the process
    ends with the run that started it, and what it used is written beside the log.
    """
    log = logging.getLogger("deeprules")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    usage = Usage(path)
    tell_last_words(log, path, usage)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        handlers=[logging.FileHandler(path, mode="w"), logging.StreamHandler()],
        force=True,
    )
    logging.captureWarnings(True)
    end_with_run(before=lambda: usage.write("failed"))
    return log


def tell_last_words(log: logging.Logger, path: str | os.PathLike, usage: Usage) -> None:
    """Tell of whatever exception ends this process, or a thread of it, as `last_words` does."""
    job = getattr(sys.modules["__main__"], "snakemake", None)
    stage = getattr(job, "rule", None) or Path(path).stem

    def report(kind, error, trace):
        usage.outcome = "failed"
        if isinstance(error, InputError):
            log.error("Error: %s", error)
            return
        error = (kind() if error is None else error).with_traceback(trace)
        log.error("Error: %s", last_words(error, stage, path))
        lines = "".join(traceback.format_exception(error))
        try:
            with open(path, "a") as file:
                file.write(lines)
        except OSError:
            sys.stderr.write(lines)

    def report_thread(ended):
        if ended.exc_type is not SystemExit:
            report(ended.exc_type, ended.exc_value, ended.exc_traceback)

    sys.excepthook = report
    threading.excepthook = report_thread
