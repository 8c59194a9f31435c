"""The certificate of determinism: two processes, and what must not be called identical."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import warm_starts
from network_fits import SMALL_MLP
from partitions import make_partition

from deeprules.control import Terms
from deeprules.controls.determinism import FIRST, compare_fits, run, summarise
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import read_json, write_json, write_table
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitted_files import FILES
from deeprules.fit.fitting import write_fit
from deeprules.fit.models import load_model
from deeprules.seeds import derived_seed

BUDGET = Budget(3, 3)
SEED = 5
FOREST = {"max_features": "sqrt", "min_samples_leaf": 1}
MLP = {**SMALL_MLP, "input_dropout": 0.1, "dropout": 0.3}
MODELS = {"mlp": ("network", MLP), "random_forest": ("baseline", FOREST)}


def parts(folder):
    return [
        make_partition(folder / name, n, "tabular", n_features=8, seed=seed)
        for name, n, seed in (("train", 90, 0), ("tune", 40, 1))
    ]


def chosen(name):
    kind, hyperparameters = MODELS[name]
    best = {"model": name, "kind": kind, "module": name, "hyperparameters": hyperparameters}
    return ChosenModel(Candidate.of(name, best), best, BUDGET)


def paths_in(folder, name):
    suffix = "keras" if MODELS[name][0] == "network" else "joblib"
    files = {**FILES, "model": f"model.{suffix}"}
    return SimpleNamespace(**{key: folder / file for key, file in files.items()})


def fit_and_write(folder, name, seed):
    """What fit_model does."""
    train, tune = parts(folder)
    fitted = chosen(name).fit(Development(train, tune), seed)
    write_fit(fitted, chosen(name).best, Development(train, tune), paths_in(folder / name, name))


def fit_all(folder):
    for name in MODELS:
        fit_and_write(folder, name, derived_seed(SEED, FIRST))


def certify_all(folder):
    write_json(folder / "found.json", {name: certify(folder, name) for name in MODELS})


def in_a_process_of_its_own(task, *given):
    """Call a function as a job does: in a process where nothing was fitted before."""
    assert warm_starts.start(task, *given) == 0


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A folder with data and with finished fits."""
    folder = tmp_path_factory.mktemp("finished")
    in_a_process_of_its_own(fit_all, folder)
    return folder


def certify(folder, name, seed=SEED):
    finished = paths_in(folder / name, name)
    files = {f"fit_{key}": [getattr(finished, key)] for key in ("model", "predictions", "scores")}
    terms = Terms(True, seed, "auroc", 0, files=files)
    table, found = summarise(run(chosen(name), Development(*parts(folder)), terms), None, terms)
    assert len(table) == 1 and found["model"] == name
    return found


@pytest.fixture(scope="module")
def certificates(finished) -> dict:
    in_a_process_of_its_own(certify_all, finished)
    return read_json(finished / "found.json")


@pytest.mark.parametrize("name", MODELS)
def test_the_same_fit_in_another_process_is_identical(certificates, name):
    found = certificates[name]
    assert found["is_identical"] and found["largest_difference"] == 0, found
    assert found["tune_score"] == found["tune_score_again"]
    assert "bitwise identical" in found["sentence"]


def test_what_the_fit_ran_on_is_stated(certificates):
    found = certificates["mlp"]
    assert found["backend"] in ("tensorflow", "jax", "torch")
    assert found["device"]
    assert found["deterministic_operations"] is (found["backend"] != "jax")
    assert certificates["random_forest"]["backend"] == "scikit-learn"


@pytest.mark.parametrize("name", MODELS)
def test_another_seed_is_not_called_identical(finished, name):
    found = certify(finished, name, SEED + 1)
    assert not found["is_identical"] and not found["weights_identical"]
    assert found["largest_difference"] > 0
    assert "not identical: predictions differ by up to" in found["sentence"]


def copied(finished, tmp_path, name="mlp"):
    """The files of a finished fit, to be altered."""
    first, copy = paths_in(finished / name, name), paths_in(tmp_path, name)
    for key, path in vars(copy).items():
        path.write_bytes(getattr(first, key).read_bytes())
    return first, copy


def test_one_changed_weight_is_not_called_identical(finished, tmp_path):
    first, copy = copied(finished, tmp_path)
    network = load_model(first.model)
    first.model = tmp_path / "first.keras"
    for path in (first.model, copy.model):
        network.save(path)
    assert compare_fits(first, copy, "auroc")["is_identical"]
    layer = network.model.layers[-1]
    kernel, bias = layer.get_weights()
    kernel[0, 0] = np.nextafter(kernel[0, 0], np.inf)
    layer.set_weights([kernel, bias])
    network.save(copy.model)
    found = compare_fits(first, copy, "auroc")
    assert found["predictions_identical"]
    assert not found["is_identical"] and not found["weights_identical"]


def test_one_prediction_that_differs_in_its_last_bit_is_not_called_identical(finished, tmp_path):
    first, copy = copied(finished, tmp_path)
    table = pd.read_parquet(copy.predictions)
    table.loc[3, "p_yes"] = np.nextafter(table.loc[3, "p_yes"], 2)
    write_table(copy.predictions, table)
    found = compare_fits(first, copy, "auroc")
    assert found["weights_identical"] and not found["is_identical"]
    assert 0 < found["largest_difference"] < 1e-15


def test_predictions_of_other_examples_are_refused(finished, tmp_path):
    first, copy = copied(finished, tmp_path)
    table = pd.read_parquet(copy.predictions)
    write_table(copy.predictions, table.assign(id=table["id"].iloc[::-1].to_numpy()))
    with pytest.raises(InputError, match="other examples"):
        compare_fits(first, copy, "auroc")
