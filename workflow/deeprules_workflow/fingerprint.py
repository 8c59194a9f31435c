"""A fingerprint of the library code behind a script.

Snakemake reruns a job when its script changes but does not see the modules that the script
imports. Rules carry this fingerprint as a parameter, and so rerun when one of those changes.
Imports are read from the source; nothing is imported. A module that is not found is an error, as
an edit of it would go unseen.
"""

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

PACKAGE = "deeprules"
IMPORT = re.compile(r"^[ \t]*((?:from|import)[ \t][^\n(]*(?:\([^)]*\))?)", re.MULTILINE)
SHARES_A_LINE = re.compile(r"[:;][^\n]*\bimport\b|\\\n")
CALL_OF_MODULES_IN = re.compile(r"(?<!def )\bmodules_in\(")


class MissingModule(ValueError):
    """A module of the library that something imports and that is not there."""

    def __init__(self, importer: str | Path, name: str):
        super().__init__(
            f"scripts/{importer} imports {name}, and there is no such file in the folder scripts. "
            "The copy of the workflow is not complete: copy it again, with all files under "
            "version control, or correct the import."
        )


def library_fingerprint(scripts: Path, script: str, *plugins: str) -> str:
    """Hash of all library modules that `scripts/<script>.py` imports; see `library_files`."""
    digest = hashlib.sha256()
    for module in sorted(library_files(scripts, script, *plugins)):
        digest.update(module.relative_to(scripts).as_posix().encode() + module.read_bytes())
    return digest.hexdigest()[:16]


def library_files(scripts: Path, script: str, *plugins: str) -> set[Path]:
    """Files of all library modules that `scripts/<script>.py` imports, directly or not.

    Parameters
    ----------
    scripts : folder of the scripts and of the library
    script : name of a script, without its suffix
    plugins : modules that it finds by name, such as `networks.cnn`

    Raises
    ------
    MissingModule
        If there is no file of a module that is imported.
    """
    folder = Path(scripts)
    waiting = [folder / f"{script}.py"]
    for plugin in plugins:
        waiting += _module(folder, waiting[0], f"{PACKAGE}.{plugin}")
    found = set(waiting[1:])
    while waiting:
        for module in _imported(folder, waiting.pop()) - found:
            found.add(module)
            waiting.append(module)
    return found


@cache
def _imported(folder: Path, file: Path) -> frozenset[Path]:
    """Files of the library, and modules beside the scripts, that one file imports.

    A package that calls `modules_in` imports every file in its folder.
    """
    text = file.read_text(encoding="utf-8")
    files = set(file.parent.glob("[a-z]*.py")) if CALL_OF_MODULES_IN.search(text) else set()
    for node in _imports(text, file):
        if isinstance(node, ast.Import):
            for alias in node.names:
                files |= _module(folder, file, alias.name)
        elif isinstance(node, ast.ImportFrom):
            files |= _from_module(folder, file, node)
    return frozenset(files)


def _imports(text: str, file: Path) -> list[ast.stmt]:
    """Import statements anywhere in a file.

    To read these alone takes a tenth of the time, and so does each start of Snakemake. Where they
    may not be all, because several statements share a line or prose reads like one, all is read.
    """
    if not SHARES_A_LINE.search(text):
        try:
            return [ast.parse(one).body[0] for one in IMPORT.findall(text)]
        except SyntaxError:
            pass
    imports = (ast.Import, ast.ImportFrom)
    return [node for node in ast.walk(ast.parse(text, file)) if isinstance(node, imports)]


def _from_module(folder: Path, file: Path, node: ast.ImportFrom) -> set[Path]:
    """Files behind `from module import names`, where a name may be a module of its own."""
    parts = node.module.split(".") if node.module else []
    if node.level:
        package = file.relative_to(folder).parts[: -node.level]
        parts = [*package, *parts]
    base = ".".join(parts)
    files = {*_module(folder, file, base)} if base else set()
    packages = [path for path in files if path.name == "__init__.py"]
    for alias in node.names if files else ():
        own = _files(folder, f"{base}.{alias.name}")
        if packages and not own and not _defines(packages[0], alias.name):
            raise MissingModule(file.relative_to(folder), f"{base}.{alias.name}")
        files |= own
    return files


def _module(folder: Path, file: Path, name: str) -> frozenset[Path]:
    """The file of a module; empty for one that does not lie in the folder of the scripts.

    Raises
    ------
    MissingModule
        If the library has no such module.
    """
    files = _files(folder, name)
    if not files and name.split(".")[0] == PACKAGE:
        raise MissingModule(file.relative_to(folder), name)
    return files


@cache
def _files(folder: Path, name: str) -> frozenset[Path]:
    path = folder.joinpath(*name.split("."))
    both = path.with_suffix(".py"), path / "__init__.py"
    return frozenset(one for one in both if one.is_file())


@cache
def _defines(package: Path, name: str) -> bool:
    """Whether a package's own file gives something a name; `*` is what it gives altogether."""
    tree = ast.parse(package.read_text(encoding="utf-8"), package)
    nodes = [*ast.walk(tree)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    names |= {node.name for node in tree.body if hasattr(node, "name")}
    return name == "*" or name in names
