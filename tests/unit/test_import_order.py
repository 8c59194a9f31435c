"""The library is a house: a package imports what lies below it or beside it, never in a circle."""

import ast
import sys
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "scripts" / "deeprules"
WORKFLOW = ROOT / "workflow" / "deeprules_workflow"

FLOORS = {
    "ground": """addresses arithmetic cautions compressed_files confinement devices encoding
        errors ethics feature_store files folders following git gzip_files last_words logs names
        paths privacy processes run_record seeds source_roles strict_text tasks usage yaml_files""",
    "numbers": "statistics wording",
    "data": "audit data datasets download guess ingest split",
    "models": "baselines command fit layers networks pretrained tune",
    "judgement before the test": "checks control control_plan controls explore interpret",
    "the test and after": "conclude costs evaluate",
    "what leaves": "export paper predict pretrain release report simulate",
}
"""Packages, and modules that lie by themselves, from the ground up."""
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS.values()) for name in names.split()}


def imported_by(node: ast.AST) -> set[str]:
    """Dotted names that a statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return set()
    assert not node.level, f"line {node.lineno}: write the import in full"
    if node.module == "deeprules":
        return {f"deeprules.{alias.name}" for alias in node.names}
    return {node.module}


def package(path: Path) -> str:
    """The package of a file of the library, or the module that lies by itself."""
    return path.relative_to(LIBRARY).with_suffix("").parts[0]


def needs(path: Path) -> set[str]:
    """Packages of the library that a file imports."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8"), path))
    names = {name for node in nodes for name in imported_by(node)}
    return {name.split(".")[1] for name in names if name.startswith("deeprules.")}


@pytest.fixture(scope="module")
def edges() -> dict[str, dict[str, list[Path]]]:
    """{package: {package that it imports: files that do}}."""
    found = defaultdict(lambda: defaultdict(list))
    for path in sorted(LIBRARY.rglob("*.py")):
        for other in needs(path) - {package(path)}:
            found[package(path)][other].append(path)
    return found


def test_every_package_has_its_floor():
    there = {package(path) for path in LIBRARY.rglob("[a-z]*.py")}
    assert there == set(FLOOR_OF)


def test_imports_go_down(edges):
    upward = [
        f"{path.relative_to(LIBRARY)} imports {other}"
        for name, others in edges.items()
        for other, paths in others.items()
        if FLOOR_OF.get(other, 0) > FLOOR_OF.get(name, 0)
        for path in paths
    ]
    assert not upward, "\n".join(upward)


def test_no_package_imports_in_a_circle(edges):
    try:
        TopologicalSorter({name: set(others) for name, others in edges.items()}).prepare()
    except CycleError as error:
        pytest.fail(f"imports in a circle: {' -> '.join(reversed(error.args[1]))}")


def test_a_dry_run_imports_the_ground_floor_alone():
    ground = {name for name, floor in FLOOR_OF.items() if floor == 0}
    waiting, seen = list(WORKFLOW.glob("*.py")), set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            assert needs(path) <= ground, path
            waiting += [LIBRARY / f"{name}.py" for name in needs(path)]
    at_once = {
        name.split(".")[0]
        for path in seen - set(WORKFLOW.glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8"), path).body
        for name in imported_by(node)
    }
    assert at_once - set(sys.stdlib_module_names) <= {"deeprules", "yaml"}
