"""Configurations of several labels: completed with twins, or refused."""

import pytest
import yaml
from test_configuration import (  # noqa: F401
    CONFIG,
    LIBRARY,
    STUDY,
    changed,
    faults,
    folder,
    resolve,
)

from deeprules.errors import InputError
from deeprules_workflow.configuration import model_entry
from deeprules_workflow.several_labels import require_one_label

TABLE = {"table": {"url": "marks.csv", "format": "table"}}
SEVERAL = {
    **CONFIG,
    "data": {
        "modality": "sequence",
        "task": "multilabel",
        "label": ["a", "b"],
        "positive": "yes",
        "sources": TABLE,
    },
    "interpret": False,
}


def test_a_network_gets_a_twin_that_is_trained_for_each_label_alone(folder):  # noqa: F811
    space = {"filters": 32, "label_weights": "equal"}
    config = resolve(changed({"models": {"cnn": {"space": space}}}, SEVERAL), folder)
    assert [*config["models"]][:3] == ["logistic_regression", "cnn", "cnn_alone"]
    twin = config["models"]["cnn_alone"]
    assert twin == {"module": "cnn", "space": {"filters": 32}, "alone": True}
    assert [model_entry(name, config, folder)["alone"] for name in ("cnn", "cnn_alone")] == [
        *(False, True)
    ]
    assert config["tuning"]["objective"] == "auprc"
    assert resolve(config, folder) == config
    without = resolve(changed({"models": {"cnn": {"twin": False}}}, SEVERAL), folder)
    assert "cnn_alone" not in without["models"]


def test_several_values_are_judged_as_one_is(folder):  # noqa: F811
    (folder / "study.yaml").write_text(yaml.safe_dump({**STUDY, "positive_class": None}))
    config = changed({"data": {"task": "multiregression", "positive": None}}, SEVERAL)
    config = resolve({**config, "models": {"cnn": None}}, folder)
    assert config["tuning"]["objective"] == "r2" and "cnn_alone" in config["models"]


def test_one_label_has_no_twins(folder):  # noqa: F811
    assert "cnn_alone" not in resolve(CONFIG, folder)["models"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data": {"label": ["a", "b", "a"]}}, "a stands in the list twice"),
        ({"data": {"label": "mark"}}, "not `mark` alone"),
        ({"data": {"positive": None}}, "data.positive: is required"),
        ({"data": {"label": "marks", "separator": "|"}}, "leave it out"),
        ({"data": {"task": "regression", "positive": None}}, "several labels are `task: multi"),
        ({"data": {"task": "multiregression"}}, "data.positive: several values have none"),
        ({"data": {"task": "binary"}}, "several labels are `task: multilabel`"),
        ({"data": {"min_class_size": 5}}, "data.min_class_size: a study of several labels"),
        ({"data": {"batch": "a"}}, "data.batch: `a` is the label itself"),
        ({"interpret": {}}, "interpret: what models of several labels respond to"),
        ({"models": {"cnn": {"alone": True, "space": {"label_weights": "equal"}}}}, "weighs them"),
        ({"models": {"logistic_regression": {"twin": False}}}, "a baseline is always one for each"),
    ],
)
def test_what_several_labels_cannot_have_is_refused_by_name(folder, changes, said):  # noqa: F811
    found = faults(changed(changes, SEVERAL), folder)
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize("label", [["a", "b"], "mark_*"])
def test_new_examples_need_no_labels(folder, label):  # noqa: F811
    new = {"predict": {"new": {"url": "new.fa", "format": "fasta"}}, "data": {"label": label}}
    assert resolve(changed(new, SEVERAL), folder)["predict"]


def test_a_pretrained_model_cannot_take_several_labels(folder):  # noqa: F811
    models = {"kipoi_features": {"pretrained": "zoo"}}
    found = faults(changed({"models": models}, SEVERAL), folder)
    assert any("one with a pretrained model cannot take several" in fault for fault in found)


@pytest.mark.parametrize(
    "changes", [{"data": {"separator": "|"}}, {"models": {"cnn": {"alone": True}}}]
)
def test_one_label_has_no_settings_of_several(folder, changes):  # noqa: F811
    assert any("several" in fault for fault in faults(changed(changes), folder))


def test_targets_that_say_nothing_of_several_labels_stop():
    require_one_label(CONFIG["data"])
    with pytest.raises(InputError, match="run one label at a time"):
        require_one_label(SEVERAL["data"])
