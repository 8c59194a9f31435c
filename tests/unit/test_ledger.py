"""The chain of the ledger: what was written is read, what was changed is noticed."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from random import Random

import pytest

from deeprules.errors import InputError
from deeprules.evaluate.ledger import (
    append_entry,
    locked,
    read_examples,
    read_ledger,
)
from deeprules.evaluate.ledger_history import check_history, is_tracked
from deeprules.files import take_name

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
    contents, identities, names, turned = read_examples(ledger, read_ledger(ledger)[0])
    assert contents == {"0000000000000001", "0000000000000002"}
    assert identities == {"000000000000000a", "000000000000000b"}
    assert names == turned == set()  # the entries of earlier versions know two hashes of an example


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
        (lambda lines: [lines[0], "{}", lines[2]], 2),
        (lambda lines: [lines[0], "[" * 9000, lines[2]], 2),
        (lambda lines: [lines[0], edit(lines[1], fact=float("nan")), lines[2]], 2),
        (lambda lines: [lines[0], '{"index": ' + "1" * 9999 + "}", lines[2]], 2),
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


@pytest.mark.parametrize("name", ["openings.jsonl", "examples"])
@pytest.mark.parametrize("content", [b"\xe9\n", None])
def test_files_that_are_no_text_are_damage(ledger, name, content):
    file = ledger / name if name != "examples" else next((ledger / name).iterdir())
    file.unlink()
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(InputError, match=r"is no text that was written here(.|\n)*version control"):
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


def test_a_lock_that_another_run_holds_is_explained(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(InputError, match="another run is opening"),
        locked(tmp_path, seconds=0.1),
    ):
        pass


def test_a_lock_file_left_by_an_earlier_version_stops_nothing(tmp_path):
    (tmp_path / "openings.lock").touch()
    with locked(tmp_path, seconds=0.1):
        pass


def test_a_failure_gives_the_lock_back(tmp_path):
    with pytest.raises(RuntimeError), locked(tmp_path):
        raise RuntimeError
    with locked(tmp_path, seconds=0.1):
        pass


OPEN_FOR_EVER = """
import sys
from deeprules.evaluate.ledger import append_entry, locked, read_ledger
number = 0
while True:
    with locked(sys.argv[1]):
        number += 1
        append_entry(sys.argv[1], read_ledger(sys.argv[1]), {"fact": number}, f"{number:016x} 0")
        if number == 1:
            print("opened", flush=True)
"""


def test_a_kill_while_a_test_set_is_opened_needs_no_person(tmp_path):
    random = Random(0)
    for _ in range(8):
        command = [sys.executable, "-c", OPEN_FOR_EVER, str(tmp_path)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(random.random() * 0.05)
            process.kill()
        with locked(tmp_path, seconds=0.1):
            entries = read_ledger(tmp_path)
            append_entry(tmp_path, entries, {"fact": 0}, EXAMPLES[0])
        assert len(entries) >= 1
        shutil.rmtree(tmp_path / "examples")
        (tmp_path / "openings.jsonl").unlink()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", range(1, 4))
def test_a_ledger_killed_between_any_two_steps_is_sound(ledger, monkeypatch, step):
    renames = 0

    def rename(unfinished, path):
        nonlocal renames
        renames += 1
        if renames == step:
            raise Killed
        take_name(unfinished, path)

    entries = read_ledger(ledger)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("deeprules.files.take_name", rename)
        patch.setattr("deeprules.evaluate.ledger.take_name", rename)
        append_entry(ledger, entries, {"fact": "new"}, "5 e\n")
    left = read_ledger(ledger)
    assert len(left) == (3 if step < 3 else 4)
    append_entry(ledger, left, {"fact": "newer"}, "6 f\n")
    assert [entry["fact"] for entry in read_ledger(ledger)] == [
        *(entry["fact"] for entry in left),
        "newer",
    ]
    assert read_examples(ledger, left[-1])
    assert not list((ledger / "examples").glob("pending*"))


def test_a_ledger_that_cannot_be_written_leaves_the_test_set_closed(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    message = r"cannot be written \(Permission denied\)"
    with pytest.raises(InputError, match=message), locked(tmp_path):
        pass


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(InputError, match="has no locks"), locked(tmp_path):
        pass


def git(folder, *arguments):
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", folder, *names, *arguments], check=True, capture_output=True)


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def repository(ledger):
    """A ledger with three entries, the first two of them committed, in two commits."""
    text = (ledger / "openings.jsonl").read_text().splitlines(keepends=True)
    git(ledger, "init", "--quiet")
    for n_entries in (1, 2):
        (ledger / "openings.jsonl").write_text("".join(text[:n_entries]))
        git(ledger, "add", "openings.jsonl")
        git(ledger, "commit", "--quiet", "--message", f"{n_entries}")
    (ledger / "openings.jsonl").write_text("".join(text))
    return ledger


@needs_git
def test_a_ledger_is_under_version_control_once_it_is_committed(ledger, monkeypatch):
    assert not is_tracked(ledger)
    git(ledger, "init", "--quiet")
    assert not is_tracked(ledger)
    git(ledger, "add", "openings.jsonl")
    assert not is_tracked(ledger)
    git(ledger, "commit", "--quiet", "--message", "opened")
    assert is_tracked(ledger)
    monkeypatch.setenv("GIT_DIR", str(ledger / "nowhere"))
    assert is_tracked(ledger)


@needs_git
def test_a_ledger_that_goes_on_from_its_commits_is_sound(repository):
    check_history(repository, read_ledger(repository))


@needs_git
@pytest.mark.parametrize("left", [0, 1])
def test_entries_that_were_committed_and_are_gone_are_noticed(repository, left):
    entries = read_ledger(repository)[:left]
    with pytest.raises(InputError, match=r"not the 2 that commit .* Restore it from version"):
        check_history(repository, entries)


@needs_git
def test_a_removal_that_was_committed_too_is_noticed(repository):
    text = (repository / "openings.jsonl").read_text().splitlines(keepends=True)
    (repository / "openings.jsonl").write_text(text[0])
    git(repository, "commit", "--all", "--quiet", "--message", "forget")
    with pytest.raises(InputError, match="not the 2 that commit"):
        check_history(repository, [json.loads(text[0])])


@needs_git
def test_a_ledger_written_anew_is_noticed(repository, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for number in range(3):
        append_entry(other, read_ledger(other), {"fact": number}, EXAMPLES[0])
    with pytest.raises(InputError, match="removed or replaced"):
        check_history(repository, read_ledger(other))


def test_without_git_no_ledger_is_tracked(ledger, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert not is_tracked(ledger)
    check_history(ledger, [])
