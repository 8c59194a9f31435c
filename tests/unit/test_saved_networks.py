"""A network that no other process could load is refused before it is trained."""

from types import SimpleNamespace

import keras
import keras_tuner
import pytest
from partitions import make_partition

from deeprules.checks.saved_network import require_loadable
from deeprules.errors import InputError
from deeprules.fit.blocks import output_layer
from deeprules.fit.candidates import Candidate
from deeprules.fit.models import find_module, load_model
from deeprules.layers import OneHotBases


class Times(keras.layers.Layer):
    """Registered with nothing, and whole."""

    def __init__(self, factor, **settings):
        super().__init__(**settings)
        self.factor = factor

    def call(self, rows):
        return rows * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="own")
class Registered(Times):
    pass


class Forgetful(Times):
    """Cannot be made again."""

    def get_config(self):
        config = super().get_config()
        del config["factor"]
        return config


class SilentlyForgetful(Forgetful):
    """Is made again with another factor."""

    def __init__(self, factor=1.0, **settings):
        super().__init__(factor, **settings)


class Ones(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return keras.ops.ones(shape, dtype)


def doubled(rows):
    return 2 * rows


def hidden_class():
    class Within(Times):
        pass

    return Within(3.0)


@pytest.fixture
def ours(monkeypatch):
    """This file counts as one of the library."""
    is_ours = lambda name: name == __name__ or name.startswith("deeprules.")  # noqa: E731
    monkeypatch.setattr("deeprules.fit.own_objects._is_ours", is_ours)


def check(folder, layers, modality="tabular"):
    """Check a network of some layers between inputs and outputs."""
    train = make_partition(folder / "train", 60, modality, n_features=12)
    dtype = "float32" if modality == "tabular" else "uint8"

    def build(hp, train):
        inputs = hidden = keras.Input((12,), dtype=dtype)
        for layer in layers:
            hidden = layer(hidden)
        return keras.Model(inputs, output_layer(train)(keras.layers.Flatten()(hidden)))

    hp = keras_tuner.HyperParameters()
    candidate = Candidate("own", "network", SimpleNamespace(build=build))
    require_loadable(candidate, hp, train, 1, load_model)


def test_layers_and_functions_of_ones_own_are_found_again(tmp_path, ours):
    before = dict(keras.saving.get_custom_objects())
    dense = keras.layers.Dense(3, activation=doubled, kernel_initializer=Ones(), name="own")
    check(tmp_path, [Times(3.0), Registered(2.0), dense])
    assert before.items() <= keras.saving.get_custom_objects().items()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Forgetful(3.0), "cannot be saved and loaded again.*get_config"),
        (lambda: SilentlyForgetful(3.0), "predicts otherwise once it was saved"),
        (lambda: keras.layers.Lambda(lambda rows: 2 * rows), "cannot be saved and loaded"),
        (hidden_class, "cannot be saved and loaded again.*top level of its file"),
    ],
    ids=["no get_config", "another factor", "a Lambda layer", "a class within a function"],
)
def test_what_could_not_be_loaded_is_refused(tmp_path, ours, make, words):
    with pytest.raises(InputError, match=rf"(?s)The network own .*{words}"):
        check(tmp_path, [make()])


@pytest.mark.parametrize(("name", "modality"), [("cnn", "sequence"), ("mlp", "tabular")])
def test_the_networks_that_are_here_pass(tmp_path, name, modality):
    train = make_partition(tmp_path / "train", 60, modality)
    hp = keras_tuner.HyperParameters()
    candidate = Candidate(name, "network", find_module("network", name))
    require_loadable(candidate, hp, train, 1, load_model)


def test_a_network_that_takes_codes_for_amounts_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"T were eight times A.*OneHotBases"):
        check(tmp_path, [keras.layers.Rescaling(0.1)], "sequence")
    check(tmp_path, [keras.Sequential([OneHotBases()], name="bases")], "sequence")
    check(tmp_path, [keras.layers.Embedding(16, 2)], "sequence")
