"""Confidence of single predictions: the best order, calibration that mends, neighbours far away."""

import numpy as np
import pytest
from scipy import special

from deeprules.evaluate.confidence import Calibration, DeepNeighbours, calibration_scores
from deeprules.statistics.bootstrap import choose_resampling
from deeprules.statistics.risk_coverage import RiskCoverage, best_area, risk_summary


def area(confidence, is_wrong):
    is_wrong = np.asarray(is_wrong)
    return RiskCoverage(confidence, is_wrong).area(np.ones((1, len(is_wrong))))[0]


# Risk and coverage


def test_a_perfect_order_has_the_smallest_area():
    random = np.random.default_rng(0)
    is_wrong = random.random(50) < 0.3
    errors, n = is_wrong.sum(), 50
    smallest = sum(range(1, errors + 1) / np.arange(n - errors + 1, n + 1)) / n
    assert area(1.0 - is_wrong, is_wrong) == pytest.approx(best_area(is_wrong))
    # Errors come last, one after the other; those of equal confidence share their mean, which is 1.
    assert best_area(is_wrong) == pytest.approx(smallest)
    for _ in range(200):
        assert area(random.random(50), is_wrong) >= best_area(is_wrong)
    assert area(is_wrong.astype(float), is_wrong) > area(random.random(50), is_wrong)


def test_areas_of_three_predictions_by_hand():
    # Kept in the order right, wrong, right: errors 0, 1/2, 1/3.
    assert area([0.9, 0.8, 0.7], [False, True, False]) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    # Equal confidence says nothing: the error is the same for every share.
    assert area([0.5, 0.5, 0.5], [False, True, False]) == pytest.approx(1 / 3)


def test_the_curve_ends_at_the_error_of_all():
    random = np.random.default_rng(1)
    confidence, is_wrong = random.random(1000), random.random(1000) < 0.2
    curve = RiskCoverage(confidence, is_wrong)
    table = curve.curve()
    assert table["coverage"].iloc[-1] == 1 and len(table) <= 200
    assert table["error"].iloc[-1] == pytest.approx(is_wrong.mean()) == curve.error_at(1.0)
    kept = is_wrong[np.argsort(-confidence)[:800]]
    assert curve.error_at(0.8) == pytest.approx(kept.mean())


def test_weighted_areas_are_those_of_the_repeated_examples():
    random = np.random.default_rng(2)
    n = 4000
    confidence, is_wrong = random.integers(0, 50, n) / 50, random.random(n) < 0.4
    weights = random.multinomial(n, np.ones(n) / n, size=5)
    found = RiskCoverage(confidence, is_wrong).area(weights.astype(float))
    expected = [area(np.repeat(confidence, one), np.repeat(is_wrong, one)) for one in weights]
    # Copies of an example are kept together, which makes next to no difference.
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_confidence_that_says_nothing_has_no_gain():
    random = np.random.default_rng(3)
    labels = np.arange(600) % 2
    is_wrong = random.random(600) < 0.25
    resampling = choose_resampling("binary", labels)
    blind, seeing = (
        risk_summary(values, is_wrong, resampling, 200, 1).set_index("metric")
        for values in (random.random(600), random.random(600) - 0.5 * is_wrong)
    )
    assert blind.loc["gain", "lower"] < 0 < blind.loc["gain", "upper"]
    assert seeing.loc["gain", "lower"] > 0
    assert seeing.loc["error_at_80", "value"] < seeing.loc["error", "value"] == is_wrong.mean()
    assert seeing.loc["best_aurc", "value"] < seeing.loc["aurc", "value"]


# Calibration


def drawn(n, n_classes, random):
    """Labels drawn from known probabilities."""
    true = special.softmax(1.5 * random.normal(size=(n, n_classes)), axis=1)
    return (true.cumsum(axis=1) < random.random((n, 1))).sum(axis=1), true


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_model_that_is_too_sure_is_mended(n_classes):
    random = np.random.default_rng(4)
    (labels, true), (held, held_true) = (drawn(3000, n_classes, random) for _ in range(2))
    sure = special.softmax(3 * np.log(true), axis=1)
    calibration = Calibration.fit(labels, sure)
    assert calibration.scale == pytest.approx(1 / 3, abs=0.05)
    before = special.softmax(3 * np.log(held_true), axis=1)
    after = calibration.apply(before)
    assert after == pytest.approx(held_true, abs=0.06)
    worse, better = (calibration_scores(held, values) for values in (before, after))
    assert better["ece"] < 0.03 < worse["ece"]
    assert better["brier"] < worse["brier"] and better["log_loss"] < worse["log_loss"]


def test_probabilities_for_classes_of_equal_size_are_taken_to_the_shares_in_the_data():
    random = np.random.default_rng(5)
    labels = (random.random(5000) < 0.1).astype(int)
    odds = np.exp(2 * (2 * labels - 1) + 2 * random.normal(size=5000))
    balanced = np.column_stack([1 / (1 + odds), odds / (1 + odds)])
    mended = Calibration.fit(labels, balanced).apply(balanced)
    assert balanced[:, 1].mean() > 0.14
    assert mended[:, 1].mean() == pytest.approx(labels.mean(), abs=0.005)


def test_a_model_without_an_error_on_tune_stays_finite():
    labels = np.arange(40) % 2
    perfect = np.eye(2)[labels]
    mended = Calibration.fit(labels, perfect).apply(np.array([[0.3, 0.7], [1.0, 0.0]]))
    assert np.isfinite(mended).all() and mended.sum(axis=1) == pytest.approx([1, 1])
    assert mended[0].argmax() == 1


def test_calibrated_probabilities_are_left_as_they_are():
    labels, true = drawn(5000, 2, np.random.default_rng(6))
    assert Calibration.fit(labels, true).apply(true) == pytest.approx(true, abs=0.05)
    assert calibration_scores(labels, true)["ece"] < 0.03


# Neighbours


def clusters(n, random, centre=4.0):
    labels = np.arange(n) % 2
    return labels, random.normal(size=(n, 8)) + centre * labels[:, None]


def test_examples_unlike_any_in_train_have_a_low_confidence():
    random = np.random.default_rng(7)
    labels, hidden = clusters(400, random)
    neighbours = DeepNeighbours(hidden, labels, clusters(200, random)[1])
    test_labels, test_hidden = clusters(200, random)
    usual = neighbours.agreement(test_hidden, test_labels)
    assert usual.mean() > 0.95
    strange = random.normal(size=(50, 8)) + 20  # beyond class 1, whose members are all nearest
    assert neighbours.agreement(strange, np.ones(50, dtype=int)).max() == 0


def test_a_prediction_against_its_neighbours_has_a_low_confidence():
    random = np.random.default_rng(8)
    labels, hidden = clusters(400, random)
    neighbours = DeepNeighbours(hidden, labels, clusters(200, random)[1])
    test_labels, test_hidden = clusters(100, random)
    assert neighbours.agreement(test_hidden, 1 - test_labels).mean() < 0.05


def test_a_small_train_has_fewer_neighbours():
    labels, hidden = clusters(10, np.random.default_rng(9))
    found = DeepNeighbours(hidden, labels, hidden).agreement(hidden, labels)
    assert found == pytest.approx(np.full(10, 0.5))
