"""Folders in which one file is one of many: found by name, listed nowhere."""

import importlib
from pathlib import Path
from types import ModuleType


def modules_in(package: str) -> dict[str, ModuleType]:
    """The modules of a package, by name.

    A package calls it with its own `__name__`, by which a rule's fingerprint knows that every file
    in the folder is part of what uses the package.
    """
    folder = Path(importlib.import_module(package).__file__).parent
    names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
    return {name: importlib.import_module(f"{package}.{name}") for name in names}
