"""Reading a YAML mapping by its JSON schema: defaults filled in, violations put in plain words."""

import datetime
import difflib
import functools
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from deeprules_workflow.modules import facts_in

SCHEMAS = Path(__file__).parents[1] / "schemas"
WHOLE = re.compile(r"[-+]?[0-9]+")
DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
LONGEST_NUMBER = 50
"""Characters of a text that is read as a number."""
LARGEST = 2**53
"""Whole numbers up to this one are the same everywhere, in JSON and as decimal numbers too."""


@functools.cache
def load_schema(name: str) -> dict:
    """The schema of `<name>.yaml`, each `names_in` a folder of the library turned into names."""
    text = (SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8")
    schema = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return _named(_with_keys_of_others(schema, schema))


def _with_keys_of_others(schema: Any, root: dict) -> Any:
    """A schema in which `keys_of: a.b` brings in the keys of each entry of the section a.b."""
    if isinstance(schema, list):
        return [_with_keys_of_others(entry, root) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _with_keys_of_others(entry, root) for key, entry in schema.items()}
    if "keys_of" in schema:
        other = root
        for step in found.pop("keys_of").split("."):
            other = other["properties"][step]
        other = other["additionalProperties"]
        found["properties"] = other["properties"] | found["properties"]
        found["required"] = other["required"]
    return found


def _named(schema: Any) -> Any:
    """A schema in which `enum` lists, after its own, the names of the modules in `names_in`.

    With `that`, a constant, only the modules of which it is true; where `described`, the
    description ends with what their docstrings say.
    """
    if isinstance(schema, list):
        return [_named(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    named = {key: _named(entry) for key, entry in schema.items()}
    if "names_in" in schema:
        facts, that = facts_in(named.pop("names_in")), named.pop("that", None)
        names = [name for name, fact in facts.items() if that is None or fact.get(that)]
        named["enum"] = [*schema["enum"], *names]
        if named.pop("described", False):
            said = "; ".join(f"`{name}` {facts[name]['DOC']}" for name in names)
            named["description"] += f": {said}."
    return named


def follow(schema: dict, root: dict) -> dict:
    """A schema, or the one that its `$ref` points to."""
    return root["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def complete(value: Any, schema: dict, root: dict | None = None) -> Any:
    """A copy of `value` with defaults filled in at every level, in the schema's order.

    An empty section (null) becomes an empty mapping. Where the schema wants text, a whole number
    or a date becomes text (`label: 1`); where it wants a number, text that reads as one becomes
    a number (YAML takes `1e-3`, and Snakemake's command line takes everything, for text).
    What does not fit is left as it is, for `violations` to report.
    """
    root = root or schema
    schema = follow(schema, root)
    types = schema_types(schema)
    if value is None and "object" in types:
        value = {}
    if isinstance(value, Mapping) and "object" in types:
        return _complete_mapping(value, schema, root)
    if isinstance(value, list):
        return [complete(item, schema.get("items", {}), root) for item in value]
    return _read_scalar(value, types)


def schema_types(schema: dict) -> list[str]:
    """Names of the types that a schema allows; empty if it names none."""
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def violations(value: Any, schema: dict) -> dict[tuple, str]:
    """What is wrong with `value`: {path of the key or item: message}."""
    found = {}
    for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
        found |= dict(_explain(error))
    return found | dict(_unusable_numbers(value)) | dict(_unquoted_keys(value))


def without(value: Any, paths: Iterable[tuple]) -> Any:
    """A copy of a nested mapping without the keys and items at `paths`."""
    if () in paths:
        return {}
    below = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    entries = value.items() if isinstance(value, Mapping) else enumerate(value)
    kept = {
        key: without(entry, below[key]) if key in below else entry
        for key, entry in entries
        if () not in below.get(key, [])
    }
    return kept if isinstance(value, Mapping) else list(kept.values())


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message that proposes the known name most like `name`; may be empty."""
    words = [word for word in known if isinstance(word, str)]
    matches = difflib.get_close_matches(str(name), words, n=1)
    return f"; did you mean `{matches[0]}`?" if matches else ""


def place(path: Iterable) -> str:
    """A path of keys and list positions as text: `data.sources.peaks`, `split.test[0]`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _complete_mapping(value: Mapping, schema: dict, root: dict) -> dict:
    value = {_read_key(key): entry for key, entry in value.items()}
    properties = schema.get("properties", {})
    for branch in schema.get("allOf", []):
        if jsonschema.Draft202012Validator(branch["if"]).is_valid(value):
            properties = follow(branch["then"], root)["properties"]
    other = schema.get("additionalProperties")
    completed = {}
    for key, entry in properties.items():
        if key in value or "default" in entry:
            completed[key] = complete(value.get(key, entry.get("default")), entry, root)
    for key, entry in value.items():
        if key not in properties:
            completed[key] = complete(entry, other, root) if other else entry
    return completed


def _read_key(key: Any) -> Any:
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else key


def _read_scalar(value: Any, types: list[str]) -> Any:
    if isinstance(value, bool):
        return value
    if "string" in types and "number" not in types:
        if isinstance(value, datetime.date):
            return value.isoformat()
        return str(value) if isinstance(value, int) else value
    if isinstance(value, str):
        return _read_text(value, types)
    if isinstance(value, float):
        # 5.0 counts as a whole number for a schema, and -0.0 is no other number than 0.
        whole = value.is_integer() and "integer" in types and "number" not in types
        return int(value) if whole else value or 0.0
    return value


def _read_text(text: str, types: list[str]) -> Any:
    """A number or truth value that `text` stands for, where the schema allows one."""
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    for name, read, pattern in (
        ("integer", int, WHOLE),
        ("number", int, WHOLE),
        ("number", float, DECIMAL),
    ):
        if name in types and pattern.fullmatch(text) and len(text) <= LONGEST_NUMBER:
            return read(text)
    return text


def _explain(error: jsonschema.ValidationError) -> Iterable[tuple[tuple, str]]:
    """Each key or item that one violation of the schema is about, and its message."""
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in filter(lambda key: key not in known, error.instance):
            where = f"{place(path)}: " if path else ""
            yield (*path, key), f"{where}unknown key `{key}`{nearest(key, known)}"
    elif error.validator == "required":
        for key in filter(lambda key: key not in error.instance, error.validator_value):
            yield (*path, key), f"{place((*path, key))}: is required"
    elif "propertyNames" in error.absolute_schema_path:
        message = f"the name `{error.instance}` does not match {error.validator_value}"
        yield (*path, error.instance), f"{place(path)}: {message}"
    else:
        yield path, f"{place(path)}: {_message(error)}".removeprefix(": ")


def _message(error: jsonschema.ValidationError) -> str:
    text = repr(error.instance)
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    message = error.message.replace(text, shown)
    if error.validator == "enum" and isinstance(error.instance, str):
        return message + nearest(error.instance, error.validator_value)
    if error.validator in ("minItems", "minProperties") and not error.instance:
        return "must not be empty"
    is_text = error.validator == "type" and "string" in schema_types(error.schema)
    if is_text and isinstance(error.instance, bool | float):
        return f"{message}; put it in quotes if it is meant as text"
    return message


def _unusable_numbers(value: Any, path: tuple = ()) -> Iterable[tuple[tuple, str]]:
    """Numbers that no setting can mean: not finite, or too large to be counted with."""
    if isinstance(value, Mapping | list):
        entries = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, entry in entries:
            yield from _unusable_numbers(entry, (*path, key))
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, f"{place(path)}: {value} is not a finite number"
    elif isinstance(value, int) and abs(value) > LARGEST:
        yield path, f"{place(path)}: must be between -{LARGEST} and {LARGEST}"


def _unquoted_keys(value: Any, path: tuple = ()) -> Iterable[tuple[tuple, str]]:
    """Keys that YAML read as something other than text, such as `no` and `1.5`."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if isinstance(key, str):
                yield from _unquoted_keys(entry, (*path, key))
            else:
                where = f"{place(path)}: " if path else ""
                yield (*path, key), f"{where}YAML reads a key as {key!r}; put it in quotes"


@functools.cache
def data_defaults() -> dict:
    """The section `data` with nothing set, and in it one source, `source`, with nothing set."""
    config = complete({"data": {"sources": {"source": {}}}}, load_schema("config"))
    return config["data"]
