"""Foreign code sees neither data nor labels; where nothing can hide them, the report says so."""

import subprocess
import sys

import pytest
from own_tools import make_tool
from partitions import make_dataset

from deeprules import confinement
from deeprules.command import tool_commands, tool_description
from deeprules.command.tool_commands import run_command
from deeprules.command.tool_files import read_folder, write_folder
from deeprules.confinement import BUBBLEWRAP, NAMESPACES, Confinement, find_means
from deeprules.errors import InputError

READ = "import sys; print(open(sys.argv[1]).read())"


@pytest.fixture(params=[BUBBLEWRAP, NAMESPACES])
def means(request):
    """Each program that can hide files here."""
    try:
        works = confinement._hides(request.param)
    except FileNotFoundError:
        works = False
    if not works:
        pytest.skip(f"{request.param} does not hide files here")
    return request.param


@pytest.fixture
def run(tmp_path):
    """A run with labels in its data set and its sealed test set, and a local source."""
    for name in ("results/dataset/examples.parquet", "results/sealed/test/labels.tsv", "mine.csv"):
        path = tmp_path / "run" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("the labels")
    return tmp_path / "run"


def hidden_of(run):
    return (str(run / "results"), str(run / "resources"), str(run / "mine.csv"))


def cheating(run, tmp_path, monkeypatch, means):
    """A tool that may be asked to read anything."""
    for module in (tool_commands, tool_description):
        monkeypatch.setattr(module, "find_means", lambda: means)
    return make_tool(tmp_path / "tool", make_dataset(), hidden=hidden_of(run))


SECRETS = ("results/dataset/examples.parquet", "results/sealed/test/labels.tsv", "mine.csv")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_cheating_command_reads_no_labels(run, tmp_path, monkeypatch, means, secret):
    tool = cheating(run, tmp_path, monkeypatch, means)
    assert tool.place.confined == means
    own = tmp_path / "own"
    own.mkdir()
    try:
        said = run_command(
            tool, f"{sys.executable} -c '{READ}' {{path}}", {"path": run / secret}, own
        ).stdout
    except InputError:
        said = ""
    assert "the labels" not in said
    assert (run / secret).read_text() == "the labels"


def test_a_confined_command_works_in_its_folder(run, tmp_path, monkeypatch, means):
    tool = cheating(run, tmp_path, monkeypatch, means)
    own = tmp_path / "own"
    own.mkdir()
    code = 'import os, tempfile; open("made", "w").write(os.getcwd()); tempfile.TemporaryFile()'
    run_command(tool, f"{sys.executable} -c '{code}'", {}, own)
    assert (own / "made").read_text() == str(own)
    assert "def read" in run_command(tool, "cat {script}", {}, own).stdout


def test_relative_paths_are_those_of_the_run(run, monkeypatch, means):
    monkeypatch.chdir(run)
    words = Confinement(("results",)).command(["ls", str(run / "results")], means)
    assert subprocess.run(words, cwd="/", capture_output=True).stdout == b""


def test_a_file_in_a_hidden_folder_may_be_hidden_too(run, means):
    hidden = (str(run), *hidden_of(run))
    words = Confinement(hidden).command(["ls", str(run)], means)
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("undo", ["umount {path}", "mount -t tmpfs none {path}"])
def test_a_command_cannot_undo_it(run, means, undo):
    words = ["sh", "-c", f"{undo.format(path=run / 'results')}; ls {run / 'results'}"]
    done = subprocess.run(
        Confinement(hidden_of(run)).command(words, means), capture_output=True, text=True
    )
    assert "dataset" not in done.stdout


def test_where_nothing_hides_files_it_is_said(run, tmp_path, monkeypatch):
    for module in (tool_commands, tool_description):
        monkeypatch.setattr(module, "find_means", lambda: None)
    record = tool_description.describe_tool(
        "own", {"command": "cat x", "space": {}}, "sequence", [], None, hidden_of(run)
    )
    assert record["confined"] is None
    (caution,) = record["cautions"]
    assert "The tool own ran where it could read" in caution["sentence"]
    assert "Install bubblewrap" in caution["sentence"]


def test_a_machine_that_hides_less_than_the_first_one_is_refused(run, tmp_path, monkeypatch):
    tool = cheating(run, tmp_path, monkeypatch, BUBBLEWRAP)
    monkeypatch.setattr(tool_commands, "find_means", lambda: None)
    with pytest.raises(InputError, match="nothing does on this machine"):
        run_command(tool, "true", {}, tmp_path)


def test_means_that_do_not_work_are_no_means(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    monkeypatch.setenv("PATH", str(tmp_path))
    for status in (0, 1):
        program.write_text(f"#!/bin/sh\nexit {status}\n")
        program.chmod(0o755)
        find_means.cache_clear()
        assert find_means() is None
    find_means.cache_clear()


def test_what_may_be_written_cannot_show_what_is_hidden(tmp_path):
    with pytest.raises(ValueError, match="would show what is hidden"):
        Confinement((str(tmp_path / "results"),), (), (str(tmp_path),))


def test_a_link_in_a_model_is_refused(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").symlink_to("/etc/hostname")
    with pytest.raises(InputError, match="left a link"):
        read_folder(tmp_path / "model")
    with pytest.raises(InputError, match="outside of its folder"):
        write_folder(tmp_path / "model", {"../escaped": b"x"})
