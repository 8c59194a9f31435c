"""Tests between two models: known answers, and a level that holds under the null."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from deeprules.statistics.significance import delong_test, holm_adjusted, mcnemar_test, paired_tests


def draw(rng, n=200, first=1.0, second=1.0, shared=0.5):
    """Labels, and the scores of two models that see the same noise in part."""
    is_positive = np.arange(n) < n // 2
    common = rng.normal(size=n) * np.sqrt(shared)
    scores = [
        effect * is_positive + common + rng.normal(size=n) * np.sqrt(1 - shared)
        for effect in (first, second)
    ]
    return is_positive, *scores


def test_the_difference_is_that_of_the_aurocs():
    is_positive, first, second = draw(np.random.default_rng(1))
    expected = roc_auc_score(is_positive, first) - roc_auc_score(is_positive, second)
    assert delong_test(is_positive, first, second).value == pytest.approx(expected)


def test_the_standard_error_is_that_of_repeated_samples():
    rng = np.random.default_rng(1)
    found = [delong_test(*draw(rng, first=1.5)) for _ in range(400)]
    spread = np.std([difference.value for difference in found])
    assert np.mean([difference.standard_error for difference in found]) == pytest.approx(
        spread, rel=0.1
    )


def test_ties_count_half():
    is_positive = np.array([True, True, False, False])
    tied = delong_test(is_positive, np.array([1.0, 0, 1, 0]), np.array([1.0, 1, 0, 0]))
    assert tied.value == pytest.approx(-0.5)


def test_under_the_null_one_test_in_twenty_rejects():
    rng = np.random.default_rng(1)
    rejected = {"delong": [], "mcnemar": []}
    for _ in range(1000):
        is_positive, first, second = draw(rng)
        rejected["delong"].append(delong_test(is_positive, first, second).p_value < 0.05)
        right = [(scores > 0.5) == is_positive for scores in (first, second)]
        rejected["mcnemar"].append(mcnemar_test(*right) < 0.05)
    assert 0.03 < np.mean(rejected["delong"]) < 0.07
    # The exact test is conservative.
    assert 0.01 < np.mean(rejected["mcnemar"]) <= 0.06


def test_a_better_model_is_found():
    is_positive, first, second = draw(np.random.default_rng(1), n=400, first=2.0)
    assert delong_test(is_positive, first, second).p_value < 1e-4


def test_equal_models_and_single_classes():
    scores = np.array([0.1, 0.9, 0.4])
    same = delong_test(np.array([False, True, True]), scores, scores)
    assert np.isnan(same.p_value)
    same = delong_test(np.array([False, True, True, False]), *[np.array([0.1, 0.9, 0.4, 0.2])] * 2)
    assert (same.value, same.p_value) == (0.0, 1.0)


def test_mcnemar_looks_at_disagreements_alone():
    first = np.array([True] * 90 + [True] * 9 + [False] * 1)
    second = np.array([True] * 90 + [False] * 9 + [True] * 1)
    assert mcnemar_test(first, second) == pytest.approx(stats.binomtest(9, 10).pvalue)
    assert mcnemar_test(first, first) == 1.0


def test_holm_steps_down():
    np.testing.assert_allclose(
        holm_adjusted([0.01, 0.04, np.nan, 0.03]), [0.03, 0.06, np.nan, 0.06]
    )
    assert holm_adjusted([0.6, 0.9]).tolist() == [1.0, 1.0]


def test_every_network_is_tested_against_every_other_kind():
    is_positive, good, poor = draw(np.random.default_rng(1), n=400, first=2.0, second=0.3)
    fits = {
        name: [np.column_stack([1 - stats.norm.cdf(scores), stats.norm.cdf(scores)])]
        for name, scores in {"cnn": good, "mlp": poor, "lr": poor, "composition": poor}.items()
    }
    kinds = {"cnn": "network", "mlp": "network", "lr": "baseline", "composition": "nuisance"}
    table = paired_tests(is_positive.astype(int), fits, kinds)
    assert len(table) == 2 * 2 * 2
    found = table.set_index(["network", "versus", "test"])
    assert found.loc[("cnn", "lr", "delong"), "p_value"] < 1e-6
    assert found.loc[("mlp", "lr", "delong"), "p_value"] == 1
    assert found.loc[("mlp", "lr", "mcnemar"), "difference"] == 0
    assert (table["adjusted"] >= table["p_value"]).all()
