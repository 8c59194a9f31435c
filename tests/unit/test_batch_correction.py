"""Batch correction: learnt from train alone, applied to samples of any batch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.explore.correction import NEW, TOLD, correction_table, sentence, warnings_of
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


SETTINGS = {"kmer": 4, "components": 5, "permutations": 19}


def test_what_it_does_is_told_of_samples_that_it_did_not_learn_from():
    train, tune = samples("abc" * 60, shift=1.0), samples("abc" * 30, seed=5, shift=1.0)
    table = correction_table(train, tune, SETTINGS, seed=1)
    told, *new = table.to_dict("records")
    assert told["measure"] == TOLD and told["without"] > 0.9 and told["corrected"] < 0.6
    assert [row["batch"] for row in new] == ["a", "b", "c"]
    assert {row["measure"] for row in new} == {NEW[True]} and new[0]["n"] == 90
    assert sentence(table).startswith("Learnt from train, batch correction takes the balanced")
    assert "with it (mean of 3 batches; a linear model)." in sentence(table)
    assert sentence(table[:0]) == ""


def along_one_axis(seed):
    """Batches along one axis, further on with more of one class; the label lies beside it."""
    random, batches = np.random.default_rng(seed), np.array(list("abcd" * 50))
    step = np.array([{"a": 0, "b": 1, "c": 2, "d": 3}[name] for name in batches])
    labels = (random.random(200) < 0.2 + 0.2 * step).astype(int)
    part = samples(batches, seed=seed, shift=0.0, labels=labels)
    part.features[:, 0] -= 2.5 * labels
    part.features[:, 1:] += np.float32(3 * step[:, None])
    return part


def test_a_new_batch_of_the_same_kind_is_predicted_better():
    table = correction_table(along_one_axis(1), along_one_axis(2), SETTINGS, seed=1)
    told, new = table[table["measure"] == TOLD], table[table["measure"] == NEW[True]]
    assert told["without"].item() > 0.9 > told["corrected"].item()
    assert new["corrected"].mean() > new["without"].mean() + 0.05
    assert warnings_of(table) == []


def test_a_correction_that_costs_is_warned_of():
    table = pd.DataFrame(
        [(NEW[True], "a", 9, 0.5, 0.9, 0.7)],
        columns=["measure", "batch", "n", "chance", "without", "corrected"],
    )
    assert warnings_of(table)[0].startswith("Batch correction lowers the balanced accuracy on a")


def test_two_batches_leave_none_to_correct_by_and_without_a_key_there_is_no_table():
    train, tune = samples("ab" * 60), samples("ab" * 30, seed=5)
    assert correction_table(train, tune, SETTINGS, seed=1)["measure"].tolist() == [TOLD]
    for part in (train, tune):
        part.dataset = replace(part.dataset, batch_correction="none")
    assert correction_table(train, tune, SETTINGS, seed=1).empty
