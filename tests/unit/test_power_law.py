"""Power laws with known parameters, and curves that cross where they are meant to."""

import numpy as np
import pytest

from deeprules.statistics.power_law import FITS, FURTHEST, fit_power_law, overtaking

SIZES = np.array([100, 200, 400, 700, 1000])


def curve(a, b, c, noise=0.003, seed=0, sizes=SIZES):
    """The law fitted to noisy scores of a known curve."""
    random = np.random.default_rng(seed)
    means = a - b * (sizes / sizes[-1]) ** -c + random.normal(0, noise, len(sizes))
    return fit_power_law(sizes, means, means + random.normal(0, noise, (FITS, len(sizes))))


def test_a_known_power_law_lies_in_its_interval():
    law = curve(a=0.9, b=0.1, c=0.6)
    for name, interval in law.parameter_intervals().items():
        assert interval.lower <= {"a": 0.9, "b": 0.1, "c": 0.6}[name] <= interval.upper
    gain = law.doubling()
    assert gain.lower <= 0.1 - 0.1 * 2**-0.6 <= gain.upper
    assert gain.lower > 0.02


@pytest.mark.parametrize(("b", "sign"), [(0.1, 1), (-0.1, -1)])
def test_curves_may_rise_and_fall(b, sign):
    gain = curve(a=0.8, b=b, c=0.5).doubling()
    assert min(sign * gain.lower, sign * gain.upper) > 0


def test_a_flat_curve_promises_nothing():
    gain = curve(a=0.7, b=0.0, c=0.5).doubling()
    assert gain.lower < 0 < gain.upper


def test_scores_that_never_vary_are_fitted():
    law = fit_power_law(SIZES, np.full(5, 0.5), np.full((FITS, 5), 0.5))
    assert law.doubling().value == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("missing", ["sizes", "scores", "replicates"])
def test_too_little_gives_no_law(missing):
    means, replicates = np.linspace(0.6, 0.8, 5), np.full((FITS, 5), 0.7)
    n = 3 if missing == "sizes" else 5
    if missing == "scores":
        means[2] = np.nan
    if missing == "replicates":
        replicates[10:] = np.nan
    assert fit_power_law(SIZES[:n], means[:n], replicates[:, :n]) is None


def test_crossing_of_known_curves():
    size = overtaking(curve(0.95, 0.15, 0.5), curve(0.78, 0.02, 0.3, seed=1), smallest=100)
    values = 0.95 - 0.15 * (np.arange(100, 10_000) / 1000) ** -0.5
    truth = 100 + np.argmax(values > 0.78 - 0.02 * (np.arange(100, 10_000) / 1000) ** -0.3)
    assert size["lower"] <= truth <= size["upper"]
    assert size["n"] == pytest.approx(truth, rel=0.15)


def test_a_curve_ahead_from_the_start_and_one_never_ahead():
    high, low = curve(0.95, 0.05, 0.5), curve(0.7, 0.05, 0.5, seed=1)
    assert overtaking(high, low, 100) == {"n": 100, "lower": 100, "upper": 100}
    assert overtaking(low, high, 100) == dict.fromkeys(["n", "lower", "upper"], np.inf)


def test_a_crossing_beyond_the_limit_counts_as_none():
    slow, flat = curve(1.0, 0.2, 0.1, noise=1e-4), curve(0.87, 0.0, 0.5, noise=1e-4, seed=1)
    truth = 1000 * (0.2 / 0.13) ** 10
    assert truth > FURTHEST * 1000
    assert overtaking(slow, flat, 100)["n"] == np.inf
