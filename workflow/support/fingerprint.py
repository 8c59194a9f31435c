"""A fingerprint of the library code behind a script.

Snakemake reruns a job when its script changes but does not see the modules that the script
imports. Rules carry this fingerprint as a parameter, and so rerun when one of those changes.
Imports are read from the source; nothing is imported.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = "deeprules"


def library_fingerprint(scripts: Path, script: str, *plugins: str) -> str:
    """Hash of all library modules that `scripts/<script>.py` imports, directly or not.

    Parameters
    ----------
    scripts : folder of the scripts and of the library
    script : name of a script, without its suffix
    plugins : modules that it finds by name, such as `networks.cnn`
    """
    folder = Path(scripts)
    waiting = [folder / f"{script}.py"]
    waiting += [folder / PACKAGE / f"{plugin.replace('.', '/')}.py" for plugin in plugins]
    found = set(waiting[1:])
    while waiting:
        for module in _imported(folder, waiting.pop()) - found:
            found.add(module)
            waiting.append(module)
    digest = hashlib.sha256()
    for module in sorted(found):
        digest.update(module.relative_to(folder).as_posix().encode() + module.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _imported(folder: Path, file: Path) -> frozenset[Path]:
    """Files of the package that one file imports."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    files = set()
    for name in names:
        parts = name.split(".")
        if parts[0] == PACKAGE:
            path = folder.joinpath(*parts)
            files |= {path.with_suffix(".py"), path / "__init__.py"}
    return frozenset(path for path in files if path.is_file())
