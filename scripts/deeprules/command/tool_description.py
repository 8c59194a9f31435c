"""Describes a user's tool before anything is fitted with it: its files, programs and version."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deeprules.cautions import as_records
from deeprules.command.tool import Tool
from deeprules.command.tool_commands import find_program, placeholders, run_command
from deeprules.confinement import find_means, not_confined
from deeprules.files import file_sha256

FORMATS = {"sequence": "fasta", "tabular": "tsv"}


def describe_tool(
    name: str,
    settings: Mapping,
    modality: str,
    feature_names: Sequence[str],
    prefix: str | None = None,
    hidden: Sequence[str] = (),
) -> dict:
    """What `Tool.load` reads.

    Parameters
    ----------
    name : name of the model in the configuration
    settings : its keys there, with the paths of `files` and `environment` as they are found
    modality : `sequence` or `tabular`, which decides the format if none is given
    feature_names : names of the features of a matrix; empty for sequences
    prefix : folder of its conda environment, if there is one
    hidden : folders and files with data and labels, which its commands must not see

    Raises
    ------
    InputError
        If a program is not found, or the version command fails.
    """
    files = {key: str(Path(path).resolve()) for key, path in settings.get("files", {}).items()}
    environment = settings.get("environment")
    record = {
        "name": name,
        "command": settings["command"],
        "train_command": settings.get("train_command"),
        "format": settings.get("format", FORMATS[modality]),
        "space": settings["space"],
        "files": {key: file_sha256(path) for key, path in files.items()},
        "environment": environment and Path(environment).name,
        "environment_sha256": environment and file_sha256(environment),
        "version": None,
        "feature_names": list(feature_names),
        "paths": files,
        "prefix": prefix,
        "hidden": list(hidden),
        "confined": find_means() if hidden else None,
    }
    is_free = bool(hidden) and record["confined"] is None
    record["cautions"] = as_records([not_confined(f"The tool {name}")] if is_free else [])
    tool = Tool.of_record(record)
    _find_programs(tool)
    return {**record, "version": _version(tool, settings.get("version_command"))}


def _find_programs(tool: Tool) -> None:
    """Look for the programs of all commands before any of them has to run."""
    for template in filter(None, (tool.command, tool.train_command)):
        program = shlex.split(template)[0]
        if set(placeholders(program)) <= tool.place.files.keys():
            find_program(tool, program.format_map(tool.place.files), template)


def _version(tool: Tool, command: str | None) -> str | None:
    """The first line that a version command prints, on stdout or else on stderr."""
    if command is None:
        return None
    with TemporaryDirectory(prefix="deeprules-") as folder:
        done = run_command(tool, command, {}, Path(folder))
    said = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines()]
    if not any(said):
        raise done.error("the version command prints nothing")
    return next(filter(None, said))
