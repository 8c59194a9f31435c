"""Batch correction: learnt from train alone, applied to samples of any batch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.explore.correction import AFTER, BEFORE, corrected_predictions, sentence
from deeprules.feature_store import SparseRows
from deeprules.fit.batch_directions import WithoutBatch, batch_directions, batch_steps
from deeprules.fit.representation import feature_steps

WIDTH = 30


def samples(batches, seed=0, shift=3.0, labels=None, missing=False):
    """Rows whose batches differ in a random direction each, and whose label moves feature 0."""
    random, offsets = np.random.default_rng(seed), np.random.default_rng(99)
    of_batch = {name: shift * offsets.normal(size=WIDTH) for name in "abcd"}
    batches = np.array(list(batches))
    labels = random.integers(0, 2, len(batches)) if labels is None else labels
    rows = random.normal(size=(len(batches), WIDTH))
    rows += np.array([of_batch[batch] for batch in batches])
    rows[:, 0] += 4 * labels
    if missing:
        rows[random.random(rows.shape) < 0.02] = np.nan
    dataset = make_dataset("tabular", n_features=WIDTH, has_batch=True, covariates=())
    found = Partition(Path("."), replace(dataset, batch_correction="linear", has_group=False))
    found.features = rows.astype(np.float32)
    names = np.array(dataset.classes)[labels]
    found.examples = pd.DataFrame({"id": range(len(rows)), "label": names, "batch": batches})
    return found


def distance(rows, batches):
    """Between the means of the first two batches."""
    means = [np.nanmean(rows[np.array(list(batches)) == name], axis=0) for name in "ab"]
    return np.linalg.norm(means[0] - means[1])


@pytest.mark.parametrize("missing", [False, True])
def test_batches_no_longer_differ_in_new_samples_and_labels_do(missing):
    train, new = samples("abc" * 60, missing=missing), samples("abc" * 60, seed=1)
    step = WithoutBatch(batch_directions(train.features, train))
    assert step.directions.axes.shape == (WIDTH, 2)
    found = step.transform(new.features)
    assert np.isfinite(step.transform(train.features)).all()
    before = distance(new.features, "abc" * 60)
    assert before > 10 and distance(found, "abc" * 60) < 0.15 * before
    gap = found[new.labels == 1, 0].mean() - found[new.labels == 0, 0].mean()
    assert gap > 2.5


def test_nothing_but_train_is_learnt_from_and_no_batch_is_asked_for():
    train, new = samples("ab" * 60), samples("d" * 20, seed=2)
    step = WithoutBatch(batch_directions(train.features, train))
    alone = step.transform(new.features[:1])
    np.testing.assert_allclose(step.transform(new.features)[:1], alone, rtol=1e-5)
    axes = step.directions.axes
    units = (alone - step.directions.mean) / step.directions.deviation
    assert np.abs(units @ axes).max() < 1e-4


def test_a_batch_that_is_a_class_is_left_as_it_is():
    labels = np.arange(120) % 2
    train = samples("ab" * 60, labels=labels)
    assert batch_directions(train.features, train).axes.shape == (WIDTH, 0)
    one_batch = samples("a" * 60)
    found = WithoutBatch(batch_directions(one_batch.features, one_batch))
    np.testing.assert_allclose(found.transform(one_batch.features), one_batch.features, atol=1e-4)


def test_it_is_a_step_of_a_baseline_and_only_when_asked_for():
    class Settings:
        def Choice(self, name, values, default=None):
            return values[0]

    train = samples("abc" * 40)
    kinds = [type(step).__name__ for step in feature_steps(Settings(), train)]
    assert kinds[0] == "WithoutBatch"
    plain = Partition(Path("."), replace(train.dataset, batch_correction="none"))
    plain.features, plain.examples = train.features, train.examples
    assert "WithoutBatch" not in [type(s).__name__ for s in feature_steps(Settings(), plain)]
    with pytest.raises(InputError, match="the numbers are sparse"):
        batch_steps(train, SparseRows(train.features))


def test_a_network_and_a_baseline_see_the_same():
    from deeprules.layers import WithoutDirections

    train = samples("abc" * 40, missing=True)
    step = WithoutBatch(batch_directions(train.features, train))
    layer = WithoutDirections(step.directions.axes.shape[1]).take(step.directions)
    found = np.asarray(layer(train.features))
    np.testing.assert_allclose(found, step.transform(train.features), atol=1e-3)
    again = WithoutDirections.from_config(layer.get_config())
    again.build((None, WIDTH))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(np.asarray(again(train.features)), found)


def test_what_it_does_is_told_of_samples_that_it_did_not_learn_from():
    settings = {"kmer": 4, "components": 5, "permutations": 19}
    train, tune = samples("abc" * 60, shift=1.0), samples("abc" * 30, seed=5, shift=1.0)
    rows = corrected_predictions(train, tune, settings, seed=1)
    told = {row["target"]: row["balanced_accuracy"] for row in rows}
    assert told[BEFORE] > 0.9 and told[AFTER] < 0.6
    assert sentence(rows).startswith("Learnt from train, batch correction takes the balanced")
    assert sentence(rows[:1]) == ""
