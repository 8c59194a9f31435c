"""YAML and JSON read strictly: what is written twice, misread or without end is refused.

The usual readers let the last of two equal keys win, take `010` for 8 and `12:30` for 750, and
follow aliases that unfold without end. Here each is an error that names its line.
"""

import collections
import datetime
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deeprules.errors import InputError

MAX_BYTES = 10_000_000
"""Largest file that is read."""
DEEPEST = 60
"""Most mappings and lists within each other."""
DEEPEST_JSON = 200
"""The same in JSON, in which networks within networks are written."""
MAX_ALIASES = 1_000
MAX_VALUES = 1_000_000
"""Most keys and values once all aliases are unfolded."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MERGE = "tag:yaml.org,2002:merge"
INTEGER = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"
DATE = "tag:yaml.org,2002:timestamp"
UNREADABLE = (ValueError, KeyError, IndexError, AttributeError)
"""What PyYAML raises where a tag (`!!bool abc`) does not fit its value."""


class TextError(InputError):
    """What is wrong with a text: `faults`, each with its line, without the name of the file."""

    def __init__(self, name: str | Path, faults: list[str]):
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))


def read_yaml(path: str | Path, plain_numbers: bool = True) -> Any:
    """The content of a YAML file, as `parse_yaml` says.

    Raises
    ------
    TextError
        If it cannot be read, or is not plain YAML.
    """
    return parse_yaml(read_text(path), path, plain_numbers)


def read_text(path: str | Path) -> str:
    """The text of a small UTF-8 file.

    Raises
    ------
    TextError
        If it cannot be read, is larger than `MAX_BYTES` or in another encoding.
    """
    try:
        if not Path(path).is_file():
            raise TextError(path, [_no_file(Path(path))])
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TextError(path, [f"cannot be read: {error.strerror}"]) from error
    if len(content) > MAX_BYTES:
        raise TextError(path, [f"is larger than {MAX_BYTES // 1_000_000} MB"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TextError(path, [f"line {line}: is not UTF-8; save the file as UTF-8"]) from error


def parse_yaml(text: str, name: str | Path, plain_numbers: bool = True) -> Any:
    """The content of a text in YAML; None if it is empty.

    Parameters
    ----------
    name : what errors call the text
    plain_numbers : whether numbers and dates that YAML reads as others than are written
        (`010`, `12:30`, `1_000`) are refused

    Raises
    ------
    TextError
        If it is not YAML, holds a key twice, or goes beyond the limits of this module.
    """
    try:
        _check_events(text, name)
        loader = LOADER(text)
        try:
            root = loader.get_single_node()
            if root is None:
                return None
            faults = [*_faults(loader, root, plain_numbers)]
            if faults:
                raise TextError(name, faults)
            _unfolded(root, name)
            return loader.construct_document(root)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise TextError(name, [_explain(error, text)]) from error


def parse_json(text: str | bytes, name: str | Path) -> Any:
    """The content of a text in JSON.

    Raises
    ------
    TextError
        If it is not JSON, holds a key twice or a number that is not finite, or is nested without
        end.
    """
    try:
        content = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_finite, parse_float=_finite
        )
    except RecursionError as error:
        raise TextError(name, ["is nested too deep"]) from error
    except UnicodeDecodeError as error:
        raise TextError(name, ["is not UTF-8; save the file as UTF-8"]) from error
    except json.JSONDecodeError as error:
        raise TextError(name, [f"line {error.lineno}: is not JSON: {error.msg}"]) from error
    except ValueError as error:
        raise TextError(name, [str(error)]) from error
    if _is_deep(content):
        raise TextError(name, ["is nested too deep"])
    return content


def _is_deep(content):
    """Whether lists and mappings of JSON lie too deep in each other for what walks through them."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(DEEPEST_JSON):
        parts = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for some in parts for one in some if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _no_file(path):
    """Why there is no file at a path."""
    if path.is_dir():
        return "is a folder, not a file"
    if path.is_symlink():
        return "is a link to a file that does not exist"
    return "is not an ordinary file" if path.exists() else "there is no such file"


def _check_events(text, name):
    """Refuse nesting and aliases beyond the limits, before anything follows them."""
    depth = aliases = documents = 0
    for event in yaml.parse(text, LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases += isinstance(event, yaml.AliasEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > DEEPEST:
            raise TextError(name, [f"line {line}: is nested more than {DEEPEST} levels deep"])
        if aliases > MAX_ALIASES:
            raise TextError(name, [f"line {line}: there are more than {MAX_ALIASES} aliases"])
        if documents > 1:
            raise TextError(name, [f"line {line}: a second document begins; one is read"])


def _faults(loader, root, plain_numbers) -> Iterator[str]:
    """What is wrong with the nodes of a document, in the order of their lines."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield from _scalar_faults(loader, node, plain_numbers)
        elif isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
        else:
            yield from _key_faults(loader, node)
            waiting += reversed([part for pair in node.value for part in pair])


def _key_faults(loader, mapping) -> Iterator[str]:
    """Keys that stand twice in one mapping, or are no plain value."""
    lines = {}
    for key, _ in mapping.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield f"line {line}: a key must be plain text, not a list or a mapping"
            continue
        # The text, as the configuration takes `1` and "1" for one key; `~` and `null` are one too.
        try:
            name = str(loader.construct_object(key)) if key.tag != MERGE else key.value
        except (yaml.YAMLError, *UNREADABLE):
            continue
        if name in lines:
            yield (
                f"line {line}: the key `{key.value}` stands in line {lines[name]} already; "
                "remove or rename one of them"
            )
        lines.setdefault(name, line)


def _scalar_faults(loader, node, plain_numbers) -> Iterator[str]:
    """A value that cannot be read, or that is read as another than is written."""
    line = node.start_mark.line + 1
    if node.tag == MERGE:
        return
    try:
        value = loader.construct_object(node)
    except UNREADABLE as error:
        said = error if isinstance(error, ValueError) else f"it is no {node.tag.rpartition(':')[2]}"
        yield f"line {line}: `{_short(node.value)}` cannot be read: {said}; put it in quotes"
        return
    if not plain_numbers or node.tag not in (INTEGER, FLOAT, DATE):
        return
    if not _is_as_written(node.value, value):
        yield (
            f"line {line}: YAML reads `{_short(node.value)}` as {_short(str(value))}; write that, "
            "or put it in quotes if it is meant as text"
        )


def _is_as_written(text, value):
    """Whether a number or date is what a person takes its text for."""
    if isinstance(value, float):
        return not math.isfinite(value) or not set(text) & {"_", ":"}
    if isinstance(value, datetime.datetime):
        return False
    return text == (value.isoformat() if isinstance(value, datetime.date) else str(value))


def _unfolded(root, name):
    """Refuse aliases that unfold to too many values, or to themselves."""
    sizes, open_nodes = {}, set()

    def size(node):
        if isinstance(node, yaml.ScalarNode):
            return 1
        if id(node) in open_nodes:
            line = node.start_mark.line + 1
            raise TextError(name, [f"line {line}: an alias within what it stands for"])
        if id(node) not in sizes:
            open_nodes.add(id(node))
            pairs = isinstance(node, yaml.MappingNode)
            parts = [part for pair in node.value for part in pair] if pairs else node.value
            sizes[id(node)] = 1 + sum(map(size, parts))
            open_nodes.discard(id(node))
        return sizes[id(node)]

    if size(root) > MAX_VALUES:
        raise TextError(name, [f"its aliases unfold to more than {MAX_VALUES:,} values"])


def _explain(error, text):
    """What PyYAML says, in a line, with the place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or str(error).split("\n")[0]
    if mark is None:
        return f"is not YAML: {what}"
    if "".join(text.splitlines()[mark.line : mark.line + 1])[mark.column :].startswith("\t"):
        what = "a tab where only spaces may stand"
    return f"line {mark.line + 1}: is not YAML: {what}"


def _short(text):
    return text if len(text) <= 40 else f"{text[:37]}..."


def _unique(pairs):
    """A JSON object whose keys differ."""
    counts = collections.Counter(key for key, _ in pairs)
    twice = [key for key, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f"the key `{_short(twice[0])}` stands twice in one object")
    return dict(pairs)


def _finite(text):
    """A JSON number that is finite."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text} is not finite")
    return number
