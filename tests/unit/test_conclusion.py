"""The verdict of a run: what the controls take away from it, and what would change it."""

import math

import pandas as pd
import pytest

from deeprules.cautions import Caution, as_records, collect_cautions
from deeprules.conclude.conclusion import conclude
from deeprules.costs import COLUMNS

SPLIT = {"strategy": "chromosome"}


def verdict(kind="network", gain=(0.1, 0.06, 0.14), minimum_gain=0.02, **changes):
    """A verdict as the evaluation writes it, on 400 test examples."""
    record = {
        "verdict": kind,
        "sentence": "The sentence of the test.",
        "reasons": ["A reason."],
        "too_small": "",
        "metric": "auprc",
        **dict(zip(("difference", "lower", "upper"), gain, strict=True)),
        "minimum_gain": minimum_gain,
        "network": "cnn",
        "baseline": "forest",
        "baselines": [
            {"model": "forest", "beaten": gain[1] > 0}
            | dict(zip(("difference", "lower", "upper"), gain, strict=True))
        ],
        "rivals": [],
        "nuisance": "gc",
        "nuisance_difference": 0.2,
        "nuisance_lower": 0.1,
        "nuisance_upper": 0.3,
        "resampling": "examples within classes",
        "n_units": 400,
    }
    return record | changes


def controls(**is_better):
    """Summary of the shuffled labels: whether each model is better than on shuffled labels."""
    entries = [
        {
            "model": name,
            "is_better": better,
            "sentence": f"`{name}` {'' if better else 'not '}better.",
        }
        for name, better in is_better.items()
    ]
    return {"entries": entries}


def costs(**watt_hours):
    rows = [("search", name, 1, 1.0, 2.0, energy) for name, energy in watt_hours.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def concluded(record, shuffled=None, curves=None, spent=None, design="observational", cautions=()):
    spent = costs(cnn=30.0, forest=2.0) if spent is None else spent
    return conclude(record, SPLIT, {"design": design}, shuffled, curves, spent, cautions)


@pytest.mark.parametrize(("withholds", "kind"), [(True, "withheld"), (False, "network")])
def test_a_caution_of_a_stage_stands_with_the_verdict_and_may_withhold_it(withholds, kind):
    mild = Caution("Few trials", "Four trials a model.", 6)
    caution = Caution("Width tells the label", "Width alone reaches AUROC .998.", 4, withholds)
    audit, split = {"cautions": as_records([mild, caution])}, {}
    found = concluded(verdict(), cautions=collect_cautions([audit, split]))
    assert (found["verdict"], found["on_test"]) == (kind, "network")
    assert (caution.sentence in found["sentence"]) == withholds
    assert {one["title"] for one in found["cautions"]} == {mild.title, caution.title}
    assert found["cautions"][0]["title"] == (caution if withholds else mild).title


@pytest.mark.parametrize("kind", ["network", "baseline", "no_difference"])
def test_a_verdict_stands_where_its_models_beat_shuffled_labels(kind):
    found = concluded(verdict(kind), controls(cnn=True, forest=True))
    assert found["verdict"] == found["on_test"] == kind
    assert found["sentence"] == "The sentence of the test."
    assert "`cnn` better." in found["reasons"]


@pytest.mark.parametrize(
    ("kind", "better", "expected"),
    [
        ("network", {"cnn": False, "forest": True}, "withheld"),
        ("network", {"cnn": True, "forest": False}, "network"),
        ("baseline", {"cnn": True, "forest": False}, "withheld"),
        ("no_difference", {"cnn": False, "forest": True}, "no_difference"),
        ("no_difference", {"cnn": False, "forest": False}, "withheld"),
        ("withheld", {"cnn": False, "forest": False}, "withheld"),
    ],
)
def test_it_is_withheld_where_no_recommended_model_does(kind, better, expected):
    found = concluded(verdict(kind), controls(**better))
    assert found["verdict"] == expected
    assert found["on_test"] == kind
    if expected != kind:
        assert "not better." in found["sentence"]
        assert "The sentence of the test." in found["sentence"]


def test_without_the_control_the_reasons_say_so():
    found = concluded(verdict())
    assert found["verdict"] == "network"
    assert "No fit on shuffled labels was made." in found["reasons"]


def test_split_design_and_cost_are_named():
    reasons = " ".join(concluded(verdict())["reasons"])
    assert "The split: chromosome." in reasons
    assert "not what causes what" in reasons
    assert "15 times the energy" in reasons
    assert "not what causes what" not in " ".join(
        concluded(verdict(), design="randomised")["reasons"]
    )


def test_without_a_measured_time_no_cost_is_made_up():
    found = concluded(verdict(), spent=pd.DataFrame(columns=COLUMNS))
    assert found["cost_ratio"] is None
    assert not any("cost" in reason for reason in found["reasons"])


def test_the_size_of_a_test_set_that_would_settle_it():
    # Half width .06 at 400 examples; the way from .03 to 0 is half of it: four times as many.
    (advice,) = concluded(verdict("no_difference", (0.03, -0.03, 0.09)))["would_change"]
    assert "about 1,600 examples instead of 400" in advice
    assert "for the network" in advice


@pytest.mark.parametrize(
    ("interval", "words"),
    [((-0.1, -0.15, -0.05), "worse whatever gain"), ((-0.02, -0.05, 0.01), "worth it of .010 in")],
)
def test_no_gain_below_zero_is_asked_of_a_network(interval, words):
    (advice,) = concluded(verdict("baseline", interval))["would_change"]
    assert words in advice


def test_a_small_gain_would_settle_for_the_baseline():
    # From 0 to the smallest gain worth it is .02; half width .04: four times as many.
    (advice,) = concluded(verdict("no_difference", (0.0, -0.04, 0.04)))["would_change"]
    assert "about 1,600 examples" in advice
    assert "for the baseline" in advice
    # 20.25 times 861: an extrapolation has two digits.
    close = verdict("no_difference", (0.016, -0.002, 0.034), n_units=861)
    assert "about 17,000 examples instead of 861" in concluded(close)["would_change"][0]


def test_a_test_set_that_would_settle_it_is_never_the_smaller_one():
    close = verdict("no_difference", (0.063, -0.0001, 0.121), n_units=45, resampling="groups")
    (advice,) = concluded(close)["would_change"]
    assert "with a few more groups than 45" in advice


def test_a_hopeless_size_is_no_advice():
    (advice,) = concluded(verdict("no_difference", (0.0199, -0.04, 0.08)))["would_change"]
    assert "No test set of a size" in advice


def test_an_unbeaten_nuisance_baseline_is_named():
    record = verdict("no_difference", nuisance_lower=-0.01)
    (advice,) = concluded(record)["would_change"]
    assert "nuisance baseline `gc`" in advice


@pytest.mark.parametrize(
    ("kind", "beaten", "words"),
    [
        ("no_difference", False, "A gain over `regression` as well"),
        ("network", True, "better by .010 than `regression`"),
        ("network", True, "worth it above .030 in AUPRC over `regression`"),
    ],
)
def test_what_would_change_it_knows_the_baselines_that_tune_did_not_choose(kind, beaten, words):
    record = verdict(kind)
    record["baselines"].append(
        {
            "model": "regression",
            "beaten": beaten,
            "difference": 0.03,
            "lower": 0.01 if beaten else -0.01,
            "upper": 0.05,
        }
    )
    assert words in " ".join(concluded(record)["would_change"])


def test_learning_curves_of_the_chosen_models_are_quoted():
    curves = {
        "models": [
            {"model": "cnn", "sentence": "More for cnn."},
            {"model": "other", "sentence": "More for other."},
        ],
        "overtaking": {"sentence": "It overtakes."},
    }
    advice = concluded(verdict(), curves=curves)["would_change"]
    assert advice[1:] == ["More for cnn.", "It overtakes."]


def test_numbers_fit_for_json():
    found = concluded(verdict())
    assert found["cost_ratio"] == pytest.approx(15)
    assert found["control_ratio"] == 0
    assert not any(isinstance(value, float) and math.isnan(value) for value in found.values())
