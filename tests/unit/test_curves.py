"""Tables behind the figures: areas agree with the scores, counts add up, sizes are bounded."""

import numpy as np
import pytest
from sklearn import metrics as sk

from deeprules.evaluate.curves import COLUMNS, POINTS, calibration, class_tables
from deeprules.statistics.metrics import scores


@pytest.fixture
def random():
    return np.random.default_rng(2)


def test_columns_are_there_with_or_without_rows(random):
    labels = np.arange(50) % 2
    tables = class_tables(("control", "case"), labels, random.dirichlet([1, 1], 50))
    assert {name: list(table) for name, table in tables.items()} == COLUMNS
    assert tables["per_class"].empty
    assert set(tables["pr_curve"]["class"]) == set(tables["calibration"]["class"]) == {"case"}


def test_curves_are_thinned_and_keep_their_area(random):
    labels = random.integers(2, size=5000)
    positive = np.clip(0.3 + 0.2 * labels + 0.1 * random.normal(size=5000), 0, 1)
    predictions = np.column_stack([1 - positive, positive])
    tables = class_tables(("a", "b"), labels, predictions)
    expected = scores("binary", labels, predictions)
    roc, pr = tables["roc_curve"], tables["pr_curve"]
    assert len(roc) <= POINTS and len(pr) <= POINTS
    assert sk.auc(roc["fpr"], roc["tpr"]) == pytest.approx(expected["auroc"], abs=0.01)
    assert sk.auc(pr["recall"], pr["precision"]) == pytest.approx(expected["auprc"], abs=0.01)
    assert (pr["recall"].max(), pr["recall"].min()) == (1, 0)


def test_scores_per_class_average_to_the_macro_score(random):
    labels = random.integers(3, size=200)
    predictions = random.dirichlet(np.ones(3), 200)
    per_class = class_tables(("x", "y", "z"), labels, predictions)["per_class"]
    means = per_class.groupby("metric")["value"].mean()
    expected = scores("multiclass", labels, predictions)
    for name in ("auroc", "auprc", "f1"):
        assert means[name] == pytest.approx(expected[name])


def test_a_class_without_examples_has_no_curve(random):
    labels = np.arange(40) % 2
    tables = class_tables(("x", "y", "absent"), labels, random.dirichlet(np.ones(3), 40))
    assert set(tables["roc_curve"]["class"]) == {"x", "y"}


def test_confusion_counts_every_pair():
    predictions = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    table = class_tables(("a", "b"), np.array([0, 0, 1]), predictions)["confusion"]
    assert table.set_index(["true", "predicted"])["n"].to_dict() == {
        ("a", "a"): 1,
        ("a", "b"): 1,
        ("b", "a"): 0,
        ("b", "b"): 1,
    }


def test_calibrated_predictions_lie_on_the_diagonal(random):
    probability = random.random(20_000)
    table = calibration(random.random(20_000) < probability, probability)
    assert table["n"].tolist() == [2000] * 10
    assert table["bin"].tolist() == list(range(1, 11))
    np.testing.assert_allclose(table["observed"], table["mean_predicted"], atol=0.04)


def test_constant_predictions_make_one_bin():
    table = calibration(np.array([True, False, False, False]), np.full(4, 0.25))
    assert table.to_dict("records") == [
        {"bin": 1, "mean_predicted": 0.25, "observed": 0.25, "n": 4}
    ]
