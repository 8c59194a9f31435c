"""Lay out a released folder: the model, code that predicts, its environment and an example."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from deeprules import processes
from deeprules.errors import InputError
from deeprules.files import write_json, write_text
from deeprules.predict.packed import PackedModel
from deeprules.predict.packing import pack_model
from deeprules.release.compare import largest_difference, read_predictions
from deeprules.release.environment import installed_packages, requirements
from deeprules.release.example import write_example

LOCKS = ("requirements.lock", "requirements-private.lock")
"""In `envs`; the second adds what private networks need to the first."""


def lay_out_release(
    folder: Path,
    run: str | Path,
    choice: Mapping,
    card: str | Path,
    readers: Mapping,
    code: Iterable[str],
    workflow_folder: str | Path,
) -> None:
    """Fill an empty folder with all that a release holds but its crate and checksums.

    Parameters
    ----------
    run : working directory of the finished run
    choice : the released model: `model`, `why`
    card : the model card
    readers : how files of new examples are read: `formats`, `defaults`
    code : modules of the library that predict, as paths from `scripts`
    workflow_folder : folder of the workflow

    Raises
    ------
    InputError
        If the folder does not predict its own example.
    """
    source = Path(workflow_folder)
    pack_model(run, folder / "model", choice)
    for name in code:
        target = folder / "code" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / "scripts" / name, target)
    shutil.copyfile(source / "workflow" / "release" / "predict.py", folder / "predict.py")
    shutil.copyfile(source / "LICENSE", folder / "LICENSE")
    shutil.copyfile(card, folder / "README.md")
    write_json(folder / "readers.json", readers)
    (folder / "example").mkdir()
    example = write_example(PackedModel.open(folder / "model"), folder / "example")
    modules = _predict(folder, example, folder / "example" / "expected.tsv")
    again = folder / "again.tsv"
    _predict(folder, example, again)
    gap = largest_difference(*map(read_predictions, (again, folder / "example" / "expected.tsv")))
    again.unlink()
    if gap > 0:
        raise InputError(
            f"The released model gives other predictions at each call (difference {gap:.1e}): it "
            "cannot be checked by whoever gets it, and is not released."
        )
    locks = [(source / "envs" / name).read_text(encoding="utf-8") for name in LOCKS]
    write_text(folder / "requirements.txt", requirements(locks, installed_packages(modules)))


def _predict(folder: Path, example: Path, output: Path) -> list[str]:
    """Predict by the folder's own program in a process of its own; the modules that it imported."""
    listed = folder / "modules.json"
    environment = {**os.environ, "DEEPRULES_HERE": "1", "DEEPRULES_MODULES": str(listed)}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, str(folder / "predict.py"), str(example), str(output)]
    done = processes.run(command, env=environment, text=True)
    if done.returncode:
        raise InputError(
            f"The released folder does not predict its own example: {done.stderr.strip()[-1500:]}"
        )
    modules = json.loads(listed.read_text())
    listed.unlink()
    return modules
