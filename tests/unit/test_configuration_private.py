"""What a configuration has to be where a network is trained with differential privacy."""

import pytest
from test_configuration import changed, faults, folder, tabular  # noqa: F401 (a fixture)

from deeprules_workflow.backend import train_environment
from deeprules_workflow.configuration import model_entry, resolve
from deeprules_workflow.controls import audited_models
from deeprules_workflow.private_networks import is_private

PROMISE = {"epsilon": 3, "delta": 1e-5}
PRIVATE = {
    "privacy": PROMISE,
    "compute": {"backend": "jax"},
    "models": {"private_cnn": {"module": "cnn", "private": True}},
}
TWO = {"models": {"second": {"module": "cnn", "private": True}}}
WITHOUT_TWIN = {"models": {"cnn": {"private": True}, "private_cnn": {"module": "mlp"}}}


def private(changes=None):
    return changed(changes or {}, changed(PRIVATE))


def test_a_private_network_has_its_terms_its_audit_and_its_environment(folder):  # noqa: F811
    config = resolve(private({"fit": {"seeds": 2}}), folder)
    entries = {name: model_entry(name, config, folder) for name in config["models"]}
    assert entries["private_cnn"]["private"] == {"epsilon": 3.0, "delta": 1e-5, "fits": 2}
    assert not any("private" in entries[name] for name in entries if name != "private_cnn")
    assert audited_models(config, entries) == ["private_cnn"]
    # Its promise is tested by the stronger attack, although the data are public.
    assert config["controls"]["membership_inference"] == 16
    chosen = train_environment(config["compute"], is_private(config))
    assert chosen == "../../envs/train-private.yaml"
    assert resolve(config, folder) == config


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"privacy": {"epsilon": None}}, "privacy.epsilon: is needed by `models.private_cnn"),
        ({"privacy": {"delta": None}}, "privacy.delta: is needed by `models.private_cnn"),
        ({"privacy": {"epsilon": 11}}, "privacy.epsilon: "),
        ({"privacy": {"epsilon": 0}}, "privacy.epsilon: "),
        ({"privacy": {"delta": 0.5}}, "privacy.delta: "),
        (TWO, "models: private_cnn, second are `private`"),
        ({"models": {"private_cnn": {"private": False}}}, "no network keeps this promise"),
        (WITHOUT_TWIN, "models.cnn.private: add the same network without privacy (`cnn: {}`)"),
        (
            {"models": {"logistic_regression": {"private": True}, "private_cnn": None}},
            "only for networks that take the sequences alone, not `logistic_regression`",
        ),
        ({"compute": {"backend": "tensorflow"}}, "compute.backend: `models.private_cnn.private`"),
        ({"compute": {"gpu": 1}}, "compute.gpu: `models.private_cnn.private` needs `0`"),
        ({"compute": {"precision": "mixed_bfloat16"}}, "compute.precision: "),
        ({"controls": {"membership_inference": False}}, "controls.membership_inference: has to"),
        ({"data": {"group": "donor"}}, "with `data.group` an individual may have several"),
        ({"data": {"task": "regression", "positive": None}}, "only networks of classes are"),
        (
            {"models": {"private_cnn": {"space": {"filters": [32, 64]}}}},
            "models.private_cnn.space.filters: a search would spend privacy of its own",
        ),
    ],
)
def test_what_would_break_the_promise_is_named(folder, changes, message):  # noqa: F811
    assert any(message in one for one in faults(private(changes), folder))


def test_networks_of_tables_are_refused(folder):  # noqa: F811
    models = {"private_mlp": {"module": "mlp", "private": True}}
    config = tabular({**PRIVATE, "models": models})
    assert any("only networks of sequences are trained" in one for one in faults(config, folder))
