"""The decision and its table, from scores whose gains are known."""

import numpy as np
import pytest

from deeprules.evaluate.comparison import COLUMNS, Comparison, Decision, comparison_table, decide
from deeprules.statistics.bootstrap import BootstrappedScores
from deeprules.statistics.intervals import Interval


def known_scores(values, spread=0.02):
    """Scores of models; the gain over the next one has an interval of `spread` to each side."""
    ramp = np.linspace(-1, 1, 1001) * spread * np.sqrt(3) / 1.96
    points = {name: [{"auprc": value, "brier": 1 - value}] for name, value in values.items()}
    replicates = {}
    for index, (name, value) in enumerate(values.items()):
        noise = ramp * index
        replicates[name, "mean"] = {"auprc": value + noise, "brier": 1 - value - noise}
    drawn = dict.fromkeys(values, np.zeros(len(ramp), dtype=int))
    return BootstrappedScores(
        points, {name: one[0] for name, one in points.items()}, replicates, drawn
    )


def compared(values, minimum_gain=0.02, kinds=None, **chosen):
    """A comparison of models with known scores; `kinds` are those that were not chosen on tune."""
    models = {"network": None, "baseline": None, "nuisance": None} | chosen
    kinds = {name: kind for kind, name in models.items() if name} | (kinds or {})
    return Comparison(
        known_scores(values), **models, metric="auprc", minimum_gain=minimum_gain, kinds=kinds
    )


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
    assert decide(interval, True, True, 0.02).verdict == verdict


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
    assert decide(gain(0.15, 0.12, 0.18), network, baseline, 0.02).verdict == verdict


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
    assert decide(None, network, baseline, 0.02) == Decision(verdict)


def test_gains_are_measured_between_the_chosen_models():
    comparison = compared(
        {"cnn": 0.9, "forest": 0.8, "gc": 0.6}, network="cnn", baseline="forest", nuisance="gc"
    )
    assert comparison.gain.value == pytest.approx(0.1)
    assert (comparison.gain.lower, comparison.gain.upper) == pytest.approx((0.08, 0.12), 1e-3)
    assert comparison.over_nuisances["forest"]["gc"].value == pytest.approx(0.2)
    assert comparison.decision.verdict == "network"


def test_without_a_nuisance_baseline_there_is_nothing_to_beat():
    comparison = compared({"cnn": 0.9, "forest": 0.8}, network="cnn", baseline="forest")
    assert comparison.over_nuisances == {"cnn": {}, "forest": {}}
    assert comparison.decision.verdict == "network"


def test_models_no_better_than_composition_are_withheld():
    comparison = compared(
        {"cnn": 0.61, "forest": 0.6, "gc": 0.6}, network="cnn", baseline="forest", nuisance="gc"
    )
    assert comparison.decision.verdict == "withheld"


@pytest.mark.parametrize(
    ("interval", "answers"),
    [
        (gain(0.15, 0.12, 0.18), ("network", "better", "yes")),
        (gain(0.018, 0.012, 0.024), ("no_difference", "better", "open")),
        (gain(0.01, 0.001, 0.019), ("baseline", "better", "no")),
        (gain(0.05, -0.01, 0.11), ("no_difference", "not_shown", "open")),
        (gain(0.0, -0.01, 0.01), ("baseline", "not_shown", "no")),
        (gain(-0.1, -0.2, -0.05), ("baseline", "worse", "no")),
    ],
)
def test_whether_it_is_better_and_whether_it_is_worth_it_are_two_questions(interval, answers):
    assert decide(interval, True, True, 0.02) == Decision(*answers)


@pytest.mark.parametrize(
    ("other", "answers"),
    [
        (gain(0.012, -0.006, 0.032), ("no_difference", "not_shown", "open")),
        (gain(0.012, 0.004, 0.032), ("no_difference", "better", "open")),
        (gain(0.03, 0.01, 0.05), ("network", "better", "yes")),
    ],
)
def test_a_network_has_to_beat_the_baselines_that_tune_did_not_choose(other, answers):
    chosen = gain(0.187, 0.117, 0.260)
    assert decide(chosen, True, True, 0.02, [(other, 0.02)]) == Decision(*answers)


@pytest.mark.parametrize(
    ("other", "verdict"),
    [(gain(0.1, 0.05, 0.15), "no_difference"), (gain(-0.1, -0.15, -0.05), "baseline")],
)
def test_a_baseline_is_used_only_if_no_network_may_be_worth_it(other, verdict):
    chosen = gain(-0.1, -0.15, -0.05)
    assert decide(chosen, True, True, 0.02, of_networks=[other]).verdict == verdict


def test_a_baseline_that_composition_reaches_is_not_recommended():
    assert decide(gain(0.0, -0.01, 0.01), True, False, 0.02).verdict == "no_difference"


def test_the_verdict_of_the_wrong_rival_names_the_right_one():
    """The forest was chosen on tune and fell; the regression stands beside the network."""
    comparison = compared(
        {"cnn": 0.9, "regression": 0.89, "forest": 0.7},
        network="cnn",
        baseline="forest",
        kinds={"regression": "baseline"},
    )
    assert comparison.unbeaten == ["regression"]
    assert list(comparison.over_baselines) == ["forest", "regression"]
    assert comparison.decision == Decision("no_difference", "not_shown", "open")


def test_every_nuisance_baseline_has_to_be_beaten():
    """Tune chose the majority class; composition is as good as both sides."""
    comparison = compared(
        {"cnn": 0.9, "forest": 0.9, "gc": 0.9, "majority": 0.5},
        network="cnn",
        baseline="forest",
        nuisance="majority",
        kinds={"gc": "nuisance"},
    )
    assert comparison.hardest_nuisance("cnn")[0] == "gc"
    assert comparison.decision.verdict == "withheld"


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.2, "network"), (0.9, "network"), (0.96, "no_difference")]
)
def test_the_smallest_gain_may_be_a_share_of_the_error_that_is_left(share, verdict):
    """A gain of .018 over .981 takes away 95% of the error."""
    comparison = compared(
        {"cnn": 0.999, "forest": 0.981},
        {"share_of_error": share},
        network="cnn",
        baseline="forest",
    )
    comparison.scored.replicates["forest", "mean"]["auprc"] = np.linspace(0.976, 0.986, 1001)
    assert comparison.least("forest") == pytest.approx(share * 0.019)
    assert comparison.decision.verdict == verdict


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
