"""Source code of a few classes with all that they need, as one file that needs no package of ours.

The text is copied from the modules of the library, so nothing has to be kept in step by hand.
"""

import ast
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = "deeprules"


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a module.

    Attributes
    ----------
    line : its first line
    text : its source, with decorators
    sets, uses : names that it defines or changes, and every name in it
    is_import : whether it is an import
    origin : module of the package that it imports from, or None
    """

    line: int
    text: str
    sets: frozenset[str]
    uses: frozenset[str]
    is_import: bool
    origin: str | None


def standalone_source(classes: Iterable[tuple[str, str]]) -> str:
    """Python source that defines `classes` and imports nothing of the package.

    Parameters
    ----------
    classes : (module, name) of each, such as (`deeprules.layers`, `OneHotBases`)

    Raises
    ------
    ValueError
        If a module defines no such name, or two modules give one name two meanings.
    """
    needed: dict[str, set[Statement]] = {}
    origins: dict[str, set[str]] = {}
    waiting = list(classes)
    while waiting:
        module, name = waiting.pop()
        chosen = needed.setdefault(module, set())
        origins.setdefault(module, set())
        for statement in _defining(module, name):
            if statement.origin:
                origins[module].add(statement.origin)
                waiting.append((statement.origin, name))
            elif statement not in chosen:
                chosen.add(statement)
                known = _names(module) - {name}
                waiting += [(module, used) for used in sorted(statement.uses & known)]
    parts = [
        statement
        for module in TopologicalSorter(origins).static_order()
        for statement in sorted(needed[module], key=lambda one: one.line)
    ]
    _check_meanings(parts)
    imports = sorted({part.text for part in parts if part.is_import})
    definitions = dict.fromkeys(part.text for part in parts if not part.is_import)
    return "\n".join(imports) + "\n\n\n" + "\n\n\n".join(definitions) + "\n"


def _defining(module: str, name: str) -> list[Statement]:
    found = [statement for statement in _statements(module) if name in statement.sets]
    if not found:
        raise ValueError(f"{module} defines no {name}.")
    return found


def _names(module: str) -> frozenset[str]:
    return frozenset(name for statement in _statements(module) for name in statement.sets)


def _check_meanings(parts: list[Statement]) -> None:
    meanings: dict[str, set[str]] = {}
    for part in parts:
        if part.text.startswith(("class ", "def ", "@")):
            for name in part.sets:
                meanings.setdefault(name, set()).add(part.text)
    for name, texts in meanings.items():
        if len(texts) > 1:
            raise ValueError(f"two modules define {name} in different ways.")


@cache
def _statements(module: str) -> tuple[Statement, ...]:
    """The top-level statements of a module, in order; nothing of it is run."""
    text = Path(importlib.util.find_spec(module).origin).read_text()
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        source = getattr(node, "module", None) or ""
        found.append(
            Statement(
                first,
                "\n".join(lines[first - 1 : node.end_lineno]),
                _bound(node),
                frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name)),
                is_import,
                source if is_import and source.split(".")[0] == PACKAGE else None,
            )
        )
    return tuple(found)


def _bound(node: ast.stmt) -> frozenset[str]:
    """Names that a statement defines, or whose value it changes in place."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return frozenset({node.name})
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset((alias.asname or alias.name).split(".")[0] for alias in node.names)
    names, local = set(), set()
    for part in ast.walk(node):
        if isinstance(part, ast.comprehension):
            local |= {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        if isinstance(getattr(part, "ctx", None), ast.Store):
            while isinstance(part, ast.Subscript | ast.Attribute):
                part = part.value
            if isinstance(part, ast.Name):
                names.add(part.id)
    return frozenset(names - local)
