"""What all readers share: collecting problems, naming columns."""

import pytest
from source_files import open_source, write

from deeprules.errors import InputError, Problem
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import BadSource


def test_no_problem_raises_nothing():
    Problems().raise_any()


def test_each_kind_is_a_line_with_its_first_three_and_all_are_counted():
    problems = Problems()
    for row in range(2000):
        problems.add(Problem("a.fa", str(row), "", "bad letter", "Remove it"))
    problems.add(Problem("b.fa", "7", "", "bad letter", "Remove it"))
    with pytest.raises(InputError) as caught:
        problems.raise_any()
    message = str(caught.value)
    assert "a.fa: bad letter in 2,000 rows: 0, 1, 2 and 1,997 more. Remove it." in message
    assert "b.fa, row 7: bad letter" in message and message.count("\n  - ") == 2


def test_a_kind_that_differs_from_row_to_row_is_a_line_too():
    problems = Problems()
    for row in "1234":
        problems.add(Problem("a.bed", row, "end", f"{row}-0 is none", "Mend it"))
    with pytest.raises(InputError) as caught:
        problems.raise_any()
    rows = "; ".join(f"row {row}, column 'end': {row}-0 is none" for row in "123")
    assert f"- a.bed: 4 times, {rows}; and 1 more. Mend it." in str(caught.value)


def test_only_shown_problems_are_put_into_words():
    problems, made = Problems(), []

    def make(item):
        made.append(item)
        return Problem("a.fa", str(item), "", "bad", "Mend it")

    problems.add_all(range(10**6), make)
    assert made == list(range(3)) and problems.count == 10**6


def test_a_message_stays_readable_however_many_kinds_there_are():
    problems = Problems()
    for file in range(200):
        problems.add(Problem(f"{file}.fa", "", "", "empty", "Fill it"))
    with pytest.raises(InputError, match="and 150 more"):
        problems.raise_any()


def test_columns_gives_new_names_and_a_taken_name_gives_way(tmp_path):
    columns = {"label": "class", "id": "name"}
    source = open_source(write(tmp_path / "t.csv", ""), columns=columns)
    found = source.columns_of(["id", "name", "class", "age"])
    assert found == {"label": "class", "id": "name", "age": "age"}
    with pytest.raises(BadSource, match="no column 'class', 'name'"):
        source.columns_of(["id", "age"])


def test_rows_at_a_time_bound_the_memory(tmp_path):
    source = open_source(write(tmp_path / "t.csv", ""), chunk_rows=1000)
    assert source.rows_at_a_time(10) == 1000
    assert source.rows_at_a_time(50_000) == 100
    assert source.rows_at_a_time(10**9) == 1
