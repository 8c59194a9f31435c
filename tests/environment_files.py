"""What the environment files pin and what the scripts of their rules import.

Only the standard library is used: the Python of any environment can ask.
"""

import ast
import re
import sys
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1]
sys.path.append(str(FOLDER / "workflow"))

from deeprules_workflow.fingerprint import library_files  # noqa: E402

SCRIPTS = FOLDER / "scripts"
ENVIRONMENTS = sorted((FOLDER / "envs").glob("*.yaml"))
BACKENDS = {"train": "tensorflow", "train-jax": "jax", "train-torch": "torch"}
"""Backend of Keras of an environment; each has a twin with CUDA."""
OTHERS = [f"{name}{end}" for name in BACKENDS if name != "train" for end in ("", "-cuda")]
PRIVATE = "train-private"
"""Environment of private networks, on JAX."""
HUGGINGFACE = "huggingface"
"""Environment of models of Hugging Face, with PyTorch; no script runs in it but a program."""
CHOSEN = {
    "TRAIN_ENVIRONMENT": ("train", "train-cuda", *OTHERS, PRIVATE),
    "KIPOI_ENVIRONMENT": ("kipoi", *OTHERS),
}
"""Environments among which the configuration chooses, by the name that rules call them."""
FOUND_BY_NAME = {
    "models": ("networks", "baselines"),
    "building": ("datasets",),
    "control": ("controls",),
}
"""Folders of the library whose modules a module imports by name, as the configuration says."""
NEVER_FOUND = {"run_simulated_cell": ("datasets",)}
"""Such folders that a script has no use for: what it reads, it has simulated itself."""


def pins(path):
    """Versions by package of a conda environment file; a build is left out."""
    lines = re.findall(r"^  - ([a-z0-9_.-]+) =(\S+)$", path.read_text(), re.MULTILINE)
    return {package: version.split("=")[0] for package, version in lines}


def pip_pins(path):
    """Versions by package of the `pip:` section of a conda environment file."""
    lines = re.findall(r"^    - ([a-z0-9_.-]+)==(\S+) ", path.read_text(), re.MULTILINE)
    return dict(lines)


def rule_blocks():
    """Name and text of every rule."""
    for file in sorted((FOLDER / "workflow" / "rules").glob("*.smk")):
        for block in re.split(r"\n(?:use rule \w+ as|rule|checkpoint) ", file.read_text())[1:]:
            yield re.match(r"\w+", block)[0], block


def rules():
    """Script and environment of every rule that has a script."""
    for _, block in rule_blocks():
        script = re.search(r'scripts/(\w+)\.py"', block)
        if script:
            conda = re.search(r'conda:\s+(?:"(?:\.\./)+envs/([\w-]+)\.yaml"|(\w+))', block)
            for environment in [conda[1]] if conda[1] else CHOSEN[conda[2]]:
                yield script[1], environment


def scripts_of(environment):
    """Names of the scripts that run in an environment."""
    return sorted({script for script, used in rules() if used == environment})


def closure(script, with_named=False):
    """Files that a script runs: itself and the library's modules that it imports.

    `with_named` adds the models and readers that it may find by name.
    """
    files = library_files(SCRIPTS, script)
    if with_named:
        folders = {one for file in files for one in FOUND_BY_NAME.get(file.stem, ())}
        folders -= set(NEVER_FOUND.get(script, ()))
        paths = [
            path for one in folders for path in (SCRIPTS / "deeprules" / one).glob("[a-z]*.py")
        ]
        files = library_files(
            SCRIPTS, script, *(f"{path.parent.name}.{path.stem}" for path in paths)
        )
    return {SCRIPTS / f"{script}.py", *files}


def backend(environment):
    """Backend of Keras in an environment."""
    known = {**BACKENDS, PRIVATE: "jax", HUGGINGFACE: "torch"}
    return known.get(environment.removesuffix("-cuda"), "tensorflow")


def imports(files, environment):
    """Third-party packages that files import in an environment: of the backends only its own."""
    others = set(BACKENDS.values()) - {backend(environment)}
    # What only such a run imports.
    others |= {"kipoi"} if environment == PRIVATE else {"jax_privacy"}
    # A process of its own, in the environment of models of Hugging Face; or PyTorch trains them.
    others |= set() if backend(environment) == "torch" else {"transformers"}
    names = {name.split(".")[0] for file in files for name in _imported(file)}
    return names - {"deeprules", "snakemake"} - set(sys.stdlib_module_names) - others


@cache
def _imported(file):
    """Dotted names that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names
