"""Activations of a pretrained model as features, computed once for the same model and sequences.

Activations with positions, (N, positions, channels), are pooled to their maximum over the
positions, as what a motif detector found anywhere; others are flattened. Where several windows
cover a sequence, their activations are averaged.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deeprules import processes
from deeprules.confinement import Confinement, find_means
from deeprules.errors import InputError
from deeprules.files import read_array, whole_file, write_json
from deeprules.pretrained.activation_program import activation_chunks, save_chunks
from deeprules.pretrained.pretrained import Pretrained

NEEDED = {"transformers": "torch and transformers"}
OTHERWISE = "keras or kipoi with the model's framework"
"""What an environment needs to run a model, by framework."""


def activations(pretrained: Pretrained, codes: np.ndarray, cache: Path | None) -> np.ndarray:
    """Activations `float32` (N, D) of byte codes (N, L).

    Memory-mapped from the folder `cache`, where they are computed if it does not hold them yet;
    without it they are in memory and nothing of them is kept.

    Raises
    ------
    InputError if an activation is not finite, the layer is missing, the lengths do not fit, or the
    environment of the model fails.
    """
    if cache is not None:
        return read_array(cached_activations(pretrained, codes, cache))
    if not runs_apart(pretrained.contract):
        return np.concatenate(
            list(activation_chunks(pretrained.folder, pretrained.contract, codes))
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "activations.npy"
        _compute(pretrained, codes, path)
        return np.load(path)


def cached_activations(pretrained: Pretrained, codes: np.ndarray, cache: Path) -> Path:
    """The file in the folder `cache` that holds the activations of byte codes (N, L)."""
    path = Path(cache) / f"{activations_key(pretrained, codes)}.npy"
    if not path.exists() or not path.stat().st_size:
        with whole_file(path) as unfinished:
            _compute(pretrained, codes, unfinished)
    return path


def runs_apart(contract: Mapping) -> bool:
    """Whether a model is run by a process of its own, from which data and labels are hidden.

    One that brings code is, and one of another environment.
    """
    return contract["python"] is not None or contract["trust"]


def activations_key(pretrained: Pretrained, codes: np.ndarray) -> str:
    """SHA-256 over all that activations depend on: the model, its layer and input, the codes."""
    digest = hashlib.sha256(pretrained.identity.encode())
    digest.update(repr((codes.shape, codes.dtype.str)).encode())
    digest.update(np.ascontiguousarray(codes))
    return digest.hexdigest()


def input_name(pretrained: Pretrained) -> str:
    """Name of the input of a network on these activations; it ties the network to its source."""
    identity = hashlib.sha256(pretrained.identity.encode()).hexdigest()
    return f"activations_{identity[:16]}"


def link_or_copy(source: Path, target: str | Path) -> None:
    """Give a file a second name, or a copy where the file system has no hard links."""
    with whole_file(target) as unfinished:
        try:
            os.link(source, unfinished)
        except OSError:
            shutil.copyfile(source, unfinished)


def _compute(pretrained, codes, path):
    """Write activations to a `.npy` file, in the model's own environment if it has one."""
    folder, contract = pretrained.folder, pretrained.contract
    python = contract["python"] or sys.executable
    if not runs_apart(contract):
        save_chunks(path, activation_chunks(folder, contract, codes), len(codes))
        return
    if not Path(python).is_file():
        raise InputError(f"pretrained.{contract['name']}.python: there is no interpreter {python}.")
    with tempfile.TemporaryDirectory() as exchange:
        request = Path(exchange) / "request.json"
        np.save(request.with_name("codes.npy"), codes)
        paths = {"codes": str(request.with_name("codes.npy")), "output": str(path.absolute())}
        write_json(request, {"folder": str(folder.absolute()), "contract": contract, **paths})
        # Nothing of this environment may reach into the other one.
        foreign = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
        foreign["PYTHONPATH"] = str(Path(__file__).parents[2])
        foreign |= {"TMPDIR": exchange, "HF_HOME": exchange, "HF_HUB_OFFLINE": "1"}
        words = [python, "-m", "deeprules.pretrained.activation_program", str(request)]
        confinement = Confinement(
            tuple(contract.get("hidden", ())),
            (str(folder.absolute()),),
            (exchange, str(path.absolute().parent)),
        )
        result = processes.run(
            confinement.command(words, find_means() if confinement.hidden else None),
            env=foreign,
            text=True,
            stderr=subprocess.STDOUT,
        )
    if result.returncode:
        said = "\n".join(result.stdout.strip().splitlines()[-15:])
        raise InputError(
            f"pretrained.{contract['name']}.python: {python} did not compute the "
            f"activations. It needs numpy, and {NEEDED.get(contract['framework'], OTHERWISE)}; see "
            f"envs/README.md. It said:\n{said}"
        )
