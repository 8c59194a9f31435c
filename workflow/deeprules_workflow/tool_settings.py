"""What the rules about users' tools take from a resolved configuration."""

from collections.abc import Callable, Mapping
from pathlib import Path

from deeprules_workflow.configuration import find_study
from deeprules_workflow.local_contents import contents_of

ABOUT_TOOL = ("command", "train_command", "version_command", "format", "files", "space")
"""Settings of a model that its tool's description depends on."""


def described_tools(config: Mapping) -> dict[str, dict]:
    """Settings of the models that run a user's tool, by name."""
    return {
        name: {key: entry[key] for key in ABOUT_TOOL if key in entry}
        for name, entry in config["models"].items()
        if "command" in entry
    }


def tool_description(name: str) -> str:
    """Where the description of a tool lies."""
    return f"results/tools/{name}.json"


def tool_files(config: Mapping, folder: str | Path) -> Callable:
    """Input function: the files that a tool's commands name, and its environment if it has one."""

    def files(wildcards) -> dict:
        entry = config["models"][wildcards.model]
        found = {
            "files": [str(find_study(path, folder)) for path in entry.get("files", {}).values()]
        }
        if "environment" in entry:
            found["environment"] = environment_file(config, folder)(wildcards)
            found["prefix"] = f"results/tools/{wildcards.model}.prefix"
        return found

    return files


def tool_contents(config: Mapping, folder: str | Path) -> Callable:
    """Contents of those files, for `params`: an edit is noticed whatever its date."""

    def contents(wildcards) -> list[str]:
        entry = config["models"][wildcards.model]
        paths = [*entry.get("files", {}).values(), *filter(None, [entry.get("environment")])]
        return list(contents_of(find_study(path, folder) for path in paths).values())

    return contents


def environment_file(config: Mapping, folder: str | Path) -> Callable:
    """Input function: the conda file of a tool, as an absolute path."""

    def path(wildcards) -> str:
        entry = config["models"][wildcards.model]
        return str(find_study(entry["environment"], folder).resolve())

    return path
