"""The content of local files decides, and is read again only where a file has changed."""

import hashlib
import json
import os
import time

import pytest

from deeprules_workflow import local_contents
from deeprules_workflow.local_contents import KEPT, contents_of


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_content_counts_and_dates_do_not(project):
    file = project / "data.csv"
    file.write_text("a")
    assert contents_of(["data.csv"]) == {"data.csv": sha256("a")}
    file.write_text("b")  # of the same size, at once
    assert contents_of(["data.csv"]) == {"data.csv": sha256("b")}
    os.utime(file, (0, 0))
    assert contents_of(["data.csv"]) == {"data.csv": sha256("b")}


def test_a_file_is_read_once(project, monkeypatch):
    file = project / "data.csv"
    file.write_text("a")
    monkeypatch.setattr(local_contents.time, "time", lambda: real() + 10, raising=True)
    contents_of([file])
    assert json.loads(KEPT.read_text())
    monkeypatch.setattr(local_contents, "_read", {})
    monkeypatch.setattr(local_contents.hashlib, "file_digest", None)
    assert contents_of([file]) == {str(file): sha256("a")}


real = time.time


def test_what_cannot_be_read_is_left_to_the_job(project):
    (project / "circle").symlink_to("circle")
    os.mkfifo(project / "pipe")
    KEPT.parent.mkdir(parents=True)
    KEPT.write_text("[broken")
    (project / "folder").mkdir()
    (project / "folder" / "inner").write_text("x")
    given = ["circle", "pipe", "nothing", "a\0b", "/dev/zero", "folder"]
    assert contents_of(given) == {"folder/inner": sha256("x")}
