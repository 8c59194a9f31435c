"""Learning one batch by heart, and the suitability of data and budget."""

from types import SimpleNamespace

import keras
import keras_tuner
import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset, make_partition

from deeprules.checks.one_batch import one_batch, overfit_one_batch, require_learnt
from deeprules.checks.suitability import suitability, training_hours
from deeprules.errors import InputError
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import find_module


@pytest.mark.parametrize(
    ("name", "modality", "task"),
    [
        ("cnn", "sequence", "binary"),
        ("cnn", "sequence", "regression"),
        ("mlp", "tabular", "multiclass"),
    ],
)
def test_the_networks_learn_one_batch_by_heart(tmp_path, name, modality, task):
    train = make_partition(tmp_path / "train", 100, modality, task)
    candidate = Candidate(name, "network", find_module("network", name))
    result = overfit_one_batch(candidate, keras_tuner.HyperParameters(), train, seed=1)
    assert result["passed"] and result["examples"] == 32
    assert result["loss"] < 0.05 * result["constant_loss"]
    require_learnt(name, result)


def broken(**output):
    """A network whose input never reaches its output."""

    def build(hp, train):
        rows = keras.Input((train.dataset.n_features,))
        lost = keras.layers.Rescaling(0.0)(rows)
        return keras.Model(rows, keras.layers.Dense(1, **output)(lost))

    return Candidate("lost", "network", SimpleNamespace(build=build))


def test_a_network_that_loses_its_input_is_caught(tmp_path, monkeypatch):
    monkeypatch.setattr("deeprules.checks.one_batch.STEPS", 100)
    train = make_partition(tmp_path / "train", 100, "tabular")
    hp = keras_tuner.HyperParameters()
    result = overfit_one_batch(broken(activation="sigmoid"), hp, train, seed=1)
    assert not result["passed"]
    assert result["loss"] == pytest.approx(result["constant_loss"], rel=0.2)
    with pytest.raises(InputError, match=r"network lost cannot learn one batch of 32.*its inputs"):
        require_learnt("lost", result)


def test_the_examples_of_the_batch_differ(tmp_path):
    train = make_partition(tmp_path / "train", 100, "tabular")
    train.examples["content_hash"] = np.repeat(np.arange(50), 2)
    batch = one_batch(train, seed=1)
    assert batch.examples["content_hash"].is_unique
    assert np.bincount(batch.labels).min() >= 12


def result(seconds=0.01):
    return {"examples": 32, "steps": 100, "seconds_per_step": seconds}


BUDGET = {"trials": 10, "max_epochs": 50, "seeds": 3}


def statuses(found):
    return [check["status"] for check in found["checks"]]


def test_enough_balanced_data_pass():
    train = pd.DataFrame({"label": ["a"] * 500 + ["b"] * 500})
    found = suitability(make_dataset(), train, BUDGET, {"cnn": result()})
    assert set(statuses(found)) == {"pass"}


@pytest.mark.parametrize(
    ("dataset", "labels", "seconds", "said"),
    [
        (make_dataset(), ["a"] * 500 + ["b"] * 99, 0.01, "fewer than 100"),
        (make_dataset(), ["a"] * 5000 + ["b"] * 200, 0.01, "3.8%"),
        (make_dataset("tabular", n_features=2000), ["a", "b"] * 500, 0.01, "2,000 features"),
        (make_dataset(), ["a", "b"] * 5000, 1.0, "at most 56.5 h of training"),
    ],
)
def test_what_makes_a_network_unsuitable_is_warned_of(dataset, labels, seconds, said):
    found = suitability(dataset, pd.DataFrame({"label": labels}), BUDGET, {"n": result(seconds)})
    warnings = [check["sentence"] for check in found["checks"] if check["status"] == "warn"]
    assert len(warnings) == 1 and said in warnings[0]


def test_hours_are_steps_of_the_timed_batch_times_their_time():
    for examples, steps in ((32, 20), (8, 80)):
        found = training_hours(0.36, examples, 640, BUDGET)
        assert found == pytest.approx(0.36 * steps * 13 * 50 / 3600)


def test_a_short_training_is_not_said_to_take_no_time():
    train = pd.DataFrame({"label": ["a", "b"] * 160})
    found = suitability(make_dataset(), train, BUDGET, {"cnn": result(0.01)})
    assert "at most 65.0 s of training" in found["checks"][-1]["sentence"]
