"""The words of the verdict, and its numbers as JSON."""

import json

import numpy as np
import pytest
from test_comparison import compared

from deeprules.evaluate.verdict import verdict_record
from deeprules.statistics.intervals import Interval
from deeprules.wording import format_interval, format_number, listed

MODELS = {"network": "cnn", "baseline": "forest", "nuisance": "gc"}


def record(cnn, forest, gc=0.6, **chosen):
    """The verdict on three models with these scores."""
    return verdict_record(compared({"cnn": cnn, "forest": forest, "gc": gc}, **(MODELS | chosen)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9634, ".963"),
        (-0.0124, "-.012"),
        (1.2, "1.200"),
        (-0.0001, ".000"),
        (10.25, "10.250"),
        (np.nan, "undefined"),
    ],
)
def test_numbers_are_written_as_the_field_writes_them(value, text):
    assert format_number(value) == text


def test_intervals_are_written_in_brackets():
    assert format_interval(Interval(0.151, 0.12, 0.183, 10)) == ".151 [.120, .183]"


def test_a_network_is_recommended_with_its_numbers():
    verdict = record(0.963, 0.812)
    assert verdict["verdict"] == "network"
    assert verdict["sentence"] == (
        "Use the network `cnn`: AUPRC .963 against .812 for the baseline `forest`, gain .151 "
        "[.131, .171], not below the smallest gain worth it (.02)."
    )
    assert verdict["difference"] == pytest.approx(0.151)
    assert verdict["nuisance_difference"] == pytest.approx(0.363)
    assert any("over the nuisance baseline `gc`" in reason for reason in verdict["reasons"])


def test_a_baseline_is_recommended_with_its_numbers():
    verdict = record(0.75, 0.8)
    assert verdict["verdict"] == "baseline"
    assert verdict["sentence"] == (
        "Use the baseline `forest`: AUPRC .800 against .750 for the network `cnn`, which is worse: "
        "its gain -.050 [-.070, -.030] is below the smallest gain worth it (.02)."
    )


def test_no_difference_says_that_it_is_not_settled():
    verdict = record(0.81, 0.8)
    assert verdict["verdict"] == "no_difference"
    assert verdict["sentence"].startswith("No clear difference: AUPRC .810 for the network `cnn`")
    assert "settles neither" in verdict["sentence"]


def test_without_a_network_the_baseline_is_compared_with_the_nuisance():
    verdict = record(0.9, 0.8, network=None)
    assert verdict["verdict"] == "baseline"
    assert verdict["sentence"].endswith("; no network was entered.")
    assert (verdict["difference"], verdict["network"]) == (None, None)
    assert verdict["nuisance_difference"] == pytest.approx(0.2)


def test_without_a_baseline_there_is_no_verdict():
    verdict = record(0.9, 0.8, baseline=None)
    assert verdict["verdict"] == "withheld"
    assert "no baseline was entered" in verdict["sentence"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({}, "neither `cnn` nor `forest` is shown to predict better than the nuisance baseline"),
        ({"network": None}, "`forest` is not shown to predict better than the nuisance baseline"),
    ],
)
def test_a_score_that_composition_reaches_is_withheld(chosen, words):
    verdict = record(0.61, 0.6, **chosen)
    assert verdict["verdict"] == "withheld"
    assert words in verdict["sentence"]
    assert "`gc` (AUPRC .600 [" in verdict["sentence"]


def test_an_undefined_gain_is_withheld_and_fits_json():
    comparison = compared({"cnn": 0.9, "forest": 0.8}, network="cnn", baseline="forest")
    comparison.scored.replicates["cnn", "mean"]["auprc"][:] = np.nan
    verdict = verdict_record(comparison)
    assert verdict["verdict"] == "withheld"
    assert "has no interval" in verdict["sentence"]
    assert verdict["lower"] is None
    json.dumps(verdict, allow_nan=False)


def test_a_network_that_composition_reaches_is_not_recommended():
    comparison = compared({"cnn": 0.9, "forest": 0.8, "gc": 0.6}, **MODELS)
    comparison.over_nuisances["cnn"]["gc"] = Interval(0.3, -0.1, 0.7, 1000)
    verdict = verdict_record(comparison)
    assert verdict["verdict"] == "no_difference"
    assert "not shown to beat the nuisance baseline `gc`" in verdict["sentence"]


def test_a_clear_but_small_gain_is_not_called_no_clear_difference():
    comparison = compared({"cnn": 0.999, "forest": 0.981}, network="cnn", baseline="forest")
    comparison.scored.replicates["forest", "mean"]["auprc"] = np.linspace(0.975, 0.987, 1001)
    verdict = verdict_record(comparison)
    assert (verdict["difference_shown"], verdict["worth_it"]) == ("better", "open")
    assert verdict["sentence"].startswith("The network is better; open whether by enough: AUPRC")
    assert "95% of the error that the baseline leaves (.019)" in verdict["sentence"]
    assert (
        "does not settle whether this reaches the smallest gain worth it (.02)"
        in (verdict["sentence"])
    )


def test_the_baseline_that_is_not_beaten_is_named_whatever_tune_chose():
    values = {"cnn": 0.9, "regression": 0.89, "forest": 0.7}
    verdict = verdict_record(
        compared(values, network="cnn", baseline="forest", kinds={"regression": "baseline"})
    )
    assert verdict["verdict"] == "no_difference"
    assert verdict["sentence"].startswith("Better than the chosen baseline, not shown for every")
    assert "no gain over `regression` (.010 [" in verdict["sentence"]
    assert {one["model"]: one["beaten"] for one in verdict["baselines"]} == {
        "forest": True,
        "regression": False,
    }
    assert any("over `regression` in AUPRC" in reason for reason in verdict["reasons"])


def test_a_network_names_the_baseline_that_it_beats_by_least():
    values = {"cnn": 0.9, "regression": 0.8, "forest": 0.7}
    verdict = verdict_record(
        compared(values, network="cnn", baseline="forest", kinds={"regression": "baseline"})
    )
    assert "holds against each of 2 baselines, least against `regression`" in verdict["sentence"]


def test_a_network_that_tune_did_not_choose_is_named():
    values = {"cnn": 0.7, "mlp": 0.95, "forest": 0.8}
    verdict = verdict_record(
        compared(values, network="cnn", baseline="forest", kinds={"mlp": "network"})
    )
    assert (verdict["verdict"], verdict["difference_shown"]) == ("no_difference", "worse")
    assert verdict["rivals"] == ["mlp"] and "`mlp`, not chosen on tune" in verdict["sentence"]


def test_names_are_listed_in_words():
    assert [listed(["a"]), listed(["a", "b", "c"])] == ["`a`", "`a`, `b` and `c`"]
