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


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("modality", ["sequence", "tabular"])
def test_the_two_agree(tmp_path, modality, task):
    result = compare_logistic_regressions(*parts(tmp_path, modality, task), seed=1)
    assert result["agrees"], result
    assert result["examples"] == 300


def test_the_seed_does_not_matter_to_a_convex_problem(tmp_path):
    first, second = (
        compare_logistic_regressions(*parts(tmp_path / str(seed), "tabular", "binary"), seed=seed)
        for seed in (1, 2)
    )
    assert first["agrees"] and second["agrees"]


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
