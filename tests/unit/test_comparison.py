"""The decision and its table, from scores whose gains are known."""

import numpy as np
import pytest

from deeprules.evaluate.bootstrap import BootstrappedScores, Interval
from deeprules.evaluate.comparison import COLUMNS, Comparison, comparison_table, decide


def known_scores(values, spread=0.02):
    """Scores of models; the gain over the next one has an interval of `spread` to each side."""
    ramp = np.linspace(-1, 1, 1001) * spread / 0.95
    points = {name: [{"auprc": value, "brier": 1 - value}] for name, value in values.items()}
    replicates = {}
    for index, (name, value) in enumerate(values.items()):
        noise = ramp * index
        replicates[name, "mean"] = {"auprc": value + noise, "brier": 1 - value - noise}
    drawn = dict.fromkeys(values, np.zeros(len(ramp), dtype=int))
    return BootstrappedScores(
        points, {name: one[0] for name, one in points.items()}, replicates, drawn
    )


def compared(values, minimum_gain=0.02, **chosen):
    """A comparison of models with known scores."""
    models = {"network": None, "baseline": None, "nuisance": None} | chosen
    return Comparison(known_scores(values), **models, metric="auprc", minimum_gain=minimum_gain)


def gain(value, lower, upper):
    return Interval(value, lower, upper, 1000)


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        (gain(0.15, 0.12, 0.18), "network"),
        (gain(0.02, 0.01, 0.03), "network"),
        (gain(0.019, 0.01, 0.03), "no_difference"),
        (gain(0.05, -0.01, 0.11), "no_difference"),
        (gain(0.05, 0.0, 0.11), "no_difference"),
        (gain(0.0, -0.03, 0.03), "no_difference"),
        (gain(0.01, 0.001, 0.019), "baseline"),
        (gain(-0.1, -0.2, -0.05), "baseline"),
        (gain(0.0, -0.01, 0.02), "no_difference"),
        (gain(0.1, np.nan, np.nan), "withheld"),
    ],
)
def test_the_interval_of_the_gain_decides(interval, verdict):
    assert decide(interval, True, True, 0.02) == verdict


@pytest.mark.parametrize(
    ("network", "baseline", "verdict"),
    [
        (True, True, "network"),
        (True, False, "network"),
        (False, True, "no_difference"),
        (False, False, "withheld"),
    ],
)
def test_the_nuisance_baseline_must_be_beaten(network, baseline, verdict):
    assert decide(gain(0.15, 0.12, 0.18), network, baseline, 0.02) == verdict


@pytest.mark.parametrize(
    ("network", "baseline", "verdict"),
    [
        (None, True, "baseline"),
        (None, False, "withheld"),
        (True, None, "withheld"),
        (None, None, "withheld"),
    ],
)
def test_a_side_that_was_not_entered(network, baseline, verdict):
    assert decide(None, network, baseline, 0.02) == verdict


def test_gains_are_measured_between_the_chosen_models():
    comparison = compared(
        {"cnn": 0.9, "forest": 0.8, "gc": 0.6}, network="cnn", baseline="forest", nuisance="gc"
    )
    assert comparison.gain.value == pytest.approx(0.1)
    assert (comparison.gain.lower, comparison.gain.upper) == pytest.approx((0.08, 0.12))
    assert comparison.over_nuisance["forest"].value == pytest.approx(0.2)
    assert comparison.decision == "network"


def test_without_a_nuisance_baseline_there_is_nothing_to_beat():
    comparison = compared({"cnn": 0.9, "forest": 0.8}, network="cnn", baseline="forest")
    assert comparison.over_nuisance == {"cnn": None, "forest": None}
    assert comparison.decision == "network"


def test_models_no_better_than_composition_are_withheld():
    comparison = compared(
        {"cnn": 0.61, "forest": 0.6, "gc": 0.6}, network="cnn", baseline="forest", nuisance="gc"
    )
    assert comparison.decision == "withheld"


def test_the_table_pairs_every_network_with_everything_else():
    kinds = {"cnn": "network", "mlp": "network", "forest": "baseline", "gc": "nuisance"}
    table = comparison_table(
        known_scores({"cnn": 0.9, "mlp": 0.7, "forest": 0.8, "gc": 0.6}), kinds
    )
    assert list(table) == COLUMNS
    assert len(table) == 2 * 2 * 2
    worse = table.query("network == 'mlp' and versus == 'forest'").set_index("metric")
    assert worse["difference"].to_dict() == pytest.approx({"auprc": -0.1, "brier": -0.1})
    assert (worse["upper"] < 0).all()
    assert set(table["versus_kind"]) == {"baseline", "nuisance"}


def test_without_a_network_the_table_is_a_header():
    table = comparison_table(known_scores({"forest": 0.8}), {"forest": "baseline"})
    assert list(table) == COLUMNS and table.empty
