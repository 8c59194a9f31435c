"""The models that config/own_models.md shows work as they stand in its text."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from network_fits import finish, start_python

from deeprules_workflow.hyperparameters import hyperparameters
from deeprules_workflow.modules import find_models
from deeprules_workflow.space import space_faults

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "config" / "own_models.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"As\s+`(scripts/deeprules/\w+/\w+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)
KINDS = {"extra_trees": "baseline", "dilated_cnn": "network"}
FIT = """
import sys
from pathlib import Path
import keras_tuner
import numpy as np
from network_fits import default_hyperparameters
from partitions import make_partition
from deeprules.checks.saved_network import require_loadable
from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import FILE_NAMES, find_module, load_model

folder = Path(sys.argv[1])
for name, kind in (pair.split("=") for pair in sys.argv[2:]):
    candidate = Candidate(name, kind, find_module(kind, name))
    for task in ("binary", "regression"):
        train, tune = (make_partition(folder / part, 120, "sequence", task) for part in ("a", "b"))
        if kind == "network" and task == "binary":
            hp = keras_tuner.HyperParameters()
            require_loadable(candidate, hp, train, 1, load_model)
        hp = default_hyperparameters(candidate, train)
        model = fit(candidate, hp, Development(train, tune), 1, Budget(2, 2)).model
        model.save(folder / f"{name}-{task}-{FILE_NAMES[kind]}")
        np.save(folder / f"{name}-{task}.npy", model.predict(tune.features, tune.examples))
        np.save(folder / f"features_{task}.npy", tune.features)
"""
LOAD = """
import sys
from pathlib import Path
import numpy as np
from deeprules.fit.models import load_model

folder = Path(sys.argv[1])
for path in sorted(folder.glob("*-model.*")):
    task = path.stem.split("-")[1]
    predictions = load_model(path).predict(np.load(folder / f"features_{task}.npy"), None)
    np.save(folder / f"{path.stem}.loaded.npy", predictions)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A copy of the library with the files that the page shows."""
    folder = tmp_path_factory.mktemp("workflow")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=ignored)
    for path, text in EXAMPLE.findall(PAGE):
        assert not (folder / path).exists()
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def test_the_examples_are_found_and_their_hyperparameters_are_known(library):
    found = find_models(library)
    for name, kind in KINDS.items():
        assert found[name].kind == kind and found[name].tasks and found[name].modalities
        assert hyperparameters(library, kind, name).is_complete
    models = {"dilated_cnn": {"space": {"filters": 32, "sharpnes": 1}}}
    (fault,) = space_faults(models, found, library)
    assert "did you mean `sharpness`?" in fault


def test_the_examples_fit_and_another_process_loads_them(library, tmp_path):
    program = f"import sys; sys.path.insert(0, {str(library / 'scripts')!r})\n"
    pairs = [f"{name}={kind}" for name, kind in KINDS.items()]
    finish(start_python(program + FIT, tmp_path, *pairs))
    finish(start_python(program + LOAD, tmp_path))
    fits = [path for path in tmp_path.glob("*-*.npy") if "loaded" not in path.name]
    assert len(fits) == 4
    for path in fits:
        loaded = np.load(tmp_path / f"{path.stem}-model.loaded.npy")
        np.testing.assert_allclose(loaded, np.load(path), atol=1e-6)


def test_the_page_names_what_a_file_must_say():
    for word in ("MODALITIES", "TASKS", "KIND", "INPUTS", "feature_steps", "OneHotBases"):
        assert f"`{word}" in PAGE or f"`*{word}" in PAGE
