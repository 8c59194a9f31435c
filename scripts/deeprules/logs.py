"""The log of a job: written to its file and shown while the job runs."""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

from deeprules.errors import InputError
from deeprules.following import end_with_run
from deeprules.last_words import last_words
from deeprules.usage import Usage


def start_log(path: str | os.PathLike) -> logging.Logger:
    """Send this process's log, and its last words if it fails, to `path` and to stderr.

    An `InputError` that ends the process is printed as its message alone; of any other
    exception the cause is told, and its traceback is written to `path`. What packages log, from
    warnings on, is written to `path` alone. From here on the process ends with the run that
    started it, and what it used is written beside the log.
    """
    log = logging.getLogger("deeprules")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    usage = Usage(path)
    tell_last_words(log, path, usage)
    log.setLevel(logging.INFO)
    console = logging.StreamHandler()
    console.addFilter(logging.Filter(log.name))
    console.setFormatter(Named(_names_of_job(), "%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    file = logging.FileHandler(path, mode="w")
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[file, console], force=True)
    _quieten_packages()
    logging.captureWarnings(True)
    end_with_run(before=lambda: usage.write("failed"))
    return log


class Named(logging.Formatter):
    """Puts the names of a job before each line that does not begin with them, but for warnings.

    Jobs run side by side, so that a line without a name could be that of any model.
    """

    def __init__(self, names: Sequence[str], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = names

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        said = record.message.lstrip("`")
        if self.names and record.levelno <= logging.INFO and not said.startswith(self.names[0]):
            record.message = f"{', '.join(self.names)}: {record.message}"
        return super().formatMessage(record)


def _quieten_packages() -> None:
    """Take from packages that were imported already the handlers they gave themselves."""
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers = [
                one for one in logger.handlers if type(one) is not logging.StreamHandler
            ]


def _names_of_job() -> list[str]:
    """Model and seed of the job, as far as it is that of one model and one seed."""
    job = getattr(sys.modules["__main__"], "snakemake", None)
    wildcards = getattr(job, "wildcards", {})
    model, seed = wildcards.get("model"), wildcards.get("seed")
    return [*([model] if model else []), *([f"seed {seed}"] if model and seed else [])]


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
