"""The models that config/own_models.md shows work as they stand there, from fit to export."""

import re
import shutil
from pathlib import Path

import pytest
from kipoi_process import kipoi_test
from network_fits import run_python

from deeprules_workflow.hyperparameters import hyperparameters
from deeprules_workflow.modules import find_models
from deeprules_workflow.space import space_faults

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "config" / "own_models.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"As\s+`(scripts/deeprules/\w+/\w+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)
KINDS = {"extra_trees": "baseline", "dilated_cnn": "network", "cnn_with_covariates": "network"}
NETWORKS = [name for name, kind in KINDS.items() if kind == "network"]
JOBS = """
import runpy, sys
from pathlib import Path
from types import SimpleNamespace
import keras_tuner
from network_fits import default_hyperparameters, uncompiled
from partitions import make_partition
from deeprules.files import write_json
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import FILE_NAMES
from deeprules.yaml_files import write_yaml

scripts, folder = map(Path, sys.argv[1:3])
none_stated = dict.fromkeys(("version", "licence", "citation"), "not stated")
terms = {"seed": 1, "max_epochs": 2, "patience": 2, "objective": "auprc", "seeds": [1]}
made = {"simulate": {"kind": "sequences"}, **none_stated}
terms |= {"config": {"data": {"sources": {"made": made}, "sensitivity": "public"}}, "examples": 4}
terms |= {"state": str(folder / "ended"), "library": "", "arithmetic": ""}

class Named(dict):
    __getattr__ = dict.__getitem__

def run(script, inputs, outputs, params):
    job = SimpleNamespace(input=Named(inputs), output=Named(outputs), params=Named(terms | params),
                          wildcards=Named(seed="1", model=params["model"]), threads=1,
                          log=[str(folder / "log")])
    runpy.run_path(str(scripts / f"{script}.py"), {"snakemake": job})

for task in ("binary", "regression"):
    data, terms["in_memory_mb"] = folder / task, 0 if task == "binary" else 4000
    parts = {name: make_partition(data / name, 120, "sequence", task) for name in ("train", "tune")}
    inputs = {f"{name}_features": data / name / "features.npy" for name in parts}
    inputs |= {"features": data / "train" / "features.npy", "dataset": data / "dataset.json",
               "examples": data / "train" / "examples.parquet", "study": data / "study.json",
               "feature_names": data / "names.txt"}
    write_json(inputs["dataset"], vars(parts["train"].dataset))
    study = dict.fromkeys(("title", "question", "endpoint", "unit"), "made up")
    write_json(inputs["study"], {"study": study})
    inputs["feature_names"].write_text("")
    for name, kind in (pair.split("=") for pair in sys.argv[3:]):
        entry = {"kind": kind, "module": name, "space": {}}
        params = {"model": name, "entry": entry}
        if kind == "network" and task == "binary":
            run("check_network", inputs, {"result": data / f"{name}.check.json"}, params)
        asked = default_hyperparameters(Candidate.of(name, entry), parts["train"]).values
        inputs["best"] = data / f"{name}.yaml"
        fit = data / name
        files = {"settings": "s.yaml", "history": "h.tsv", "scores": "scores.json",
                 "predictions": "predictions.parquet", "model": FILE_NAMES[kind]}
        files = {key: str(fit / file) for key, file in files.items()}
        asked["batch_size"] = 120  # one step an epoch
        write_yaml(inputs["best"], {"model": name, **entry, "hyperparameters": asked})
        with uncompiled():
            run("fit_model", inputs, files, params)
        if kind == "network" and task == "binary":
            fits = {"models": [files["model"]], "scores": [files["scores"]]}
            run("export_kipoi", inputs | fits, {"folder": folder / "export" / name}, params)
"""
EVALUATE = """
import sys
from pathlib import Path
import numpy as np
import pandas as pd
from deeprules.data import Dataset, Partition
from deeprules.evaluate.rehearsal import rehearse
from deeprules.files import read_json
from deeprules.fit.loading import ModelLoader

folder = Path(sys.argv[1])
for path in [*folder.glob("binary/*/model.*"), *folder.glob("regression/*/model.*")]:
    data, fit = path.parents[1], path.parent
    tune = Partition(data / "tune", Dataset.load(data / "dataset.json"))
    objective = "auprc" if tune.dataset.is_classification else "r2"
    score = read_json(fit / "scores.json")["tune"][objective]
    frozen = {"models": {fit.name: {"files": {str(path): ""}, "tune_scores": [score]}}}
    load = ModelLoader.of_frozen(frozen, {}, [], [])
    (found,) = rehearse(frozen, tune, load, objective)[fit.name]
    table = pd.read_parquet(fit / "predictions.parquet").query("partition == 'tune'")
    expected = table.filter(regex="^p_|^prediction$").to_numpy()
    assert np.allclose(found.reshape(expected.shape), expected, rtol=0, atol=1e-6), path
    print(data.name, fit.name)
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


def test_from_fit_to_export_the_examples_are_models_like_any_other(library, tmp_path):
    """One file each: fitted by the jobs, evaluated by another process, accepted by kipoi."""
    scripts = library / "scripts"
    program = f"import sys; sys.path.insert(0, {str(scripts)!r})\n"
    pairs = [f"{name}={kind}" for name, kind in KINDS.items()]
    run_python(program + JOBS, scripts, tmp_path, *pairs)
    said = run_python(program + EVALUATE, tmp_path)
    for name in KINDS:
        assert f"binary {name}\n" in said and f"regression {name}\n" in said
    moved = [tmp_path / f"moved_{name}" for name in NETWORKS]
    for name, folder in zip(NETWORKS, moved, strict=True):
        shutil.move(tmp_path / "export" / name, folder)
    said = kipoi_test(moved, tmp_path)
    assert all(f"accepted {folder}\n" in said for folder in moved), said[-3000:]
    assert said.count("All predictions match") == len(moved) and "not compatible" not in said


def test_the_page_names_what_a_file_must_say():
    constants = ("MODALITIES", "TASKS", "KIND", "INPUTS", "USES_CLASS_WEIGHTS")
    for word in (*constants, "feature_steps", "OneHotBases"):
        assert f"`{word}" in PAGE or f"`*{word}" in PAGE
