"""The reference part of config/README.md, made from the schemas.

Usage: PYTHONPATH=workflow python -m deeprules_workflow.document_config [--write]

It prints the tables; with `--write` it puts them into config/README.md.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from deeprules_workflow.schema import follow, load_schema, schema_types

README = Path(__file__).parents[2] / "config" / "README.md"
BEGIN = "<!-- Made by workflow/deeprules_workflow/document_config.py: do not edit by hand. -->"
END = "<!-- End of what it made. -->"
HEAD = "| key | type | default | description |\n|-|-|-|-|"
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true/false",
    "array": "list",
    "object": "mapping",
    "null": "null",
}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}
WITH_NAMES = ("sources", "models", "pretrained", "include", "exclude", "predict", "variants")
WILDCARDS = dict.fromkeys(WITH_NAMES, "<name>")


def document() -> str:
    """Tables of every key of config.yaml, study.yaml and ethics.yaml, as Markdown."""
    parts = []
    for name in ("config", "study", "ethics"):
        schema = load_schema(name)
        parts.append(f"### {schema['title']}\n\n{schema['description']}\n\n{HEAD}")
        parts[-1] += "".join(f"\n{row}" for row in _rows(schema, schema, ""))
    for branch, schema in load_schema("config")["$defs"].items():
        parts.append(f"### data.sources.\\<name>.simulate, kind: {branch}\n\n{HEAD}")
        parts[-1] += "".join(f"\n{row}" for row in _rows(schema, schema, ""))
    return "\n\n".join(parts)


def readme_with(tables: str) -> str:
    """config/README.md with its reference part replaced."""
    text = README.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _rows(schema: Mapping, root: Mapping, prefix: str) -> Iterator[str]:
    """A row for each key of a mapping, each followed by the keys inside it."""
    for key, entry in schema.get("properties", {}).items():
        if "const" in entry:
            continue
        entry, path = follow(entry, root), f"{prefix}{key}"
        is_required = key in schema.get("required", [])
        yield _row(path, entry, is_required)
        yield from _rows(entry, root, f"{path}.")
        yield from _rows(entry.get("items", {}), root, f"{path}[].")
        inner = entry.get("additionalProperties")
        if key in WILDCARDS and inner:
            yield from _rows(inner, root, f"{path}.{WILDCARDS[key]}.")


def _row(path: str, schema: Mapping, is_required: bool) -> str:
    if is_required:
        default = "required"
    else:
        default = f"`{json.dumps(schema['default'])}`" if "default" in schema else ""
    cells = (f"`{path}`", _type(schema), default, schema.get("description", ""))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type(schema: Mapping) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value or 'null'}`" for value in schema["enum"])
    names = [TYPES[name] for name in schema_types(schema)]
    if "list" in names and schema.get("items"):
        names[names.index("list")] = f"list ({_type(schema['items'])})"
    bounds = [f"{words} {schema[key]}" for key, words in BOUNDS.items() if key in schema]
    return ", ".join([" or ".join(names), *bounds])


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        README.write_text(readme_with(document()), encoding="utf-8")
    else:
        print(document())
