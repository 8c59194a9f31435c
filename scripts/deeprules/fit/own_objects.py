"""Layers and functions of a network's own file, found again in the process that loads it.

Keras writes down where a class comes from, and of a function its name alone, and looks for both
only among those that were registered by an import. So a fitted network says from which module of
the library it was built, and loading looks there.
"""

import importlib
import inspect
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ORIGIN = "deeprules.json"
"""Name, within a `.keras` file, of what tells the module that built a network, and its inputs."""
LIBRARY = Path(__file__).parents[1]
BUILDERS = re.compile(r"deeprules\.networks\.\w+")


def write_origin(path: str | Path, module: str, inputs: dict) -> None:
    """Write into a `.keras` file which module (full name) built the network, and its inputs."""
    content = {"module": module} if BUILDERS.fullmatch(module) else {}
    if content | inputs:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(ORIGIN, json.dumps(content | inputs))


def read_origin(path: str | Path) -> dict:
    """What `write_origin` wrote; empty for a file without."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(ORIGIN)) if ORIGIN in archive.namelist() else {}


def own_objects(path: str | Path) -> dict[str, object]:
    """Classes and functions that a `.keras` file of a fit may name, by the names Keras gives them.

    They are those of the module that built it, whether registered or not, and those of modules of
    the library, or beside the scripts, that the file names.
    """
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    origin = read_origin(path).get("module", "")
    names = set(_modules(config))
    names |= {origin} if BUILDERS.fullmatch(origin) else set()
    objects = {}
    for module in (importlib.import_module(name) for name in sorted(names)):
        objects |= _objects(module)
    return objects


def _modules(config: object) -> Iterator[str]:
    """Modules of the library, or beside the scripts, that a configuration of Keras names."""
    if isinstance(config, dict):
        name = config.get("module")
        if isinstance(name, str) and _is_ours(name):
            yield name
        for part in config.values():
            yield from _modules(part)
    elif isinstance(config, list):
        for part in config:
            yield from _modules(part)


def _is_ours(name: str) -> bool:
    """Whether a module lies in the folder of the scripts."""
    if not re.fullmatch(r"\w+(\.\w+)*", name):
        return False
    path = LIBRARY.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _objects(module: ModuleType) -> dict[str, object]:
    """What a module's names stand for, as far as it was written in the folder of the scripts."""
    import keras

    own = {
        name: one
        for name, one in vars(module).items()
        if (inspect.isclass(one) or inspect.isfunction(one)) and _is_ours(one.__module__)
    }
    return own | {keras.saving.get_registered_name(one): one for one in own.values()}
