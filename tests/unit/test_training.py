"""Training of networks: stopping, class weights, streaming from disk."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from network_fits import SMALL_MLP
from partitions import make_partition

from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.losses import class_weights
from deeprules.fit.models import ChosenHyperparameters, find_module
from deeprules.fit.training import StreamedBatches

MLP = Candidate("mlp", "network", find_module("network", "mlp"))


FEW_STEPS = {**SMALL_MLP, "batch_size": 75}


def train_mlp(tmp_path, budget, **changes):
    train = make_partition(tmp_path / "train", 150, "tabular", n_features=8)
    tune = make_partition(tmp_path / "tune", 60, "tabular", n_features=8, seed=1)
    hp = ChosenHyperparameters({**SMALL_MLP, **changes})
    return fit(MLP, hp, Development(train, tune), 1, budget), tune


def test_training_stops_when_tune_no_longer_improves_with_the_weights_of_the_best_epoch(tmp_path):
    fitted, tune = train_mlp(tmp_path, Budget(60, 3), learning_rate=0.1, l2=0.0)
    best = fitted.history["val_loss"].idxmin()
    assert fitted.epochs == best + 1 + 3 < 60
    probability = fitted.model.predict(tune.features)[np.arange(len(tune)), tune.labels]
    assert -np.log(probability).mean() == pytest.approx(fitted.history["val_loss"].min(), rel=1e-3)


@pytest.mark.usefixtures("uncompiled_fits")
def test_the_loss_on_tune_has_the_class_weights_of_train(tmp_path):
    train = make_partition(tmp_path / "train", 150, "tabular", n_features=8)
    train = train.subset(
        np.r_[np.flatnonzero(train.labels == 0), np.flatnonzero(train.labels)[:15]]
    )
    tune = make_partition(tmp_path / "tune", 60, "tabular", n_features=8, seed=1)
    hp = ChosenHyperparameters({**FEW_STEPS, "l2": 0.0})
    for in_memory_mb in (4000, 0):
        budget = Budget(2, 2, in_memory_mb=in_memory_mb)
        fitted = fit(MLP, hp, Development(train, tune), 1, budget)
        probability = fitted.model.predict(tune.features)[np.arange(len(tune)), tune.labels]
        weights = class_weights(train)[tune.labels]
        expected = (-np.log(probability) * weights).sum() / len(tune)
        assert fitted.history["val_loss"].min() == pytest.approx(expected, rel=0.05)


def test_features_too_large_for_memory_are_streamed(tmp_path):
    fitted, tune = train_mlp(tmp_path, Budget(8, 8, in_memory_mb=0), learning_rate=0.05)
    assert (fitted.model.predict(tune.features).argmax(axis=1) == tune.labels).mean() > 0.9


def test_streamed_batches_hold_every_example_once_an_epoch_in_a_new_order():
    features = np.arange(103, dtype=np.float32)[:, None]
    batches = StreamedBatches(features, features[:, 0], 10, seed=1, weights=np.ones(len(features)))
    epochs = []
    for _ in range(2):
        epochs.append([batches[index][0][:, 0] for index in range(len(batches))])
        batches.on_epoch_end()
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch)), np.arange(103))
    assert not np.array_equal(epochs[0][0], epochs[1][0])


def test_class_weights_balance_the_classes(tmp_path):
    train = make_partition(tmp_path / "train", 100, "tabular", n_features=8)
    train = train.subset(
        np.r_[np.flatnonzero(train.labels == 0), np.flatnonzero(train.labels)[:10]]
    )
    weights = class_weights(train)
    counts = np.bincount(train.labels)
    assert weights[0] * counts[0] == pytest.approx(weights[1] * counts[1])
    assert sum(weights[k] * counts[k] for k in (0, 1)) == pytest.approx(len(train))


@pytest.mark.usefixtures("uncompiled_fits")
def test_every_setting_is_written_down(tmp_path):
    fitted, _ = train_mlp(tmp_path, Budget(2, 2), optimizer="sgd", sgd_learning_rate=0.05)
    settings = yaml.safe_load(yaml.safe_dump(fitted.settings))
    assert settings["optimizer"]["momentum"] == pytest.approx(0.9)
    assert settings["optimizer"]["learning_rate"] == pytest.approx(0.05)
    assert settings["batch_size"] == 32
    assert settings["loss"] == "binary_crossentropy"
    assert settings["early_stopping"]["patience"] == 2


def two_stages(factor):
    """A network whose first layer is trained in the second stage alone."""
    import keras

    def build(hp, train):
        rows = keras.Input((8,))
        body = keras.layers.Dense(8, activation="relu", name="body", trainable=False)
        return keras.Model(rows, keras.layers.Dense(1, activation="sigmoid")(body(rows)))

    def unfreeze(model, hp):
        model.get_layer("body").trainable = True
        return factor

    return Candidate("two", "network", SimpleNamespace(build=build, unfreeze=unfreeze))


def test_a_second_stage_trains_what_is_unfrozen(tmp_path):
    train = make_partition(tmp_path / "train", 150, "tabular", n_features=8)
    tune = make_partition(tmp_path / "tune", 60, "tabular", n_features=8, seed=1)
    hp = ChosenHyperparameters(FEW_STEPS)
    bodies, histories = {}, {}
    for name, candidate in {"frozen": two_stages(0.0), "thawed": two_stages(1.0)}.items():
        fitted = fit(candidate, hp, Development(train, tune), 1, Budget(4, 4))
        bodies[name] = fitted.model.model.get_layer("body").get_weights()[0]
        histories[name] = fitted.history
    assert not np.allclose(bodies["frozen"], bodies["thawed"])
    assert histories["thawed"]["epoch"].tolist() == [1, 2, 3, 4]
    first, second = histories["frozen"][:2], histories["thawed"][:2]
    assert first["loss"].tolist() == second["loss"].tolist()


@pytest.mark.usefixtures("uncompiled_fits")
def test_a_second_stage_that_makes_it_worse_is_undone(tmp_path):
    train = make_partition(tmp_path / "train", 150, "tabular", n_features=8)
    tune = make_partition(tmp_path / "tune", 60, "tabular", n_features=8, seed=1)
    hp = ChosenHyperparameters(FEW_STEPS)
    fitted = fit(two_stages(1000.0), hp, Development(train, tune), 1, Budget(4, 4))
    probability = fitted.model.predict(tune.features)[np.arange(len(tune)), tune.labels]
    weights = class_weights(train)[tune.labels]
    loss = (-np.log(probability) * weights).mean()
    assert fitted.history["val_loss"].idxmin() < 2
    assert loss == pytest.approx(fitted.history["val_loss"].min(), rel=1e-3)
