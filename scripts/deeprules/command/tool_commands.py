"""Runs the commands of a user's tool, and says clearly what went wrong.

A command is a template: it is split into words as a shell would split it, and only then are the
placeholders filled in, so that no value needs quoting. No shell runs.
"""

import logging
import os
import shlex
import shutil
import string
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deeprules import processes
from deeprules.command.tool import Tool
from deeprules.confinement import Confinement, find_means
from deeprules.errors import InputError

log = logging.getLogger("deeprules")

SHOWN_LINES = 15


@dataclass(frozen=True)
class Finished:
    """A command that ran: its words as one line, and what it printed."""

    tool: Tool
    line: str
    stdout: str = ""
    stderr: str = ""

    def error(self, problem: str) -> InputError:
        """What is wrong with its outcome, with the command and the last lines of its stderr."""
        last = self.stderr.strip().splitlines()[-SHOWN_LINES:]
        said = ["last lines of its stderr:", *last] if last else ["its stderr is empty"]
        place = f"models.{self.tool.name}"
        return InputError(f"{place}: {problem}\n  command: {self.line}\n  " + "\n    ".join(said))


def placeholders(template: str) -> list[str]:
    """Names in braces in a template, in order."""
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def run_command(tool: Tool, template: str, values: Mapping, folder: Path) -> Finished:
    """Run a command of a tool in `folder`, where it sees neither data nor labels of the run.

    Parameters
    ----------
    values : what the placeholders stand for, besides the tool's own files

    Raises
    ------
    InputError
        If a placeholder is unknown, the program is not found or cannot be started, or it ends
        with another exit status than 0.
    """
    words = _filled(tool, template, {**tool.place.files, **values})
    line = shlex.join(words)
    path = search_path(tool)
    program = find_program(tool, words[0], line)
    means = _means(tool, line)
    started = time.monotonic()
    try:
        done = processes.run(
            _confinement(tool, program, folder).command([program, *words[1:]], means),
            cwd=folder,
            env={**os.environ, "PATH": path, "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise Finished(tool, line).error(f"the command cannot be started ({error})") from error
    finished = Finished(tool, line, done.stdout, done.stderr)
    if done.returncode != 0:
        raise finished.error(f"the command ended with exit status {done.returncode}")
    log.info("%s: %.1f s: %s", tool.name, time.monotonic() - started, line)
    return finished


def _means(tool: Tool, line: str) -> str | None:
    """What hides data and labels here; an InputError if something did and nothing does now."""
    means = find_means() if tool.place.hidden else None
    if tool.place.confined is not None and means is None:
        raise Finished(tool, line).error(
            f"{tool.place.confined} hid the data from it where it was described, and nothing does "
            "on this machine. Install bubblewrap here; or describe it here, with `--forcerun "
            "describe_tool`, and the report will say that it could see the labels"
        )
    return means


def _confinement(tool: Tool, program: str, folder: Path) -> Confinement:
    """What the commands of a tool see: their own folder and files, nothing of the run."""
    place, others = tool.place, os.path.realpath(tempfile.gettempdir())
    needed = [os.path.realpath(path) for path in (program, place.prefix, os.getcwd()) if path]
    # Commands that run beside this one have their labels there.
    is_free = not any(Path(path).is_relative_to(others) for path in needed)
    hidden = (*place.hidden, others) if place.hidden and is_free else place.hidden
    return Confinement(hidden, tuple(place.files.values()), (str(folder),))


def search_path(tool: Tool) -> str:
    """PATH of a tool's commands: the programs of its environment come first."""
    path = os.environ.get("PATH", os.defpath)
    return f"{tool.place.prefix}/bin{os.pathsep}{path}" if tool.place.prefix else path


def find_program(tool: Tool, program: str, line: str) -> str:
    """Path of a program; an InputError if there is none that can be run."""
    is_relative = "/" in program and not os.path.isabs(program)
    found = None if is_relative else shutil.which(program, path=search_path(tool))
    if found is None:
        remedy = "Is it executable?"
        if not os.path.isfile(program):
            searched = f"{tool.place.prefix}/bin and PATH" if tool.place.prefix else "PATH"
            remedy = (
                f"Install it (searched: {searched}); or name its `environment` and use "
                "--use-conda; or name a file of your own under `files`."
            )
        raise Finished(tool, line).error(f"there is no program `{program}`. {remedy}")
    return found


def _filled(tool: Tool, template: str, values: Mapping) -> list[str]:
    """The words of a command."""
    unknown = [name for name in placeholders(template) if name not in values]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in values)
        raise Finished(tool, template).error(
            f"nothing is known of the placeholder {{{unknown[0]}}} (known: {known})"
        )
    return [word.format_map(values) for word in shlex.split(template)]
