"""Nuisance probes: a layer that carries the batch is found out, one that does not is at chance."""

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
from partitions import make_partition

from deeprules.baselines.composition import Composition
from deeprules.controls.nuisance_probes import (
    HIDDEN,
    RAW,
    UNTRAINED,
    Nuisance,
    composition,
    nuisances,
    probe,
    probe_hidden_layer,
)
from deeprules.encoding import gc_content
from deeprules.evaluate.slices import data_slices
from deeprules.fit.hidden_layer import hidden_outputs, with_random_weights
from deeprules.fit.loading import NetworkOnActivations
from deeprules.fit.models import FittedNetwork
from deeprules.layers import Standardise

REPLICATES = 200


def network_on(features, units=4, kernel=None):
    """A network with one hidden layer, whose kernel (P, units) may be given."""
    rows = keras.Input((features.shape[1],), dtype="float32")
    hidden = keras.layers.Dense(units, name="hidden")
    outputs = keras.layers.Dense(1, activation="sigmoid")(hidden(rows))
    model = keras.Model(rows, outputs, name="binary")
    if kernel is not None:
        hidden.set_weights([kernel.astype(np.float32), np.zeros(units, np.float32)])
    return FittedNetwork(model)


def parts(folder, n=200, n_features=8):
    """Train and tune whose last feature is 2 in batch b1 and 0 in b2, but for noise."""
    made = []
    for name, seed in (("train", 0), ("tune", 1)):
        part = make_partition(folder / name, n, "tabular", n_features=n_features, seed=seed)
        features = np.array(part.features)
        features[:, -1] += 2 * (part.examples["batch"] == "b1")
        part.features = features
        made.append(part)
    return made


def found(table, nuisance, inputs=HIDDEN):
    (row,) = table[(table["nuisance"] == nuisance) & (table["inputs"] == inputs)].itertuples()
    return row


def test_a_layer_that_carries_the_batch_is_found_out_and_one_that_does_not_is_at_chance(tmp_path):
    train, tune = parts(tmp_path)
    kernel = np.zeros((8, 4))
    kernel[0] = 1
    blind = network_on(train.features, kernel=kernel)
    kernel[-1, 0] = 5
    knowing = network_on(train.features, kernel=kernel)
    for network, knows in ((knowing, True), (blind, False)):
        table = probe_hidden_layer(network, None, train, tune, 5000, REPLICATES, 1)
        batch = found(table, "batch")
        assert (batch.lower > batch.chance) == knows
        assert batch.lower < batch.score < batch.upper
        assert batch.metric == "balanced_accuracy" and batch.chance == 0.5 and batch.n == 200
        assert found(table, "batch", RAW).score > 0.75
        assert found(table, "row total", RAW).score > 0.99
        assert (batch.gain_upper < 0) == (not knows)
        age = found(table, "age")
        assert age.metric == "r2" and age.lower < 0.05


def test_random_batches_lie_within_the_interval_about_as_often_as_they_should():
    rng = np.random.default_rng(1)
    above = 0
    for run in range(12):
        inputs = {RAW: [rng.normal(size=(n, 5)) for n in (100, 120)]}
        levels = [rng.integers(2, size=n) for n in (100, 120)]
        (row,) = probe(Nuisance("batch", "category", ("a", "b"), *levels), inputs, None, 200, run)
        above += row["lower"] > row["chance"]
    assert above <= 2


def test_groups_widen_the_interval():
    rng = np.random.default_rng(1)
    value = np.repeat(rng.normal(size=20), 10)
    inputs = {RAW: [(value + np.repeat(rng.normal(size=20), 10))[:, None]] * 2}
    nuisance = Nuisance("age", "value", (), value, value)
    families = np.repeat(np.arange(20), 10).astype(str)
    widths = []
    for groups in (None, families):
        (row,) = probe(nuisance, inputs, groups, 500, 1)
        widths.append(row["upper"] - row["lower"])
    assert widths[1] > 1.5 * widths[0]


def test_levels_that_one_partition_lacks_are_left_out(tmp_path):
    train, tune = parts(tmp_path)
    train.examples = train.examples.assign(batch=np.repeat(["a", "b", "c", "d"], 50))
    tune.examples = tune.examples.assign(batch=["a"] * 100 + ["b"] * 96 + ["c"] * 4)
    (batch,) = [one for one in nuisances(train, tune) if one.name == "batch"]
    assert batch.levels == ("a", "b")
    assert len(batch.rows("train")) == 100 and len(batch.rows("tune")) == 196
    tune.examples = tune.examples.assign(batch="e")
    assert "batch" not in [one.name for one in nuisances(train, tune)]


def test_missing_covariates_are_left_out(tmp_path):
    train, tune = parts(tmp_path)
    for part in (train, tune):
        part.examples.loc[:9, "age"] = np.nan
        part.examples.loc[10:19, "batch"] = None
    kinds = {one.name: one for one in nuisances(train, tune)}
    assert len(kinds["age"].rows("tune")) == len(kinds["batch"].rows("train")) == 190
    assert (kinds["age"].kind, kinds["batch"].kind) == ("value", "category")


def test_composition_of_sequences_and_rows(tmp_path):
    part = make_partition(tmp_path / "dna", 3)
    part.features = np.array([[2, 4, 1, 8], [2, 2, 15, 0], [15, 15, 15, 15]], dtype=np.uint8)
    np.testing.assert_array_equal(composition(part)["GC share"], [0.5, 1, np.nan])
    np.testing.assert_array_equal(composition(part)["length"], [4, 3, 4])
    part = make_partition(tmp_path / "rows", 2, "tabular", n_features=2)
    part.features = np.array([[1, 2], [np.nan, 5]], dtype=np.float32)
    np.testing.assert_array_equal(composition(part)["row total"], [3, 5])


def test_gc_content_is_one_number_in_probes_slices_and_the_baseline(tmp_path):
    part = make_partition(tmp_path, 4)
    part.features = np.array(
        [[2, 4, 1, 8], [2, 1, 15, 0], [15, 15, 1, 5], [6, 2, 0, 0]], dtype=np.uint8
    )
    expected = gc_content(part.features)
    np.testing.assert_array_equal(composition(part)["GC share"], expected)
    members = {
        s.name: np.flatnonzero(s.member).tolist()
        for s in data_slices(part, np.ones(4))
        if s.kind == "gc"
    }
    assert members == {"0": [2], "0.5": [0, 1], "1": [3]}
    shares = Composition().fit(part.features).transform(part.features)
    np.testing.assert_array_equal(shares[:, 2] + shares[:, 3], expected)


def test_sequences_are_read_as_kmers_and_only_so_many_are_used(tmp_path):
    train, tune = (
        make_partition(tmp_path / name, 150, n_features=30, seed=seed)
        for name, seed in (("train", 0), ("tune", 1))
    )
    network = network_on(train.features)
    table = probe_hidden_layer(network, network, train, tune, 100, REPLICATES, 1)
    assert set(table["n"]) == {100}
    assert set(table["inputs"]) == {HIDDEN, UNTRAINED, RAW}
    assert found(table, "GC share", RAW).lower > 0.5
    assert "length" not in set(table["nuisance"])
    assert found(table, "batch").lower < 0.5 < found(table, "batch").upper
    same = table[table["inputs"] != RAW].groupby("nuisance")["score"].nunique()
    assert (same == 1).all()


def test_a_network_on_activations_is_probed_from_the_sequences(tmp_path):
    train, tune = (
        make_partition(tmp_path / name, 80, n_features=30, seed=seed)
        for name, seed in (("train", 0), ("tune", 1))
    )
    head = network_on(np.zeros((1, 5)))
    network = NetworkOnActivations(head, lambda codes: codes[:, :5].astype(np.float32))
    table = probe_hidden_layer(network, None, train, tune, 5000, REPLICATES, 1)
    assert set(table["inputs"]) == {HIDDEN, RAW}
    assert found(table, "GC share").score < found(table, "GC share", RAW).score


def test_random_weights_are_others_but_constants_stay():
    features = np.random.default_rng(1).normal(5, 3, size=(50, 3)).astype(np.float32)
    rows = keras.Input((3,), dtype="float32")
    scaled = Standardise(name="scaled").adapt(features)(rows)
    inner = keras.Sequential([keras.layers.Dense(4, name="hidden"), keras.layers.Dense(1)])
    network = FittedNetwork(keras.Model(rows, inner(scaled), name="regression"))
    random = with_random_weights(network, 1)
    for one, other in zip(
        network.model.get_layer("scaled").get_weights(),
        random.model.get_layer("scaled").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    part = SimpleNamespace(features=features, examples=None)
    before = hidden_outputs(network, part)
    assert np.abs(before - hidden_outputs(random, part)).max() > 0.1
    np.testing.assert_array_equal(before, hidden_outputs(network, part))
    again = with_random_weights(network, 1)
    np.testing.assert_array_equal(hidden_outputs(random, part), hidden_outputs(again, part))


@pytest.mark.parametrize("column", [pd.Series([True, False]), pd.Series(["x", "y"])])
def test_truth_values_and_names_are_categories(tmp_path, column):
    train, tune = parts(tmp_path)
    for part in (train, tune):
        part.examples["age"] = np.resize(column.to_numpy(), len(part))
    (age,) = [one for one in nuisances(train, tune) if one.name == "age"]
    assert age.kind == "category" and len(age.levels) == 2
