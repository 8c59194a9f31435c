"""The log of a job: written to its file and shown while the job runs."""

import logging
import os
import sys
from pathlib import Path

from deeprules.errors import InputError
from deeprules.following import end_with_run


def start_log(path: str | os.PathLike) -> logging.Logger:
    """Send this process's log, and its last words if it fails, to `path` and to stderr.

    An `InputError` that ends the process is printed as its message alone; any other
    exception keeps its traceback. From here on the process ends with the run that started it.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        handlers=[logging.FileHandler(path, mode="w"), logging.StreamHandler()],
        force=True,
    )
    logging.captureWarnings(True)
    end_with_run()
    log = logging.getLogger("deeprules")

    def report(kind, error, traceback):
        if issubclass(kind, InputError):
            log.error("Error: %s", error)
        else:
            log.error("Failed", exc_info=(kind, error, traceback))

    sys.excepthook = report
    return log
