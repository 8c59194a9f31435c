"""Attributions against what is known of them: completeness, brute force, strands, backends."""

import importlib.util

import keras
import numpy as np
import pandas as pd
import pytest
from network_fits import default_hyperparameters, run_python
from partitions import make_partition

from deeprules.data import Development
from deeprules.encoding import BASE_SHARES, reverse_complement
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.inputs import Inputs
from deeprules.fit.models import FittedNetwork, find_module
from deeprules.interpret.attributions import integrated_gradients, saturation_mutagenesis
from deeprules.interpret.both_sides import both_sides
from deeprules.interpret.explained import sequences_to_explain
from deeprules.interpret.explaining import completeness, explain
from deeprules.interpret.log_odds import scores_of
from deeprules.interpret.one_hot import BASES
from deeprules.interpret.references import shuffled_references
from deeprules.interpret.split_network import SplitNetwork
from deeprules.layers import OneHotBases

BACKENDS = """
import sys
from pathlib import Path

import keras
import numpy as np
from network_fits import fit_and_load
from partitions import make_partition

from deeprules.interpret.attributions import integrated_gradients
from deeprules.interpret.references import shuffled_references
from deeprules.interpret.split_network import SplitNetwork

folder, backend = Path(sys.argv[1]), sys.argv[2]
assert keras.backend.backend() == backend
fitted, _ = fit_and_load(folder / "cnn", "cnn", "sequence", epochs=8, n_train=300)
part = make_partition(folder / "more", 30, n_features=40, seed=5)
references = shuffled_references(part.features, 3, np.random.default_rng(0))
split = SplitNetwork.of(fitted.model)
found = integrated_gradients(split, np.asarray(part.features), references, part.examples, 1)
complete = np.abs(found.errors) <= 0.01 * np.abs(found.gaps)
assert complete.mean() >= 0.9, complete.mean()
print("complete", complete.mean())
"""


@pytest.fixture(scope="module")
def development(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    return Development(
        make_partition(folder / "train", 400, n_features=40),
        make_partition(folder / "tune", 80, n_features=40, seed=1),
    )


@pytest.fixture(scope="module")
def network(development):
    """A network that averages both strands, fitted until it knows the motif."""
    candidate = Candidate("cnn", "network", find_module("network", "cnn"))
    hp = default_hyperparameters(candidate, development.train)
    hp.values |= {"strands": "average", "filters": 16, "units": 32, "blocks": 1}
    hp.values["learning_rate"] = 0.01
    return both_sides(fit(candidate, hp, development, 1, Budget(15, 15)).model)


@pytest.fixture(scope="module")
def given(development):
    explained = sequences_to_explain(development, 60, seed=1)
    references = shuffled_references(explained.codes, 4, np.random.default_rng(0))
    return explained.codes, references, explained.examples


def test_the_split_network_is_the_network(network, given):
    codes, _, examples = given
    split = SplitNetwork.of(network)
    whole = network.predict(codes, examples)
    rest = np.asarray(split.rest.predict(BASE_SHARES[codes], verbose=0))
    rest = rest[0] if rest.ndim == 3 else rest
    np.testing.assert_allclose(rest, whole, atol=1e-6)
    assert split.channels == (0, 1, 2, 3)


def sure_network(shift):
    """A network whose log odds are those of `shift`, plus those that the first base adds."""
    codes = keras.Input((40,), dtype="uint8")
    hidden = keras.layers.Flatten()(OneHotBases()(codes))
    last = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Model(codes, last(hidden), name="binary")
    weights = np.zeros((160, 1), dtype=np.float32)
    weights[:4, 0] = [0, 0.1, 0.2, 0.3]
    last.set_weights([weights, np.array([shift], dtype=np.float32)])
    return FittedNetwork(model)


def test_log_odds_keep_their_digits_where_a_network_is_sure(given):
    codes, _, examples = given
    expected = 12 + 0.1 * np.array([0, 1, 0, 2, 0, 0, 0, 3])[codes[:, 0] - 1]
    network = sure_network(12.0)
    exact = both_sides(network)
    np.testing.assert_allclose(exact.predict(codes), network.predict(codes), atol=1e-7)
    np.testing.assert_allclose(scores_of(exact, codes, examples, 1), expected, atol=1e-5)
    np.testing.assert_allclose(scores_of(exact, codes, examples, 0), -expected, atol=1e-5)
    assert np.abs(scores_of(network, codes, examples, 1) - expected).max() > 1e-3
    gradients = SplitNetwork.of(exact).gradients(BASE_SHARES[codes], examples, 1)
    np.testing.assert_allclose(gradients[:, 0], [[0, 0.1, 0.2, 0.3]] * len(codes), rtol=1e-4)


def test_a_network_that_ends_otherwise_is_left_as_it_is(given):
    codes = keras.Input((40,), dtype="uint8")
    hidden = keras.layers.Dense(1)(keras.layers.Flatten()(OneHotBases()(codes)))
    other = FittedNetwork(keras.Model(codes, keras.ops.sigmoid(hidden), name="binary"))
    assert both_sides(other) is other
    value = FittedNetwork(keras.Model(codes, hidden, name="regression"))
    assert both_sides(value) is value


def complete(found):
    return np.mean(np.abs(found.errors) <= 0.01 * np.abs(found.gaps))


def test_attributions_add_up_and_those_against_another_reference_do_not(network, given):
    codes, references, examples = given
    split = SplitNetwork.of(network)
    found = integrated_gradients(split, codes, references, examples, 1)
    assert complete(found) >= 0.95
    np.testing.assert_allclose(
        found.of_bases(codes).sum(axis=1), found.gaps + found.errors, atol=1e-3
    )
    wrong = integrated_gradients(split, codes, codes[::-1, None], examples, 1)
    errors = wrong.of_bases(codes).sum(axis=1) - found.gaps
    assert np.mean(np.abs(errors) <= 0.01 * np.abs(found.gaps)) < 0.5


def test_the_planted_motif_has_the_highest_scores(network, development):
    explained = sequences_to_explain(development, 60, seed=1)
    hypothetical, table = explain([network, network], explained, seed=1)
    scores = (hypothetical[0] * (explained.codes[:, :, None] == BASES)).sum(axis=2)
    word = np.array([8, 1, 8, 1, 1, 8, 4, 2], dtype=np.uint8)  # TATAATGC
    windows = np.lib.stride_tricks.sliding_window_view(explained.codes, 8, axis=1)
    rows, starts = np.nonzero((windows == word).all(axis=2))
    truth = np.zeros(scores.shape, dtype=bool)
    for row, start in zip(rows, starts, strict=True):
        truth[row, start : start + 8] = True
    ranks = pd.Series(scores.ravel()).rank().to_numpy()
    n = truth.sum()
    auroc = (ranks[truth.ravel()].sum() - n * (n + 1) / 2) / (n * (truth.size - n))
    assert auroc >= 0.9
    assert completeness(table) >= 0.95
    assert table.loc[table["network"] == 0, "mutagenesis"].median() > 0.5


def test_a_network_of_sequence_and_covariates_has_gradients(development, given):
    codes, references, examples = given
    inputs = Inputs.of(("features", "covariates"), development.train)
    age = inputs.given(development.train).covariates.shape[1]
    bases = OneHotBases()(sequence := keras.Input((codes.shape[1],), dtype="uint8"))
    hidden = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(8, 5)(bases))
    joined = keras.layers.Concatenate()([hidden, covariates := keras.Input((age,))])
    output = keras.layers.Dense(1, activation="sigmoid")(joined)
    model = keras.Model([sequence, covariates], output, name="binary")
    split = SplitNetwork.of(FittedNetwork(model, inputs=inputs))
    found = integrated_gradients(split, codes, references, examples, 1)
    assert complete(found) >= 0.95 and np.abs(found.gaps).max() > 0


def test_scores_of_the_reverse_complement_are_flipped(network, given):
    codes, references, examples = given
    split = SplitNetwork.of(network)
    one = integrated_gradients(split, codes, references, examples, 1)
    other = integrated_gradients(
        split, reverse_complement(codes), reverse_complement(references), examples, 1
    )
    np.testing.assert_allclose(one.hypothetical, other.hypothetical[:, ::-1, ::-1], atol=1e-5)


def test_mutagenesis_equals_brute_force(network, given):
    codes, examples = given[0][:5].copy(), given[2].iloc[:5]
    codes[0, 3] = 15
    changes = saturation_mutagenesis(network, codes, examples, 1)
    before = scores_of(network, codes, examples, 1)
    rows, places, bases = np.random.default_rng(0).integers([[5], [40], [4]], size=(3, 40))
    mutants = codes[rows]
    mutants[np.arange(40), places] = BASES[bases]
    after = scores_of(network, mutants, examples.iloc[rows], 1)
    expected = np.where(codes[rows, places] == 15, 0, after - before[rows])
    # Kernels for few sequences and for many round differently: a few units of the last bit.
    largest = np.maximum(1, np.maximum(np.abs(after), np.abs(before[rows])))
    rounding = 8 * np.finfo(np.float32).eps * largest
    assert (np.abs(changes[rows, places, bases] - expected) <= rounding).all()


def test_mutagenesis_asks_once_for_each_mutant_and_for_many_at_a_time(network, given, monkeypatch):
    codes, _, examples = given
    asked, predict = [], network.predict
    monkeypatch.setattr(
        network, "predict", lambda *given: asked.append(len(given[0])) or predict(*given)
    )
    saturation_mutagenesis(network, codes, examples, 1)
    assert asked == [len(codes), 3 * codes.size]


@keras.saving.register_keras_serializable(package="tests")
class OtherOrder(keras.layers.Layer):
    """Bases in the order T, G, C, A."""

    def call(self, codes):
        table = keras.ops.convert_to_tensor(BASE_SHARES[:, ::-1].copy())
        return keras.ops.take(table, keras.ops.cast(codes, "int32"), axis=0)


def own_network(layer):
    codes = keras.Input((40,), dtype="uint8")
    hidden = keras.layers.Conv1D(8, 8, activation="relu")(layer(codes))
    outputs = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(hidden))
    return FittedNetwork(keras.Model(codes, outputs, name="binary"))


def test_a_layer_of_ones_own_with_another_order_of_bases(given):
    codes, references, examples = given
    network = own_network(OtherOrder())
    split = SplitNetwork.of(network)
    assert split.channels == (3, 2, 1, 0)
    found = integrated_gradients(split, codes, references, examples, 1)
    # Untrained, so that many gaps are close to nothing.
    assert np.mean(np.abs(found.errors) <= 0.01 * np.abs(found.gaps).max()) >= 0.95
    changes = saturation_mutagenesis(network, codes, examples, 1)
    flat = changes[changes != 0], (found.hypothetical)[changes != 0]
    assert np.corrcoef(*flat)[0, 1] > 0.2


def test_a_network_without_one_hot_bases_is_mutated_instead(development):
    explained = sequences_to_explain(development, 20, seed=1)
    network = own_network(keras.layers.Embedding(16, 5))
    assert SplitNetwork.of(network) is None
    hypothetical, table = explain([network, network], explained, seed=1)
    assert table["error"].isna().all() and np.isnan(completeness(table))
    np.testing.assert_allclose(hypothetical.sum(axis=3), 0, atol=1e-5)
    assert np.abs(hypothetical).max() > 0


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_attributions_add_up_on_every_backend(tmp_path, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    said = run_python(BACKENDS, tmp_path, backend, is_warm=False, KERAS_BACKEND=backend)
    assert "complete" in said
