"""Inputs as people have them: each is read right, or gets the one message that says what to do."""

import re
from pathlib import Path

import cells  # noqa: F401
import intervals  # noqa: F401
import pytest
import readme_files
import samples  # noqa: F401
import sequences  # noqa: F401
import tables  # noqa: F401
import yaml
from user_file import CASES

from deeprules.checks.first_look import first_look
from deeprules.errors import InputError
from deeprules_workflow.configuration import ConfigurationError, resolve
from deeprules_workflow.source_settings import build_settings

ROOT = Path(__file__).parents[2]


def with_text(source):
    """A source whose paths are text, as in a file."""
    found = {key: str(source[key]) for key in ("url",) if key in source}
    if "urls" in source:
        found["urls"] = {sample: str(path) for sample, path in source["urls"].items()}
    return {**source, **found}


def look(folder, data, **other):
    """All that `check_data` tells of the files, as if they were local ones.

    `other` are parts of the configuration beside `data` and `models`.
    """
    told = []
    sources = {name: with_text(one) for name, one in data["sources"].items()}
    config = {"study": "study.yaml", "data": {**data, "sources": sources}, "models": {"ridge": {}}}
    config |= other
    if data["task"] != "regression":
        config["models"] = {"logistic_regression": {}}
    data = resolve(config, ROOT, with_study=False)["data"]
    files = {name: Path(source["url"]) for name, source in data["sources"].items()}
    given = {name: f"data/{path.name}" for name, path in files.items()}
    settings = {key: data[key] for key in ("duplicates", "conflicts")}
    settings |= {"strategy": "stratified", "partition_column": None}
    first_look(build_settings(data), files, given, settings, folder / "look", told.append)
    return "\n".join(told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_untidy_input(tmp_path, case):
    data = case.make(tmp_path)
    if not case.is_refused:
        told = look(tmp_path, data)
        assert not [words for words in case.words if words not in told], told
        return
    with pytest.raises((InputError, ConfigurationError)) as caught:
        look(tmp_path, data)
    message = str(caught.value)
    assert not [words for words in case.words if words not in message], message
    assert message.count("\n  - ") <= 1, "one message, not one for each row"


def readme_examples():
    """The configurations of the text that have data, by their first source."""
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    with_label = [block for block in blocks if "label" in block.get("data", {})]
    return [pytest.param(one, id=next(iter(one["data"]["sources"]))) for one in with_label]


@pytest.mark.parametrize("block", readme_examples())
def test_an_example_of_the_text_is_read_as_it_stands(tmp_path, block):
    data = block["data"]
    other = {key: block[key] for key in ("interpret",) if key in block}
    sources = {
        name: {**source, "url": readme_files.make(tmp_path, source["url"])}
        for name, source in data["sources"].items()
    }
    assert " were read." in look(tmp_path, {**data, "sources": sources}, **other)
