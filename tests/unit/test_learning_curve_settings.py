"""Which models have a learning curve."""

import pytest

from deeprules_workflow.learning_curve_settings import learning_curve_faults, learning_curve_models

MODELS = {
    "cnn": {"kind": "network"},
    "forest": {"kind": "baseline"},
    "majority_class": {"kind": "nuisance"},
}
TRANSFER = {"frozen": {"kind": "network", "pretrained": "zoo"}}


def chosen(entries=MODELS, **settings):
    return learning_curve_models(
        {"learning_curve": {"models": "auto", "shares": [0.5, 1.0]} | settings}, entries
    )


def test_auto_is_all_with_a_pretrained_start_and_else_the_chosen_models():
    assert chosen() is None
    assert chosen(MODELS | TRANSFER) == ["cnn", "forest", "frozen"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("all", ["cnn", "forest"]),
        (["majority_class", "cnn"], ["cnn", "majority_class"]),
        ([], []),
    ],
)
def test_models_can_be_asked_for(wanted, expected):
    assert chosen(models=wanted) == expected


def test_no_shares_switch_it_off():
    assert chosen(MODELS | TRANSFER, shares=[]) == []


def test_an_unknown_name_is_a_fault():
    (fault,) = learning_curve_faults({"models": ["cnn", "florest"]}, MODELS)
    assert "learning_curve.models: there is no model `florest`; did you mean `forest`?" in fault
    assert not list(learning_curve_faults({"models": "all"}, MODELS))
