"""A user's tool in the configuration: complete when it is right, each fault with its key."""

import copy
from pathlib import Path

import pytest
import yaml

from deeprules_workflow.configuration import ConfigurationError, model_entry, resolve
from deeprules_workflow.tool_settings import described_tools, environment_file, tool_files

ROOT = Path(__file__).parents[2]
TOOL = {
    "module": "command",
    "command": "python3 {script} score {examples} {model} {scores}",
    "train_command": "python3 {script} train {positives} {negatives} {width} {model}",
    "version_command": "python3 {script} --version",
    "files": {"script": "config/examples/own_tool/weight_matrix.py"},
    "space": {"width": [6, 8]},
}
COUNTER = {"module": "command", "command": "count_words {examples}"}


def configured(tool, folder, **data):
    """The configuration of the example with one tool."""
    config = yaml.safe_load((ROOT / "config/examples/own_tool/config.yaml").read_text())
    config["models"] = {"own": tool}
    study = yaml.safe_load((ROOT / "config/examples/own_tool/study.yaml").read_text())
    study["positive_class"] = None if data else "positive"
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    config["study"] = str(folder / "study.yaml")
    config["data"] |= data
    return config


def faults(tool, folder, **data):
    with pytest.raises(ConfigurationError) as caught:
        resolve(configured(tool, folder, **data), ROOT)
    return caught.value.faults


def test_a_tool_is_a_baseline_like_any_other(tmp_path):
    config = resolve(configured(TOOL, tmp_path), ROOT)
    entry = model_entry("own", config, ROOT)
    assert (entry["module"], entry["kind"]) == ("command", "baseline")
    assert "pretrained" not in entry
    assert described_tools(config) == {"own": {k: v for k, v in TOOL.items() if k != "module"}}


def test_one_line_is_enough_for_a_tool_that_learns_nothing(tmp_path):
    resolve(configured(COUNTER, tmp_path), ROOT)


def test_its_files_are_found_from_the_working_directory_or_from_the_workflow(tmp_path, monkeypatch):
    class Wildcards:
        model = "own"

    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text("dependencies: []")
    config = resolve(configured({**TOOL, "environment": "own.yaml"}, tmp_path), ROOT)
    assert tool_files(config, ROOT)(Wildcards) == {
        "files": [str(ROOT / TOOL["files"]["script"])],
        "environment": str(tmp_path / "own.yaml"),
        "prefix": "results/tools/own.prefix",
    }
    assert environment_file(config, ROOT)(Wildcards) == str(tmp_path / "own.yaml")


FAULTS = [
    ({"command": None}, "models.own.command: is required for the module `command`"),
    (
        {"module": "logistic_regression"},
        "models.own.train_command: the module `logistic_regression` runs no tool (these do: com",
    ),
    ({"command": "score '{examples}"}, "models.own.command: cannot be read (No closing quotation)"),
    ({"command": "score {examples"}, "models.own.command: cannot be read (expected '}'"),
    (
        {"command": "score {examples} {modle}"},
        "{modle}; did you mean `model`? (known: {examples}, ",
    ),
    ({"command": "score {examples:>3}"}, "placeholder {examples>3}"),
    ({"command": "score {scores}"}, "models.own.command: must have the placeholder {examples}"),
    (
        {"command": "score {examples} {labels}"},
        "models.own.command: {labels} would tell the labels; only `train_command` has it",
    ),
    (
        {"train_command": "train {positives} {negatives} {width}"},
        "models.own.train_command: must have the placeholder {model}, where it writes",
    ),
    (
        {"train_command": None},
        "models.own.command: without a `train_command` there is no {model}; use `files`",
    ),
    ({"command": "sort {examples} > {scores}"}, "models.own.command: no shell runs, so `>` has no"),
    ({"version_command": "own {model}"}, "models.own.version_command: nothing is known of"),
    ({"space": {}}, "models.own.train_command: nothing is known of the placeholder {width}"),
    ({"space": {"width": 6, "depth": 1}}, "models.own: no command has the placeholder {depth}"),
    ({"space": {"width": 6, "seed": 1}}, "models.own: the placeholder {seed} is taken"),
    ({"space": {"width": 6, "script": 1}}, "models.own: {script} stands both in `files` and in"),
    ({"files": {"script": "gone.py"}}, "models.own.files.script: there is no file gone.py"),
    ({"environment": "gone.yaml"}, "models.own.environment: there is no file gone.yaml"),
    ({"format": "bed"}, "models.own.format: 'bed' is not one of ['fasta', 'tsv']"),
]


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_what_cannot_work_is_named(tmp_path, changes, message):
    tool = copy.deepcopy(TOOL) | changes
    found = faults({key: value for key, value in tool.items() if value is not None}, tmp_path)
    assert any(message in fault for fault in found), found


def test_positives_and_negatives_are_for_two_classes(tmp_path):
    found = faults(TOOL, tmp_path, task="multiclass", positive=None)
    assert any("only a binary task has {positives}" in fault for fault in found)


def test_a_matrix_is_not_written_as_fasta(tmp_path):
    made = {"simulate": {"kind": "expression"}, "format": "matrix"}
    made["metadata"] = ["label", "group", "batch"]
    data = {"modality": "tabular", "sources": {"counts": made}}
    found = faults({**COUNTER, "format": "fasta"}, tmp_path, **data)
    assert "models.own.format: only sequence data can be written as FASTA" in found
