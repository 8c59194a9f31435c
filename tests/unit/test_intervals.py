"""Intervals from replicates: their ends, their scale, and what is not defined."""

import numpy as np
import pytest
from scipy import stats

from deeprules.statistics.intervals import (
    Estimate,
    gain_interval,
    percentile_interval,
    score_interval,
    unseen_errors,
)

SIZES = {"n_units": 100, "fewest": 40}


def estimate(value, spread=0.0, bias=0.0, n=2001):
    """An estimate whose replicates are normal around it."""
    noise = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return Estimate(value, value + bias + spread * noise, np.full(n, value))


def test_a_gain_has_a_t_interval_of_the_scarcest_class():
    found = gain_interval(estimate(0.7, 0.03), estimate(0.6), "auprc", **SIZES)
    reach = stats.t.ppf(0.975, 39) * 0.03
    assert (found.lower, found.upper) == pytest.approx((0.1 - reach, 0.1 + reach), abs=2e-3)
    fewer = gain_interval(estimate(0.7, 0.03), estimate(0.6), "auprc", n_units=100, fewest=4)
    assert fewer.upper - fewer.lower > 1.4 * (found.upper - found.lower)


def test_the_bias_of_replicates_moves_one_end():
    plain = gain_interval(estimate(0.7, 0.03), estimate(0.6), "auprc", **SIZES)
    biased = gain_interval(estimate(0.7, 0.03, bias=0.02), estimate(0.6), "auprc", **SIZES)
    assert biased.lower == pytest.approx(plain.lower - 0.02, abs=1e-3)
    assert biased.upper == pytest.approx(plain.upper, abs=1e-3)


@pytest.mark.parametrize("metric", ["auprc", "mcc", "r2", "log_loss"])
def test_a_score_keeps_within_its_bounds(metric):
    found = score_interval(estimate(0.96, 0.01), metric, **SIZES)
    assert 0.9 < found.lower < 0.96 < found.upper
    if metric != "log_loss":
        assert found.upper < 1


def test_lower_scores_may_be_better():
    better = gain_interval(estimate(0.2, 0.01), estimate(0.3), "brier", **SIZES, sign=-1)
    assert 0 < better.lower < better.value < better.upper
    assert better.value == pytest.approx(0.1)


def test_a_perfect_score_may_be_one_by_luck():
    """No error in 40 examples still allows for an error rate of 9%."""
    assert unseen_errors(estimate(1.0), "auroc", 40) == pytest.approx(0.088, abs=1e-3)
    assert unseen_errors(estimate(0.8), "auroc", 40) < 1e-4
    assert unseen_errors(estimate(1.0), "r2", 40) == 0
    found = score_interval(estimate(1.0), "auroc", **SIZES)
    assert (found.lower, found.upper) == (pytest.approx(1 - 0.088, abs=1e-3), 1.0)
    gain = gain_interval(estimate(1.0), estimate(1.0), "auroc", **SIZES)
    assert gain.lower == pytest.approx(-0.088, abs=1e-3) == -gain.upper


def test_a_constant_score_that_is_not_perfect_has_no_width():
    found = gain_interval(estimate(0.1), estimate(0.1), "auprc", **SIZES)
    assert (found.lower, found.value, found.upper) == (0, 0, 0)


def test_undefined_replicates_are_left_out_and_counted():
    some = percentile_interval(0.5, np.r_[np.linspace(0, 1, 101), np.full(50, np.nan)], 0.5)
    assert (some.lower, some.upper, some.replicates) == pytest.approx((0.025, 0.975, 101))
    most = percentile_interval(0.5, np.r_[np.linspace(0, 1, 101), np.full(102, np.nan)], 0.5)
    assert np.isnan(most.lower) and np.isnan(most.upper)
    assert np.isnan(percentile_interval(np.nan, np.linspace(0, 1, 101), np.nan).lower)
