"""Every control has what the rules and the plan ask of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deeprules.control import sentences
from deeprules_workflow.modules import find_modules
from deeprules_workflow.schema import load_schema

FOLDER = Path(__file__).parents[2]
CONTROLS = find_modules(FOLDER, "controls")
KNOWN_NEEDS = {"batch", "network", "fits", "splits"}
ASK = """
import inspect, json, sys
from deeprules.control import find_control
found = {}
for name in sys.argv[1:]:
    control = find_control(name)
    functions = {one: [*inspect.signature(getattr(control, one)).parameters]
                 for one in ("run", "summarise", "cost")}
    found[name] = {"needs": control.NEEDS, "repeated": control.REPEATED, "functions": functions,
                   "doc": control.__doc__, "backend": "keras" in sys.modules}
print(json.dumps(found))
"""
GIVEN = {
    "run": ["chosen", "development", "terms"],
    "summarise": ["table", "development", "terms"],
    "cost": ["development", "terms"],
}


@pytest.fixture(scope="module")
def imported() -> dict:
    """What each control says of itself, asked in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER / "scripts")}
    command = [sys.executable, "-c", ASK, *CONTROLS]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_has_its_three_functions_and_says_what_it_needs(imported, name):
    found = imported[name]
    assert found["functions"] == GIVEN
    assert set(found["needs"]) <= KNOWN_NEEDS
    assert found["doc"] and isinstance(found["repeated"], str)
    # The rules read the same from its file, which they do not import.
    assert tuple(CONTROLS[name].needs) == tuple(found["needs"])
    assert not found["backend"], "the plan imports every control; import the backend in `run`"


def test_every_control_has_a_default_and_a_description():
    keys = load_schema("config")["properties"]["controls"]["properties"]
    assert set(keys) - {"budget"} == set(CONTROLS)
    assert all("default" in key and key["description"] for key in keys.values())


def test_what_is_repeated_is_a_number_or_has_settings_of_its_own(imported):
    keys = load_schema("config")["properties"]["controls"]["properties"]
    for name, found in imported.items():
        assert bool(found["repeated"]) == (keys[name]["type"] != "boolean"), name


def test_sentences_are_found_however_deep_they_lie():
    summary = {"models": [{"sentence": "One."}, {"n": 2}], "overtaking": {"sentence": "Two."}}
    assert [*sentences({"sentence": "All.", **summary, "note": None})] == ["All.", "One.", "Two."]
