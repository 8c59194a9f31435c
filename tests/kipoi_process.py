"""kipoi with exported folders, in a process that knows nothing of the library."""

from pathlib import Path

import warm_starts

TEST = """
import sys
from kipoi.__main__ import command_functions
for folder in sys.argv[1:]:
    try:
        command_functions["test"]("test", [folder, "--source", "dir"])
        print("accepted", folder, flush=True)
    except SystemExit as error:
        print("refused", folder, error.code, flush=True)
"""
ALONE = """
assert not any(name.split(".")[0] == "deeprules" for name in sys.modules)
"""


def kipoi_test(folders: list[Path], home: Path) -> str:
    """What `kipoi test` says of each folder, with `accepted` or `refused` and its path."""
    return without_library(TEST, home, *folders)


def without_library(program: str, home: Path, *arguments) -> str:
    """What a program prints that imports `sys`, and cannot import the library."""
    done = warm_starts.python(program + ALONE, *arguments, HOME=str(home), PYTHONPATH="")
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout
