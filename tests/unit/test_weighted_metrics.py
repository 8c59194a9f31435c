"""Weighted scores equal those of scikit-learn on examples repeated as their weight says."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from deeprules.statistics.metrics import weighted_scores

N, REPLICATES = 60, 25


def simulated(task, decimals):
    """Labels and predictions; few decimals make many ties."""
    random = np.random.default_rng(7)
    if task == "regression":
        labels = random.normal(size=N).round(decimals)
        return labels, (labels + random.normal(size=N)).round(decimals)
    n_classes = 2 if task == "binary" else 4
    labels = random.permutation(np.arange(N) % n_classes)
    predictions = random.dirichlet(np.ones(n_classes) / 2, size=N).round(decimals) + 0.1
    return labels, predictions / predictions.sum(axis=1, keepdims=True)


def drawn_weights():
    """Bootstrap counts (B, N)."""
    random = np.random.default_rng(3)
    return np.array(
        [np.bincount(random.integers(N, size=N), minlength=N) for _ in range(REPLICATES)]
    )


def reference(task, labels, predictions):
    """All metrics by scikit-learn and SciPy; what needs every class is left out without one."""
    if task == "regression":
        return {
            "r2": sk.r2_score(labels, predictions),
            "pearson": stats.pearsonr(labels, predictions).statistic,
            "spearman": stats.spearmanr(labels, predictions).statistic,
            "mae": sk.mean_absolute_error(labels, predictions),
            "rmse": sk.root_mean_squared_error(labels, predictions),
        }
    everything, predicted = range(predictions.shape[1]), predictions.argmax(axis=1)
    positive = [1] if task == "binary" else everything
    values = {
        "mcc": sk.matthews_corrcoef(labels, predicted),
        "brier": sk.brier_score_loss(labels, predictions, labels=everything),
        "log_loss": sk.log_loss(labels, predictions, labels=everything),
        "accuracy": sk.accuracy_score(labels, predicted),
    }
    if len(np.unique(labels)) == len(everything):
        ranked = [(labels == index, predictions[:, index]) for index in positive]
        values |= {
            "auprc": np.mean([sk.average_precision_score(*one) for one in ranked]),
            "auroc": np.mean([sk.roc_auc_score(*one) for one in ranked]),
            "balanced_accuracy": sk.balanced_accuracy_score(labels, predicted),
            "f1": sk.f1_score(labels, predicted, labels=positive, average="macro"),
        }
    return values


@pytest.mark.parametrize("decimals", [1, 12])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_weights_equal_repeated_examples(task, decimals):
    labels, predictions = simulated(task, decimals)
    weights = drawn_weights()
    found = weighted_scores(task, labels, predictions)(weights)
    for row, counts in enumerate(weights):
        repeated = np.repeat(labels, counts), np.repeat(predictions, counts, axis=0)
        values = {name: values[row] for name, values in found.items()}
        assert values == pytest.approx(reference(task, *repeated), abs=1e-12, rel=0)


def test_fractional_weights_equal_scikit_learns():
    labels, predictions = simulated("binary", 1)
    weights = np.random.default_rng(5).random((1, N))
    found = weighted_scores("binary", labels, predictions)(weights)
    options = {"sample_weight": weights[0]}
    positive = predictions[:, 1]
    predicted = predictions.argmax(axis=1)
    assert found["auroc"][0] == pytest.approx(sk.roc_auc_score(labels, positive, **options))
    assert found["auprc"][0] == pytest.approx(
        sk.average_precision_score(labels, positive, **options)
    )
    assert found["mcc"][0] == pytest.approx(sk.matthews_corrcoef(labels, predicted, **options))
    assert found["brier"][0] == pytest.approx(sk.brier_score_loss(labels, positive, **options))


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_class_that_is_not_drawn_leaves_its_metrics_undefined(task):
    labels, predictions = simulated(task, 12)
    weights = np.ones((2, N))
    weights[1, labels == 1] = 0
    found = weighted_scores(task, labels, predictions)(weights)
    expected = reference(task, labels[labels != 1], predictions[labels != 1])
    defined = {name: values[1] for name, values in found.items() if not np.isnan(values[1])}
    assert defined == pytest.approx(expected)
    assert np.isfinite(found["auroc"][0])


def test_perfect_and_constant_predictions():
    labels = np.array([0, 0, 1, 1])
    weights = np.array([[1, 2, 1, 3]])
    perfect = weighted_scores("binary", labels, np.eye(2)[labels])(weights)
    assert [perfect[name][0] for name in ("auroc", "auprc", "mcc", "f1")] == [1, 1, 1, 1]
    constant = weighted_scores("binary", labels, np.full((4, 2), 0.5))(weights)
    assert constant["auroc"][0] == 0.5
    assert constant["auprc"][0] == pytest.approx(4 / 7)
    assert constant["mcc"][0] == 0


def test_constant_values_in_a_replicate():
    labels = np.array([0.1, 0.1, 0.1, 2.0])
    predictions = np.array([0.3, 0.3, 0.7, 0.9])
    weights = np.array([[3, 1, 2, 0], [2, 3, 0, 0], [0, 1, 0, 1], [2, 0, 1, 1]])
    found = weighted_scores("regression", labels, predictions)(weights)
    for name in ("r2", "pearson", "spearman"):
        assert np.isnan(found[name]).tolist() == [True, True, False, False]
    constant = weighted_scores("regression", labels, np.full(4, 0.1))(weights)
    assert constant["pearson"][3] == constant["spearman"][3] == 0
