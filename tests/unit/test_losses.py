"""Huber's loss of regressions: a choice of every model that has it, and what it is for."""

import numpy as np
import pytest
from network_fits import SMALL_MLP, TESTS, default_hyperparameters
from partitions import make_partition

from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.models import ChosenHyperparameters, find_module
from deeprules.statistics.metrics import scores
from deeprules_workflow.hyperparameters import hyperparameters

KINDS = {"ridge": "baseline", "gradient_boosting": "baseline", "mlp": "network"}
LOSSES = ("mean_squared_error", "huber")


def with_outliers(folder, name, n, seed, share):
    """Rows whose value is the size of an effect, and a share of values far out."""
    part = make_partition(folder / name, n, "tabular", "regression", 6, seed)
    rng = np.random.default_rng(seed)
    values = part.labels + rng.normal(0, 0.1, n)
    far = rng.random(n) < share
    values[far] += rng.choice([-1, 1], far.sum()) * rng.uniform(50, 100, far.sum())
    return part.with_labels(values)


@pytest.mark.parametrize("name", KINDS)
def test_a_regression_with_outliers_is_better_with_hubers_loss(tmp_path, name):
    train = with_outliers(tmp_path, "train", 300, 0, 0.1)
    tune = with_outliers(tmp_path, "tune", 100, 1, 0.1)
    clean = with_outliers(tmp_path, "clean", 200, 2, 0)
    candidate = Candidate(name, KINDS[name], find_module(KINDS[name], name))
    values = SMALL_MLP | {"learning_rate": 0.006} if name == "mlp" else {}
    hp = ChosenHyperparameters(default_hyperparameters(candidate, train).values | values)
    error = {}
    for loss in LOSSES:
        hp.values["loss"] = loss
        model = fit(candidate, hp, Development(train, tune), 1, Budget(15, 15)).model
        predicted = model.predict(clean.features, clean.examples)
        error[loss] = scores("regression", clean.labels, predicted)["mae"]
    print(name, error)
    assert error["huber"] < 0.8 * error["mean_squared_error"]


@pytest.mark.parametrize("name", KINDS)
def test_the_configuration_knows_both_losses(name):
    asked = hyperparameters(TESTS.parent, KINDS[name], name).known["loss"]
    assert asked.choices == LOSSES
