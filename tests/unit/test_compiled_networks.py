"""A second fit of an architecture: traced no more, and the same to the last bit."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from network_fits import default_hyperparameters
from partitions import make_partition

from deeprules.data import Development
from deeprules.fit import compiled_networks
from deeprules.fit.blocks import output_layer
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitted_files import model_sha256
from deeprules.fit.fitting import fit
from deeprules.fit.models import ChosenHyperparameters, find_module
from deeprules.fit.training import compile_network
from deeprules.layers import OneHotBases

SMALL = {"filters": 8, "units": 8, "blocks": 1, "kernel": 7}
RANDOM = {"augment_shift": 3, "strands": "augment", "dropout": 0.3, "optimizer": "adamw"}
"""Layers that draw, and an optimizer with a state of two moments."""


@pytest.fixture(autouse=True)
def nothing_kept():
    compiled_networks._kept.clear()
    yield
    compiled_networks._kept.clear()


def case(folder, name="cnn", task="binary", **values):
    """A fit of a small network as a function of its seed, and perhaps of other data or values."""
    modality = "sequence" if name == "cnn" else "tabular"
    parts = [
        make_partition(folder / part, n, modality, task, n_features=30, seed=seed)
        for part, n, seed in (("train", 90, 0), ("tune", 40, 1))
    ]
    candidate = Candidate(name, "network", find_module("network", name))
    hp = default_hyperparameters(candidate, parts[0])
    hp.values |= SMALL | {"weight_decay": 1e-3} | values

    def made(seed, train=parts[0], **changed):
        values = ChosenHyperparameters(hp.values | changed)
        return fit(candidate, values, Development(train, parts[1]), seed, Budget(2, 2))

    return made, parts


def bits(fitted, part, folder):
    """All that a fit leaves: its file, its predictions, its history."""
    fitted.model.save(folder / "model.keras")
    predictions = fitted.model.predict(part.features, part.examples)
    return (
        model_sha256(folder / "model.keras"),
        predictions.tobytes(),
        fitted.history.to_csv(),
        str(fitted.settings),
    )


def test_a_fit_in_a_network_of_before_is_bitwise_that_of_a_new_one(tmp_path, monkeypatch):
    """And traced no more: layers are called when they are built, and whenever a step is traced."""
    called, call = [], OneHotBases.call
    monkeypatch.setattr(OneHotBases, "call", lambda *given: called.append(1) or call(*given))
    made, (train, tune) = case(tmp_path, **RANDOM)
    wanted = {"seed": 2, "train": train.subset(np.arange(70)), "learning_rate": 5e-3}
    alone = bits(made(**wanted), tune, tmp_path)
    compiled_networks._kept.clear()
    calls = []
    for one in ({"seed": 1}, wanted):
        called.clear()
        fitted = bits(made(**one), tune, tmp_path)
        calls.append(len(called))
        assert (fitted == alone) == (one is wanted)
    assert calls[1] <= calls[0] - 3  # of training, of the loss on tune, of prediction


@pytest.mark.usefixtures("uncompiled_fits")
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="kernels are TensorFlow's")
def test_kernels_are_kept_while_an_architecture_is(tmp_path, monkeypatch):
    from tensorflow.python import pywrap_tfe

    cleared, clear = [], pywrap_tfe.TFE_ContextClearCaches

    def counted(context):
        cleared.append(1)
        clear(context)

    monkeypatch.setattr(pywrap_tfe, "TFE_ContextClearCaches", counted)
    made, _ = case(tmp_path, "mlp")

    def clearings(**values):
        cleared.clear()
        made(1, **values)
        return len(cleared)

    assert clearings() > 0 and clearings() == 0 and clearings(learning_rate=0.1) == 0
    assert clearings(units=9) == 1 and clearings(units=9) == 0
    assert pywrap_tfe.TFE_ContextClearCaches is counted


@pytest.mark.usefixtures("uncompiled_fits")
def test_a_network_that_someone_holds_is_left_alone(tmp_path):
    made, (_, tune) = case(tmp_path, "mlp", "regression", batch_size=90)
    first = made(1)
    before = first.model.predict(tune.features)
    second = made(2)
    assert first.model.model is not second.model.model
    assert np.array_equal(first.model.predict(tune.features), before)
    held = first.model.model
    del first
    assert made(3).model.model is held
    assert len(compiled_networks._kept) == 2


def test_another_network_is_not_given_the_state_of_one(tmp_path):
    train = make_partition(tmp_path / "train", 40, n_features=30)
    cnn = Candidate("cnn", "network", find_module("network", "cnn"))
    hp = default_hyperparameters(cnn, train)
    hp.values |= SMALL | RANDOM | {"weight_decay": 1e-3}

    def key(**changed):
        keras.backend.clear_session()
        values = ChosenHyperparameters(hp.values | changed)
        return compiled_networks.compiled(compile_network(cnn, values, train)[0]).key

    same = key()
    assert same == key(learning_rate=0.1) == key()
    assert len(compiled_networks._kept) == 1
    others = {"filters": 12, "dropout": 0.1, "weight_decay": 1e-2, "optimizer": "adam", "l2": 0.1}
    found = {key(**{name: value}) for name, value in others.items()}
    assert len(found | {same}) == 6 and len(compiled_networks._kept) == 1


@keras.saving.register_keras_serializable(package="test")
class Noise(keras.layers.Layer):
    """A layer of one's own, with a constant that its configuration does not tell."""

    def call(self, inputs):
        return inputs * 2


def doubled(numbers):
    return numbers * 2


class OwnSteps(keras.Model):
    """A network with steps of training of its own."""

    def train_step(self, *given):
        return super().train_step(*given)


def test_a_network_with_unknown_code_is_not_used_again():
    """In layers, in functions, of which a configuration tells the name, or in the network."""
    own = (Noise(), keras.layers.Lambda(lambda x: x * 2), keras.layers.Activation(doubled))
    for layer, kind in (*((one, keras.Model) for one in own), (keras.layers.ReLU(), OwnSteps)):
        inputs = keras.Input((4,))
        model = kind(inputs, keras.layers.Dense(1)(layer(inputs)))
        model.compile("adam", "mean_squared_error")
        compiled_networks.compiled(model)
        assert compiled_networks._kept == []


@pytest.mark.usefixtures("uncompiled_fits")
def test_what_a_layer_of_keras_learns_from_train_is_that_of_the_fit(tmp_path):
    """`Normalization` keeps its means beside its weights, and a trace takes those up."""

    def build(hp, train):
        inputs, layer = keras.Input((30,)), keras.layers.Normalization()
        layer.adapt(train.features)
        return keras.Model(inputs, output_layer(train)(layer(inputs)))

    _, (train, tune) = case(tmp_path, "mlp")
    values = {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 90}
    candidate = Candidate("own", "network", SimpleNamespace(build=build))

    def predictions(rows):
        parts = Development(train.subset(np.arange(*rows)), tune)
        fitted = fit(candidate, ChosenHyperparameters(values), parts, 1, Budget(1, 1))
        return fitted.model.predict(tune.features, tune.examples)

    alone = predictions((45, 90))
    compiled_networks._kept.clear()
    predictions((0, 45))
    assert np.array_equal(predictions((45, 90)), alone)
