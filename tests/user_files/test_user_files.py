"""Inputs as people have them: each is read right, or gets the one message that says what to do."""

import intervals  # noqa: F401
import pytest
import sequences  # noqa: F401
from source_files import fill_in
from user_file import CASES

from deeprules.checks.first_look import first_look
from deeprules.errors import InputError

SETTINGS = {
    "duplicates": "drop",
    "conflicts": "drop",
    "strategy": "stratified",
    "partition_column": None,
}


def look(folder, data):
    """All that `check_data` tells of the files, as if they were local ones."""
    told = []
    completed = fill_in(**data)
    files = {name: source["url"] for name, source in completed["sources"].items()}
    given = {name: f"data/{path.name}" for name, path in files.items()}
    first_look(completed, files, given, SETTINGS, folder / "look", told.append)
    return "\n".join(told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_untidy_input(tmp_path, case):
    data = case.make(tmp_path)
    if not case.is_refused:
        told = look(tmp_path, data)
        assert not [words for words in case.words if words not in told], told
        return
    with pytest.raises(InputError) as caught:
        look(tmp_path, data)
    message = str(caught.value)
    assert not [words for words in case.words if words not in message], message
    assert message.count("\n  - ") <= 1, "one message, not one for each row"
