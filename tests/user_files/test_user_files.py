"""Inputs as people have them: each is read right, or gets the one message that says what to do."""

from pathlib import Path

import cells  # noqa: F401
import intervals  # noqa: F401
import pytest
import samples  # noqa: F401
import sequences  # noqa: F401
import tables  # noqa: F401
from user_file import CASES

from deeprules.checks.first_look import first_look
from deeprules.errors import InputError
from deeprules_workflow.configuration import ConfigurationError, resolve
from deeprules_workflow.source_settings import build_settings

ROOT = Path(__file__).parents[2]


def look(folder, data):
    """All that `check_data` tells of the files, as if they were local ones."""
    told = []
    sources = {name: {**one, "url": str(one["url"])} for name, one in data["sources"].items()}
    config = {"study": "study.yaml", "data": {**data, "sources": sources}, "models": {"ridge": {}}}
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
