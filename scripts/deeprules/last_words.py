"""What a job says when an exception ends it that nobody has put in words: where, and whose fault.

Bad input has words of its own (`InputError`). What is left is the machine's (no memory, a full
disk, a folder that may not be written) or a fault of the workflow, and is told apart here.
"""

import errno
import traceback
from pathlib import Path

SCRIPTS = Path(__file__).parents[1]
NO_MEMORY = {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"}
"""Exceptions, by name, of Python and of the backends."""
FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
MACHINE = {errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG, errno.ELOOP}


def last_words(error: BaseException, stage: str, log: str | Path | None = None) -> str:
    """What to show of an exception that ends a job: cause, place, log, and what to do.

    Parameters
    ----------
    error : the exception, with its traceback
    stage : rule of the job, or what the process was doing
    log : file that holds the traceback
    """
    seen = f" The traceback is in {log}." if log is not None else ""
    if isinstance(error, KeyboardInterrupt):
        return f"{stage}: interrupted. Run again: what is finished is kept."
    chain = _chain(error)
    for cause in chain:
        names = {base.__name__ for base in type(cause).__mro__}
        if names & NO_MEMORY or "RESOURCE_EXHAUSTED" in str(cause):
            return (
                f"{stage}: there was not enough memory ({_short(cause)}). Raise compute.mem_mb, "
                f"or run fewer jobs at a time.{seen}"
            )
        if isinstance(cause, OSError) and (words := _of_the_machine(cause)):
            return f"{stage}: {words}, and run again: what is finished is kept.{seen}"
    return (
        f"{stage}: {', from '.join(map(_short, chain))}. This is a fault of the workflow, at "
        f"{_place(chain[-1])}: whatever caused it, it should have been told in plain words. Please "
        f"report it, with the log.{seen}"
    )


def _chain(error):
    """An exception and what it was raised from."""
    chain = [error]
    while chain[-1].__cause__ is not None and chain[-1].__cause__ not in chain:
        chain.append(chain[-1].__cause__)
    return chain


def _short(error):
    """Kind and message of an exception; of a message that holds a traceback, its last line."""
    lines = str(error).strip().splitlines()
    return ": ".join([type(error).__name__, *lines[-1:]]).rstrip(".")


def _of_the_machine(error):
    """What the file system refuses; empty for an error of another kind."""
    path = " and ".join(str(name) for name in (error.filename, error.filename2) if name)
    where, reason = path or "a file", error.strerror
    if error.errno in FULL:
        return f"the disk is full ({where}: {reason}). Make room"
    if error.errno in FORBIDDEN:
        return f"{where} may not be read or written ({reason}). Change its permissions or its place"
    if error.errno in MACHINE:
        return f"{where} could not be used ({reason}). Mend that"
    return ""


def _place(error):
    """File and line where it happened: the innermost of the workflow, else the innermost."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown line"
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(SCRIPTS)]
    frame = (ours or frames)[-1]
    path = Path(frame.filename)
    shown = path.relative_to(SCRIPTS.parent) if ours else path
    return f"{shown}, line {frame.lineno}"
