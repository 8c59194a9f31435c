"""Which controls a run makes, and with which models."""

import pytest

from deeprules_workflow.controls import control_faults, wanted_controls
from deeprules_workflow.modules import Module

MODELS = {
    "cnn": {"kind": "network"},
    "forest": {"kind": "baseline"},
    "majority_class": {"kind": "nuisance"},
}
TRANSFER = {"frozen": {"kind": "network", "pretrained": "zoo"}}
NEEDS = {"shuffled": (), "curve": ("fits",), "left_out": ("batch",), "probes": ("network", "fits")}
KNOWN = {name: Module(name, "control", (), (), needs) for name, needs in NEEDS.items()}
BATCH = {"batch": "batch"}


def wanted(models=MODELS, data=BATCH, **controls):
    return wanted_controls({"data": data, "controls": {"budget": 1, **controls}}, models, KNOWN)


def models_of_curve(entries=MODELS, asked="auto"):
    settings = {"models": asked, "shares": [0.5, 1.0]}
    return wanted(entries, curve=settings)["curve"].settings["models"]


def test_auto_is_all_with_a_pretrained_start_and_else_the_chosen_models():
    assert models_of_curve() is None
    assert models_of_curve(MODELS | TRANSFER) == ["cnn", "forest", "frozen"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("all", ["cnn", "forest"]), (["majority_class", "cnn"], ["cnn", "majority_class"])],
)
def test_models_can_be_asked_for(asked, expected):
    assert models_of_curve(asked=asked) == expected


@pytest.mark.parametrize("value", [0, False, {"shares": []}, {"shares": [1.0], "models": []}])
def test_nothing_switches_a_control_off(value):
    assert set(wanted(shuffled=2, curve=value)) == {"shuffled"}


def test_a_control_needs_what_it_is_about():
    asked = {"left_out": 5, "probes": True}
    assert set(wanted(**asked)) == {"left_out", "probes"}
    assert set(wanted(data={"batch": None}, **asked)) == {"probes"}
    assert set(wanted({"forest": MODELS["forest"]}, **asked)) == {"left_out"}
    assert wanted(**asked)["probes"].needs == ("network", "fits")


def test_an_unknown_name_is_a_fault():
    (fault,) = control_faults({"curve": {"models": ["cnn", "florest"]}}, KNOWN, MODELS)
    assert "controls.curve.models: there is no model `florest`; did you mean `forest`?" in fault
    (fault,) = control_faults({"budget": 1, "shufled": 3}, KNOWN, MODELS)
    assert "there is no control `shufled`; did you mean `shuffled`?" in fault
    assert not list(control_faults({"curve": {"models": "all"}, "left_out": 2}, KNOWN, MODELS))
