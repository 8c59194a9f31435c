"""The same logistic regression in Keras and in scikit-learn."""

import numpy as np
import pytest
from partitions import make_partition

from deeprules.checks import keras_logistic
from deeprules.checks.keras_logistic import compare_logistic_regressions


def parts(tmp_path, modality, task):
    return (
        make_partition(tmp_path / "train", 300, modality, task),
        make_partition(tmp_path / "tune", 100, modality, task, seed=1),
    )


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """As few steps as these small problems need."""
    monkeypatch.setattr(keras_logistic, "STEPS", 500)


@pytest.mark.parametrize(
    ("modality", "task", "seed"),
    [("sequence", "binary", 1), ("tabular", "multiclass", 1), ("tabular", "binary", 2)],
)
def test_the_two_agree_whatever_the_seed_of_a_convex_problem(tmp_path, modality, task, seed):
    result = compare_logistic_regressions(*parts(tmp_path, modality, task), seed=seed)
    assert result["agrees"], result
    assert result["examples"] == 300


@pytest.mark.parametrize("fault", ["weights", "labels", "features"])
def test_what_reaches_the_network_changed_is_caught(tmp_path, monkeypatch, fault):
    fit = keras_logistic.keras_logistic

    def spoilt(features, labels, weights, *rest):
        if fault == "weights":
            weights = weights * np.where(labels == 1, 2, 1)
        elif fault == "labels":
            labels = np.r_[labels[-30:], labels[:-30]]
        else:
            features = np.roll(features, 1, axis=1)
        return fit(features, labels, weights, *rest)

    monkeypatch.setattr(keras_logistic, "keras_logistic", spoilt)
    train, tune = parts(tmp_path, "tabular", "binary")
    assert not compare_logistic_regressions(train, tune, seed=1)["agrees"]
