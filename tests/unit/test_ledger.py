"""The chain of the ledger: what was written is read, what was changed is noticed."""

import json
import shutil
import subprocess
import threading

import pytest

from deeprules.errors import InputError
from deeprules.evaluate.ledger import append_entry, is_tracked, locked, read_examples, read_ledger

EXAMPLES = [
    "0000000000000001 000000000000000a\n0000000000000002 000000000000000b\n",
    "0000000000000003 000000000000000c\n",
    "0000000000000004 000000000000000d\n",
]


@pytest.fixture
def ledger(tmp_path):
    """A ledger with three entries."""
    for number, examples in enumerate(EXAMPLES):
        append_entry(tmp_path, read_ledger(tmp_path), {"kind": "first", "fact": number}, examples)
    return tmp_path


def rewrite(ledger, change):
    """Replace the lines of a ledger by what `change` makes of them."""
    path = ledger / "openings.jsonl"
    path.write_text("".join(line + "\n" for line in change(path.read_text().splitlines())))


def edit(line, **fields):
    """A line with some fields replaced, its hash untouched."""
    return json.dumps(json.loads(line) | fields)


def test_a_new_ledger_is_empty(tmp_path):
    assert read_ledger(tmp_path) == []


def test_entries_are_chained(ledger):
    entries = read_ledger(ledger)
    assert [entry["index"] for entry in entries] == [1, 2, 3]
    assert [entry["fact"] for entry in entries] == [0, 1, 2]
    assert entries[0]["previous"] == "0" * 64
    assert [entry["previous"] for entry in entries[1:]] == [
        entry["sha256"] for entry in entries[:-1]
    ]
    assert entries[0]["time"].endswith("+00:00")


def test_examples_are_known_by_content_and_by_identity(ledger):
    contents, identities = read_examples(ledger, read_ledger(ledger)[0])
    assert contents == {"0000000000000001", "0000000000000002"}
    assert identities == {"000000000000000a", "000000000000000b"}


def test_a_cut_end_shows_when_the_same_examples_were_opened_again(tmp_path):
    for _ in range(2):
        append_entry(tmp_path, read_ledger(tmp_path), {}, EXAMPLES[0])
    assert len(list((tmp_path / "examples").iterdir())) == 2
    rewrite(tmp_path, lambda lines: lines[:-1])
    with pytest.raises(InputError, match=r"no entry refers to .*2-[0-9a-f]{64}\.txt"):
        read_ledger(tmp_path)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: [edit(lines[0], fact=9), *lines[1:]], 1),
        (lambda lines: [*lines[:2], edit(lines[2], time="2020-01-01T00:00:00+00:00")], 3),
        (lambda lines: [lines[0], "", *lines[1:]], 2),
        (lambda lines: [lines[0], "not JSON", lines[2]], 2),
        (lambda lines: [lines[0], "[]", lines[2]], 2),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: [lines[0], lines[1], lines[2][:40]], 3),
    ],
)
def test_an_edited_moved_removed_or_repeated_line_is_named(ledger, change, line):
    rewrite(ledger, change)
    with pytest.raises(InputError, match=rf"openings.jsonl, line {line}: .*version control"):
        read_ledger(ledger)


def test_a_cut_end_shows_in_the_examples_left_behind(ledger):
    rewrite(ledger, lambda lines: lines[:-1])
    with pytest.raises(InputError, match="no entry refers to"):
        read_ledger(ledger)


def test_a_removed_ledger_shows_in_the_examples_left_behind(ledger):
    (ledger / "openings.jsonl").unlink()
    with pytest.raises(InputError, match="no entry refers to"):
        read_ledger(ledger)


def test_missing_examples_are_noticed(ledger):
    next((ledger / "examples").iterdir()).unlink()
    with pytest.raises(InputError, match=r"the examples of opening \d are missing"):
        read_ledger(ledger)


def test_edited_examples_are_noticed(ledger):
    file = next((ledger / "examples").iterdir())
    file.write_text(file.read_text() + "00000000000000ff\n")
    with pytest.raises(InputError, match=r"the examples of opening \d were edited"):
        read_ledger(ledger)


def test_line_ends_of_another_system_do_no_harm(ledger):
    for path in (ledger / "openings.jsonl", *(ledger / "examples").iterdir()):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read_ledger(ledger)) == 3


def test_runs_at_the_same_time_lose_no_entry(tmp_path):
    def append(number):
        with locked(tmp_path):
            append_entry(tmp_path, read_ledger(tmp_path), {"fact": number}, EXAMPLES[0])

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {entry["fact"] for entry in read_ledger(tmp_path)} == set(range(8))


def test_a_lock_that_stays_is_explained(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(InputError, match="another run is opening"),
        locked(tmp_path, seconds=0.1),
    ):
        pass
    assert not (tmp_path / "openings.lock").exists()


def test_a_failure_gives_the_lock_back(tmp_path):
    with pytest.raises(RuntimeError), locked(tmp_path):
        raise RuntimeError
    with locked(tmp_path, seconds=0.1):
        pass


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_ledger_is_tracked_once_git_knows_it(ledger):
    assert not is_tracked(ledger)
    subprocess.run(["git", "-C", ledger, "init", "--quiet"], check=True)
    assert not is_tracked(ledger)
    subprocess.run(["git", "-C", ledger, "add", "openings.jsonl"], check=True)
    assert is_tracked(ledger)


def test_without_git_no_ledger_is_tracked(ledger, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert not is_tracked(ledger)
