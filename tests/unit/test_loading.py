"""What a loader of fitted models keeps in memory."""

import keras
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from deeprules.fit import loading
from deeprules.fit.inputs import Inputs
from deeprules.fit.loading import ModelLoader
from deeprules.fit.models import FittedBaseline, FittedNetwork


@pytest.fixture
def paths(tmp_path):
    """Files of two networks, whose outputs differ, and of a baseline."""
    found = [str(tmp_path / name) for name in ("a.keras", "b.keras", "c.joblib")]
    for seed, path in enumerate(found[:2]):
        keras.utils.set_random_seed(seed)
        inputs = keras.Input((3,))
        outputs = keras.layers.Dense(1, activation="sigmoid")(inputs)
        FittedNetwork(keras.Model(inputs, outputs, name="binary")).save(path)
    dummy = DummyClassifier().fit(np.ones((4, 3)), [0, 0, 0, 1])
    FittedBaseline(dummy, Inputs(), True).save(found[2])
    return found


def test_a_network_is_read_once_and_a_baseline_whenever_it_is_asked_for(paths):
    load, rows = ModelLoader({}, {}), np.arange(12, dtype=np.float32).reshape(4, 3)
    first, second, baseline = map(load, paths)
    assert load(paths[0]) is first and load(paths[1]) is second
    assert load(paths[2]) is not baseline
    assert not np.array_equal(first.predict(rows), second.predict(rows))


def test_no_more_is_kept_than_fits(paths, monkeypatch):
    size = loading.Path(paths[0]).stat().st_size
    monkeypatch.setattr(loading, "MAX_KEPT_BYTES", size + 10)
    load = ModelLoader({}, {})
    first, second = map(load, paths[:2])
    assert load(paths[0]) is first
    assert load(paths[1]) is not second
