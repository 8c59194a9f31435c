"""What a tool is and where it is: described once, checked whenever it is used."""

import json
import stat
import sys
from dataclasses import replace

import joblib
import pytest
from own_tools import SCORE, make_tool
from partitions import make_dataset

from deeprules.command.tool import Place, Tool
from deeprules.command.tool_description import describe_tool
from deeprules.errors import InputError
from deeprules.files import write_json
from deeprules.fit.job_inputs import load_needed

SEQUENCES = make_dataset(has_batch=False, covariates=())


def description(folder, **changes):
    """A description written to a file, of a tool with one script."""
    script = folder / "tool.py"
    script.write_text("print('a tool', 2)\n")
    settings = {"command": SCORE, "space": {}, "files": {"script": script}, **changes}
    path = folder / "tool.json"
    write_json(path, describe_tool("own", settings, "sequence", [], changes.pop("prefix", None)))
    return path


def test_a_description_says_what_the_tool_is_and_where(tmp_path):
    environment = tmp_path / "own.yaml"
    environment.write_text("dependencies: [own]\n")
    version = f"{sys.executable} {{script}}"
    tool = Tool.load(description(tmp_path, environment=str(environment), version_command=version))
    assert (tool.format, tool.version, tool.environment) == ("fasta", "a tool 2", "own.yaml")
    assert tool.place.files == {"script": str(tmp_path / "tool.py")}
    assert set(tool.files) == {"script"} and len(tool.files["script"]) == 64
    said = tool.get_params()
    assert said["command"] == SCORE and said["version"] == "a tool 2"
    assert tool.files["script"] in said["files"]


def test_without_a_version_command_there_is_no_version(tmp_path):
    assert Tool.load(description(tmp_path)).version is None


def test_a_version_command_that_prints_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="prints nothing"):
        description(tmp_path, version_command=f"{sys.executable} -c pass")


def test_a_program_that_is_not_there_is_noticed_before_anything_runs(tmp_path):
    for key in ("command", "train_command"):
        with pytest.raises(InputError, match="no program `no_such_program`") as caught:
            description(tmp_path, **{key: "no_such_program {examples} {model}"})
        assert "environment" in str(caught.value) and "files" in str(caught.value)


def test_programs_of_the_environment_come_first(tmp_path):
    program = tmp_path / "env" / "bin" / "own_program"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho in the environment\n")
    settings = {"command": "own_program {examples}", "version_command": "own_program", "space": {}}
    with pytest.raises(InputError, match="no program `own_program`"):
        describe_tool("own", settings, "sequence", [], str(tmp_path / "env"))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    record = describe_tool("own", settings, "sequence", [], str(tmp_path / "env"))
    assert record["version"] == "in the environment"


def test_a_script_that_was_edited_or_an_environment_that_is_gone_is_noticed(tmp_path):
    path = description(tmp_path)
    (tmp_path / "tool.py").write_text("print('another')\n")
    with pytest.raises(InputError, match=r"tool\.py \(script\) is gone, or another one"):
        Tool.load(path)
    path = description(tmp_path)
    write_json(path, json.loads(path.read_text()) | {"prefix": str(tmp_path / "gone")})
    with pytest.raises(InputError, match="no longer in"):
        Tool.load(path)


def test_what_a_tool_is_does_not_depend_on_where_it_is(tmp_path):
    first, second = (make_tool(tmp_path / name, SEQUENCES) for name in ("here", "there"))
    assert first.place != second.place
    assert first == second and first.identity == second.identity
    for change in ({"command": "x"}, {"version": "2"}, {"files": {"script": "0"}}):
        other = replace(first, **change)
        assert other != first and other.identity != first.identity


def test_where_it_is_is_not_saved(tmp_path):
    tool = make_tool(tmp_path, SEQUENCES)
    joblib.dump(tool, tmp_path / "tool.joblib")
    loaded = joblib.load(tmp_path / "tool.joblib")
    assert loaded == tool and loaded.place == Place()
    assert str(tmp_path).encode() not in (tmp_path / "tool.joblib").read_bytes()


def test_a_job_of_the_tool_has_it(tmp_path):
    assert load_needed({"tool": description(tmp_path)}).name == "own"
    assert load_needed({}) is None
