"""Point scores against scikit-learn and hand-made cases; undefined cases stay undefined."""

import numpy as np
import pytest
from sklearn import metrics as sk

from deeprules.errors import InputError
from deeprules.statistics.metrics import (
    LOWER_IS_BETTER,
    METRIC_LABELS,
    metrics_of,
    scores,
    weighted_scores,
)


def two_columns(positive):
    """Probabilities (N, 2) from those of the positive class."""
    return np.column_stack([1 - np.asarray(positive), positive])


def test_every_metric_belongs_to_a_task_and_has_a_name():
    tasks = {task: metrics_of(task) for task in ("binary", "multiclass", "regression", "mixed")}
    assert {name for names in tasks.values() for name in names} == set(METRIC_LABELS)
    assert tasks["binary"][0] == tasks["multiclass"][0] == "auprc"
    assert set(METRIC_LABELS) >= LOWER_IS_BETTER


def test_binary_scores_by_hand():
    found = scores("binary", [0, 0, 1, 1], two_columns([0.1, 0.6, 0.4, 0.9]))
    assert found["auroc"] == pytest.approx(3 / 4)
    assert found["auprc"] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert found["accuracy"] == found["balanced_accuracy"] == found["f1"] == pytest.approx(0.5)
    assert found["mcc"] == pytest.approx(0)
    assert found["brier"] == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.4, 0.4, 0.9]).mean())


def test_multiclass_scores_are_macro_averages():
    random = np.random.default_rng(1)
    labels = random.integers(4, size=300)
    predictions = random.dirichlet(np.ones(4), size=300)
    predicted = predictions.argmax(axis=1)
    found = scores("multiclass", labels, predictions)
    one_hot = np.eye(4)[labels]
    assert found["auroc"] == pytest.approx(
        sk.roc_auc_score(labels, predictions, multi_class="ovr", average="macro")
    )
    assert found["auprc"] == pytest.approx(
        sk.average_precision_score(one_hot, predictions, average="macro")
    )
    assert found["f1"] == pytest.approx(sk.f1_score(labels, predicted, average="macro"))
    assert found["mcc"] == pytest.approx(sk.matthews_corrcoef(labels, predicted))
    assert found["brier"] == pytest.approx(((predictions - one_hot) ** 2).sum(axis=1).mean())


def test_regression_scores_by_hand():
    found = scores("regression", [1.0, 2.0, 3.0], [1.0, 2.0, 6.0])
    assert found["mae"] == pytest.approx(1)
    assert found["rmse"] == pytest.approx(np.sqrt(3))
    assert found["r2"] == pytest.approx(1 - 9 / 2)
    assert found["spearman"] == pytest.approx(1)
    assert found["pearson"] == pytest.approx(np.corrcoef([1, 2, 3], [1, 2, 6])[0, 1])


def test_metrics_that_need_every_class_are_undefined_without_one():
    found = scores("binary", [1, 1], two_columns([0.9, 0.8]))
    undefined = {name for name, value in found.items() if np.isnan(value)}
    assert undefined == {"auprc", "auroc", "balanced_accuracy", "f1"}
    assert found["accuracy"] == 1


def test_constant_predictions_have_no_correlation_and_constant_labels_none_defined():
    constant = scores("regression", [1.0, 2.0, 4.0], np.full(3, 0.1))
    assert constant["pearson"] == constant["spearman"] == 0
    assert scores("binary", [0, 1, 1], two_columns([0.7] * 3))["mcc"] == 0
    flat = scores("regression", np.full(3, 0.1), [1.0, 2.0, 4.0])
    assert all(np.isnan(flat[name]) for name in ("r2", "pearson", "spearman"))
    assert flat["mae"] > 0


def test_a_tie_is_decided_for_the_first_class():
    assert scores("binary", [0, 1], two_columns([0.5, 0.5]))["balanced_accuracy"] == 0.5
    assert scores("binary", [0, 0, 1], two_columns([0.5, 0.5, 0.5]))["accuracy"] == 2 / 3


def test_equal_probabilities_stay_tied_though_their_rows_add_up_differently():
    predictions = np.array([[0.7, 0.1, 0.2001], [0.7, 0.3, 0.0]])
    found = scores("multiclass", [0, 1, 2], np.vstack([predictions, [0, 0, 1]]))
    assert found["auroc"] == pytest.approx(np.mean([0.75, 1, 1]))


@pytest.mark.parametrize(
    ("task", "labels", "predictions", "words"),
    [
        ("binary", [], np.empty((0, 2)), "no examples"),
        ("binary", [0, 1], two_columns([np.nan, 0.5]), "NaN"),
        ("binary", [0, 1], [[0.2, 0.9], [0.5, 0.5]], "add up to 1"),
        ("binary", [0, 1], [[-0.5, 1.5], [0.5, 0.5]], "probabilities"),
        ("binary", [0, 1], np.full((2, 3), 1 / 3), "shape"),
        ("binary", [0, 1, 1], two_columns([0.5, 0.5]), "shape"),
        ("binary", [0, -1], two_columns([0.5, 0.5]), "class indices"),
        ("multiclass", [0, 3], np.full((2, 3), 1 / 3), "class indices"),
        ("regression", [0.0, 1.0], np.zeros((2, 1)), "shape"),
        ("regression", [0.0, np.nan], np.zeros(2), "finite"),
    ],
)
def test_what_cannot_be_scored_is_refused(task, labels, predictions, words):
    with pytest.raises(InputError, match=words):
        scores(task, labels, predictions)


def test_scores_of_values_are_not_defined_where_none_was_drawn():
    labels = np.array([1.0, 2.0, 4.0])
    found = weighted_scores("regression", labels, labels + 0.1)(np.array([[1, 1, 1], [0, 0, 0]]))
    assert all(np.isfinite(one[0]) and np.isnan(one[1]) for one in found.values())
