"""Jobs that begin with their packages imported are processes like any other."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from deeprules.costs import read_usage
from deeprules_workflow import preloading

SAYS_WHAT_IT_IS = """
import json, os, random, signal, sys
facts = {
    "main": __name__, "script": sys.argv, "folder": os.getcwd(), "first": sys.path[0],
    "threads": os.environ["OMP_NUM_THREADS"], "left": os.environ.get("LEFT_OUT"),
    "imported": "colorsys" in sys.modules, "process": os.getpid(), "group": os.getpgid(0),
    "interrupts": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
}
with open(os.environ["ANSWER"], "w") as file:
    json.dump(facts, file)
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def parent(logs):
    made = preloading.Parent(["colorsys", "no_such_package"], logs / "start_jobs/few.usage.tsv")
    yield made
    made.run_socket.close()
    assert made.process.wait(timeout=10) == 0


@pytest.fixture
def run(parent, tmp_path):
    """Run lines of Python in a child, with variables of the environment; the exit code."""

    def run_lines(lines, **environment):
        script = tmp_path / "script.py"
        script.write_text(lines)
        return parent.run(str(script), {"PATH": os.environ["PATH"], **environment})

    return run_lines


def test_a_job_has_place_environment_and_arguments_of_its_own(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEFT_OUT", "yes")
    answer = tmp_path / "answer.json"
    assert run(SAYS_WHAT_IT_IS, ANSWER=str(answer), OMP_NUM_THREADS="1") == 0
    facts = json.loads(answer.read_text())
    assert facts["main"] == "__main__"
    assert facts["script"] == [str(tmp_path / "script.py")]
    assert facts["folder"] == facts["first"] == str(tmp_path)
    assert (facts["threads"], facts["left"]) == ("1", None)
    assert facts["imported"]
    assert facts["process"] != os.getpid()
    # Ctrl-C in a terminal is sent to its group.
    assert facts["group"] == os.getpgid(0)
    assert facts["interrupts"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("", 0),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.excepthook = lambda *_: None; raise ValueError", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import subprocess, sys; sys.exit(subprocess.run(['sh', '-c', 'exit 5']).returncode)", 5),
    ],
)
def test_exit_codes_are_those_of_a_process(run, lines, code):
    assert run(lines) == code


def test_what_is_left_for_the_end_of_a_process_is_done(run, tmp_path):
    path = tmp_path / "written"
    assert run(f"import atexit, pathlib; atexit.register(pathlib.Path({str(path)!r}).touch)") == 0
    assert path.exists()


def test_jobs_side_by_side_each_hear_of_their_own_end(run, parent, tmp_path):
    scripts = {code: tmp_path / f"{code}.py" for code in range(1, 8)}
    for code, path in scripts.items():
        path.write_text(f"import sys, time; time.sleep(0.01 * {8 - code}); sys.exit({code})")
    codes = list(scripts) * 5
    with ThreadPoolExecutor(4) as threads:
        ends = threads.map(lambda code: parent.run(str(scripts[code]), os.environ), codes)
        assert list(ends) == codes


def test_imports_are_counted_as_a_job(parent, logs):
    rows = read_usage(logs, {"controls": []})
    assert rows["rule"].tolist() == ["start_jobs"]
    assert rows["part"].tolist() == ["everything else"]
    assert rows["core_seconds"].item() > 0
    assert 1 < rows["memory_mb"].item() < 1000


def test_a_parent_ends_with_whoever_started_it(tmp_path):
    lines = (
        "import sys; from pathlib import Path; from deeprules_workflow import preloading\n"
        f"parent = preloading.Parent([], Path({str(tmp_path)!r}, 'a.usage.tsv'))\n"
        "print(parent.process.pid)\n"
    )
    paths = os.pathsep.join(sys.path)
    said = subprocess.run(
        [sys.executable, "-c", lines],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=30,
    )
    with pytest.raises(ProcessLookupError):
        for _ in range(1000):
            os.kill(int(said.stdout), 0)
            signal.sigtimedwait([], 0.01)


def job(**changes):
    """What Snakemake's object of a script tells of its job."""
    facts = dict.fromkeys(("conda_env", "container_img", "env_modules", "bench_record"))
    facts |= {"threads": 1, "rulename": "tune_model", "resources": {"tmpdir": "/tmp/here"}}
    return SimpleNamespace(**{**facts, "wildcards": {"model": "cnn"}, **changes})


@pytest.mark.parametrize(
    ("changes", "compute", "name"),
    [
        ({}, {}, "tensorflow"),
        ({"wildcards": {"model": "random_forest"}}, {}, "packages"),
        ({"wildcards": {}, "rulename": "evaluate_test"}, {}, "tensorflow"),
        ({}, {"backend": "jax"}, None),
        ({}, {"gpu": 1}, None),
        ({"wildcards": {}, "rulename": "split_dataset"}, {"backend": "jax"}, "packages"),
        ({"threads": 2}, {}, None),
        ({"conda_env": "env"}, {}, None),
        ({"container_img": "image"}, {}, None),
    ],
)
def test_jobs_that_are_preloaded(changes, compute, name):
    settings = {"backend": "tensorflow", "gpu": 0, **compute}
    assert preloading.parent_of(job(**changes), settings, {"cnn"}) == name


def test_the_environment_is_that_which_snakemake_makes(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    found = preloading.environment_of(job())
    assert found["OMP_NUM_THREADS"] == found["VECLIB_MAXIMUM_THREADS"] == "1"
    assert found["TMPDIR"] == found["TEMP"] == "/tmp/here"
    assert found["PATH"] == os.environ["PATH"]
