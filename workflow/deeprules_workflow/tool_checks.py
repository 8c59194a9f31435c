"""What the schema cannot say about users' tools: their commands, placeholders and files."""

import shlex
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules_workflow.modules import Module
from deeprules_workflow.schema import nearest

NEED = "tool"
KEYS = ("command", "train_command", "version_command", "format", "files", "environment")
SCORING = ("examples", "model", "scores", "seed", "threads")
TRAINING = ("examples", "labels", "positives", "negatives", "model", "seed", "threads")
OF_TWO_CLASSES = ("positives", "negatives")
OF_A_SHELL = ("|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>>", "2>&1", "&>")


def tool_faults(
    models: Mapping, known: Mapping[str, Module], data: Mapping, folder: str | Path
) -> Iterator[str]:
    """Models that run a tool and don't say how, commands that cannot work, files that are missing.

    `folder` is that of the workflow, in which files are looked for after the working directory.
    """
    running = sorted(name for name in known if known[name].needs == NEED)
    for name, entry in models.items():
        where, module = f"models.{name}", entry.get("module", name)
        if module not in known:
            continue
        if module not in running:
            yield from (
                f"{where}.{key}: the module `{module}` runs no tool "
                f"(these do: {', '.join(running)})"
                for key in KEYS
                if key in entry
            )
        elif "command" not in entry:
            yield f"{where}.command: is required for the module `{module}`"
        else:
            yield from _command_faults(where, entry, data)
            yield from _file_faults(where, entry, folder)
            if entry.get("format") == "fasta" and data.get("modality") == "tabular":
                yield f"{where}.format: only sequence data can be written as FASTA"


def _command_faults(where: str, entry: Mapping, data: Mapping) -> Iterator[str]:
    """Every template by itself, and what they must have together."""
    own = [*entry.get("files", {}), *entry["space"]]
    allowed = {
        "command": (*SCORING, *own),
        "train_command": (*TRAINING, *own),
        "version_command": tuple(entry.get("files", {})),
    }
    used = {}
    for key, names in allowed.items():
        if key in entry:
            try:
                words, used[key] = _read(entry[key])
            except ValueError as error:
                yield f"{where}.{key}: cannot be read ({error}); write `{{{{` for a brace"
                return
            yield from _placeholder_faults(f"{where}.{key}", used[key], names, data)
            yield from _shell_faults(f"{where}.{key}", words)
    training = used.get("train_command", set())
    if "examples" not in used["command"]:
        yield f"{where}.command: must have the placeholder {{examples}}"
    if "train_command" in entry and "model" not in training:
        yield f"{where}.train_command: must have the placeholder {{model}}, where it writes"
    if "model" in used["command"] and "train_command" not in entry:
        yield f"{where}.command: without a `train_command` there is no {{model}}; use `files`"
    for name in own:
        if name in (*SCORING, *TRAINING):
            yield f"{where}: the placeholder {{{name}}} is taken; give it another name"
        elif not any(name in names for names in used.values()):
            yield f"{where}: no command has the placeholder {{{name}}}"
    for name in set(entry.get("files", {})) & set(entry["space"]):
        yield f"{where}: {{{name}}} stands both in `files` and in `space`"


def _read(template: str) -> tuple[list[str], set[str]]:
    """The words of a template and the names of its placeholders."""
    words, names = shlex.split(template), set()
    for _, name, specification, conversion in string.Formatter().parse(template):
        if name is not None:
            plain = not specification and not conversion
            names.add(name if plain else f"{name}{conversion or ''}{specification}")
    if not words:
        raise ValueError("it is empty")
    # The templates are filled in word by word.
    for word in words:
        list(string.Formatter().parse(word))
    return words, names


def _placeholder_faults(
    where: str, used: set[str], allowed: tuple[str, ...], data: Mapping
) -> Iterator[str]:
    for name in sorted(used - set(allowed)):
        if name in TRAINING and where.endswith(".command"):
            yield f"{where}: {{{name}}} would tell the labels; only `train_command` has it"
        else:
            known = ", ".join(f"{{{one}}}" for one in allowed) or "none"
            yield (
                f"{where}: nothing is known of the placeholder {{{name}}}{nearest(name, allowed)} "
                f"(known: {known}; others are named by `files` and `space`)"
            )
    for name in OF_TWO_CLASSES:
        if name in used and data.get("task") not in (None, "binary"):
            yield f"{where}: only a binary task has {{{name}}}; use {{examples}} and {{labels}}"


def _shell_faults(where: str, words: list[str]) -> Iterator[str]:
    for word in words:
        if word in OF_A_SHELL:
            yield (
                f"{where}: no shell runs, so `{word}` has no effect; put it into a script, name "
                "that under `files`, and call that"
            )


def _file_faults(where: str, entry: Mapping, folder: str | Path) -> Iterator[str]:
    paths = {f"files.{name}": path for name, path in entry.get("files", {}).items()}
    if "environment" in entry:
        paths["environment"] = entry["environment"]
    for key, path in paths.items():
        if not (Path(path).is_file() or Path(folder, path).is_file()):
            yield f"{where}.{key}: there is no file {path}"
