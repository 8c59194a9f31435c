"""Import all that the rules of an environment import, with the environment's own Python.

python check_environment.py NAME
"""

import importlib
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from environment_files import (
    FOLDER,
    HUGGINGFACE,
    SCRIPTS,
    backend,
    closure,
    imports,
    pins,
    scripts_of,
)

PROGRAM = "deeprules/pretrained/transformers_program"
"""What runs in the environment of models of Hugging Face, where no script does."""
sys.path.insert(0, str(SCRIPTS))


def main(name: str) -> None:
    """Stop at the first import or version that is not as the file says."""
    home = Path(sys.prefix)
    os.environ["KERAS_BACKEND"] = backend(name)
    files = set().union(*(closure(script, with_named=True) for script in scripts_of(name)))
    packages = sorted(imports(files, name))
    if name == HUGGINGFACE:
        files = closure(PROGRAM)
        packages = sorted(imports(files, name) - {"torch"})  # of which the channel holds nothing
    for package in packages:
        found = importlib.import_module(package)
        place = Path(found.__file__ or next(iter(found.__path__)))
        if home not in place.parents:
            sys.exit(f"{package} comes from {place}, not from the environment.")
    modules = [file for file in files if file.parent != SCRIPTS]
    for module in sorted(modules):
        parts = module.relative_to(SCRIPTS).with_suffix("").parts
        importlib.import_module(".".join(parts).removesuffix(".__init__"))
    print(f"{name}: {len(packages)} packages and {len(modules)} modules of the library imported")
    for package, pinned in pins(FOLDER / "envs" / f"{name}.yaml").items():
        try:
            found = version(package)
        except PackageNotFoundError:
            continue  # Not a package of Python, or one of another name there.
        if found != pinned:
            sys.exit(f"{package} {pinned} is pinned, but {found} is installed.")


if __name__ == "__main__":
    main(*sys.argv[1:])
