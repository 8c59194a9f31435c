"""What all readers share: collecting problems, naming columns."""

import pytest
from source_files import open_source, write

from deeprules.errors import InputError, Problem
from deeprules.ingest.sources import BadSource, Problems


def test_no_problem_raises_nothing():
    Problems().raise_any()


def test_few_of_each_kind_are_shown_and_all_are_counted():
    problems = Problems()
    for row in range(2000):
        problems.add(Problem("a.fa", str(row), "", "bad letter", "Remove it"))
    problems.add(Problem("b.fa", "7", "", "bad letter", "Remove it"))
    with pytest.raises(InputError) as caught:
        problems.raise_any()
    message = str(caught.value)
    assert message.count("a.fa, row") == 10 and "b.fa, row 7" in message
    assert "... and 1,990 more" in message


def test_only_shown_problems_are_put_into_words():
    problems, made = Problems(), []

    def make(item):
        made.append(item)
        return Problem("a.fa", str(item), "", "bad", "Mend it")

    problems.add_all(range(10**6), make)
    assert made == list(range(10)) and problems.count == 10**6


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
