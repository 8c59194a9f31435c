"""The last hidden layer of every kind of network, also of those that read both strands."""

from types import SimpleNamespace

import keras
import keras_tuner
import numpy as np
import pandas as pd
import pytest
from partitions import make_partition
from pretrained_models import as_given, make_pretrained, needing

from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.covariates import CovariateEncoding
from deeprules.fit.fitting import fit
from deeprules.fit.hidden_layer import hidden_outputs
from deeprules.fit.inputs import Inputs
from deeprules.fit.models import ChosenHyperparameters, FittedNetwork, find_module
from deeprules.fit.training import build_optimizer

pytestmark = pytest.mark.usefixtures("uncompiled_fits")
HIDDEN = {"units": 32, "batch_normalisation": True, "activation": "relu"}
CASES = [
    ("cnn", "sequence", {"blocks": 1, "strands": "average"}),
    ("cnn", "sequence", {"blocks": 1, "strands": "as_given"}),
    ("mlp", "tabular", {}),
    ("kipoi_features", "sequence", HIDDEN),
    ("kipoi_finetune", "sequence", HIDDEN),
]


def fitted_network(tmp_path, module_name, modality, chosen, task="binary"):
    module = find_module("network", module_name)
    pretrained = make_pretrained(tmp_path / "tiny")
    train = make_partition(tmp_path / "train", 80, modality, task, n_features=40)
    candidate = needing("network", module, pretrained, train)
    train = as_given(candidate, train)
    hp = keras_tuner.HyperParameters()
    candidate.build(hp, train)
    build_optimizer(hp)
    values = ChosenHyperparameters({"batch_size": len(train), **hp.values, **chosen})
    return fit(candidate, values, Development(train, train), 1, Budget(1, 1)).model, train


@pytest.mark.parametrize(("module", "modality", "chosen"), CASES)
def test_a_row_of_finite_numbers_an_example(tmp_path, module, modality, chosen):
    network, train = fitted_network(tmp_path, module, modality, chosen)
    hidden = hidden_outputs(network, train)
    assert hidden.ndim == 2
    assert len(hidden) == len(train)
    assert np.isfinite(hidden).all()
    assert hidden.std() > 0


def test_the_last_layer_makes_the_predictions_of_them(tmp_path):
    network, train = fitted_network(tmp_path, "mlp", "tabular", {})
    dense = network.model.layers[-1]
    assert isinstance(dense, keras.layers.Dense)
    logits = hidden_outputs(network, train) @ np.asarray(dense.kernel) + dense.bias
    probability = 1 / (1 + np.exp(-np.asarray(logits)[:, 0]))
    predicted = network.predict(train.features)[:, 1]
    np.testing.assert_allclose(probability, predicted, atol=1e-5)


def test_a_network_without_a_hidden_layer_gives_its_inputs():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs), name="binary")
    part = SimpleNamespace(features=np.arange(12, dtype=np.float32).reshape(4, 3), examples=None)
    np.testing.assert_array_equal(hidden_outputs(FittedNetwork(model), part), part.features)


@pytest.mark.parametrize("width", [2, 3])
def test_inputs_of_two_kinds_stand_beside_each_other_without_a_hidden_layer(width):
    table = pd.DataFrame({"dose": [1.0, 2.0, 3.0, 4.0], "age": [4.0, 2.0, 3.0, 5.0]})
    encoding = CovariateEncoding.of(table)
    inputs = Inputs(("features", "covariates"), ("dose", "age"), encoding)
    both = keras.Input((width,)), keras.Input((2,))
    added = keras.layers.Add()([keras.layers.Dense(1)(one) for one in both])
    outputs = keras.layers.Activation("sigmoid")(added)
    network = FittedNetwork(keras.Model(both, outputs, name="binary"), inputs=inputs)
    features = np.arange(4 * width, dtype=np.float32).reshape(4, width)
    found = hidden_outputs(network, SimpleNamespace(features=features, examples=table))
    np.testing.assert_array_equal(found, np.hstack([features, encoding.encode(table)]))


def test_the_part_up_to_the_layer_is_built_once_and_follows_the_weights(tmp_path):
    network, train = fitted_network(tmp_path, "mlp", "tabular", {})
    before = hidden_outputs(network, train)
    (part,) = network.cut.values()
    np.testing.assert_array_equal(hidden_outputs(network, train), before)
    network.model.set_weights([2 * weights for weights in network.model.get_weights()])
    alone = hidden_outputs(FittedNetwork(network.model), train)
    np.testing.assert_array_equal(hidden_outputs(network, train), alone)
    assert not np.array_equal(alone, before)
    assert list(network.cut.values()) == [part]
