"""Networks of several labels: the masked loss, one head a label, and the twin for each alone."""

import keras
import numpy as np
import pytest
from network_fits import SMALL_MLP, uncompiled
from test_mixed_labels import mixed
from test_several_labels import several

from deeprules.checks.one_batch import one_batch, overfit_one_batch
from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.masked_loss import label_weights, masked_crossentropy, masked_targets
from deeprules.fit.models import ChosenHyperparameters, find_module, load_model
from deeprules.statistics.metrics import scores

EPOCHS = 2
LABELS = np.array([[1, np.nan], [0, 1], [0, np.nan], [0, 0]])


def test_labels_and_their_classes_weigh_the_same_and_what_is_missing_nothing():
    truth = masked_targets(LABELS, label_weights(LABELS))
    labels, weights = np.hsplit(truth, 2)
    assert weights.sum() == pytest.approx(len(LABELS))
    assert weights.sum(axis=0) == pytest.approx([2, 2])
    assert weights[0, 0] == pytest.approx(weights[1:, 0].sum())
    by_examples = np.hsplit(masked_targets(LABELS, label_weights(LABELS, "by_examples")), 2)[1]
    assert by_examples.sum(axis=0) == pytest.approx([4 * 4 / 6, 4 * 2 / 6])
    chances = np.random.default_rng(1).uniform(0.1, 0.9, LABELS.shape)
    found = keras.ops.convert_to_numpy(masked_crossentropy(truth, chances.astype(np.float32)))
    each = -np.log(np.where(labels == 1, chances, 1 - chances))
    assert found == pytest.approx((weights * each).sum(axis=1), rel=1e-4)
    chances[np.isnan(LABELS)] = 0.5
    again = keras.ops.convert_to_numpy(masked_crossentropy(truth, chances.astype(np.float32)))
    assert again == pytest.approx(found, rel=1e-6)


def fitted(alone: bool, train, tune):
    changes = {"batch_size": 150, "learning_rate": 0.1}
    weighed = {} if alone else {"label_weights": "by_examples"}
    candidate = Candidate("mlp", "network", find_module("network", "mlp"), alone=alone)
    hp = ChosenHyperparameters({**SMALL_MLP, **changes, **weighed})
    with uncompiled():
        return fit(candidate, hp, Development(train, tune), 1, Budget(EPOCHS, EPOCHS))


@pytest.fixture(scope="module")
def parts():
    """Train and tune, of two labels."""
    return several(300, 2, missing=0.4), several(100, 2, missing=0.4, seed=1)


@pytest.fixture(scope="module")
def networks(parts):
    """One network of every label, and the twin that is one for each; fitted once."""
    return {alone: fitted(alone, *parts) for alone in (False, True)}


@pytest.mark.usefixtures("uncompiled_fits")
@pytest.mark.parametrize("alone", [False, True])
def test_a_network_predicts_every_label_and_is_the_same_once_loaded(
    tmp_path, parts, networks, alone
):
    train, tune = parts
    found = networks[alone]
    predicted = found.model.predict(tune.features, tune.examples)
    assert predicted.shape == (100, 2)
    assert scores("multilabel", tune.labels, predicted)["auroc"] > 0.8
    found.model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras").predict(tune.features, tune.examples)
    assert np.array_equal(predicted, loaded)
    assert found.settings.get("networks", 1) == (2 if alone else 1)
    # Both may see as many examples, all networks together.
    n_known = int(np.isfinite(train.labels).sum())
    epochs = EPOCHS if alone else -(-EPOCHS * n_known // len(train))
    assert len(found.history) <= epochs == found.settings["max_epochs"]


@pytest.mark.usefixtures("uncompiled_fits")
@pytest.mark.parametrize("alone", [False, True])
def test_a_network_of_both_kinds_has_a_head_of_each(tmp_path, alone):
    train, tune = mixed(300), mixed(100, seed=1)
    found = fitted(alone, train, tune)
    predicted = found.model.predict(tune.features, tune.examples)
    assert scores(tune.dataset.task, tune.labels, predicted)["rank_score"] > 0.8
    # In units of its own, to the last digit of 64 bits.
    assert 4800 < predicted[:, 1].mean() < 5200 and len(np.unique(predicted[:, 1])) == 100
    found.model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras").predict(tune.features, tune.examples)
    assert np.array_equal(predicted, loaded)


def test_a_network_of_both_kinds_learns_a_batch_by_heart(monkeypatch):
    monkeypatch.setattr("deeprules.checks.one_batch.STEPS", 200)
    candidate = Candidate("mlp", "network", find_module("network", "mlp"))
    hp = ChosenHyperparameters({**SMALL_MLP, "label_weights": "equal"})
    found = overfit_one_batch(candidate, hp, mixed(), 1)
    assert found["loss"] < 0.5 * found["constant_loss"] < np.inf


@pytest.mark.usefixtures("uncompiled_fits")
def test_what_is_missing_changes_nothing_of_a_twin(parts, networks):
    train, tune = parts
    whole = networks[True].model.predict(tune.features)
    alone = fitted(False, train.of_label(1), tune.of_label(1)).model.predict(tune.features)
    assert np.allclose(whole[:, 1], alone[:, 1], atol=1e-5)


def test_a_network_with_another_number_of_outputs_is_refused():
    class Wrong:
        @staticmethod
        def build(hp, train):
            rows = keras.Input((6,))
            return keras.Model(rows, keras.layers.Dense(1)(rows))

    with pytest.raises(InputError, match="has 1 outputs for 3 labels"):
        Candidate("wrong", "network", Wrong).build(ChosenHyperparameters({}), several(40))


def test_a_batch_to_learn_by_heart_has_fewer_examples_the_more_labels_they_have():
    assert [len(one_batch(several(labels=n), seed=1)) for n in (3, 6)] == [10, 8]
