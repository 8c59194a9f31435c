"""One file in its folder is all that one more of many takes; each is asked in a process of its own.

Folders are walked, so that what is added is held to the contract unasked.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deeprules.statistics.metrics import LOWER_IS_BETTER, METRICS, metrics_of, weighted_scores
from deeprules_workflow.modules import facts_in

ROOT = Path(__file__).parents[2]
TASKS = ("binary", "multiclass", "regression")


def asked(folder, program):
    """What a program prints as JSON, run with the workflow in `folder`."""
    paths = os.pathsep.join(str(folder / name) for name in ("scripts", "workflow"))
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def copied(tmp_path):
    """A copy of the workflow's code."""
    for name in ("scripts", "workflow"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    return tmp_path


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_says_what_it_is_and_scores_as_it_says(name):
    module, facts = METRICS[name], facts_in("statistics/metrics")[name]
    assert module.LABEL and set(module.TASKS) <= set(TASKS) and module.TASKS
    assert facts["TASKS"] == module.TASKS
    assert not (facts.get("CAN_BE_OBJECTIVE") and name in LOWER_IS_BETTER)
    for task in module.TASKS:
        labels = np.array([0, 1, 2, 0, 1, 2]) % (2 if task == "binary" else 3)
        perfect = labels.astype(float) if task == "regression" else np.eye(labels.max() + 1)[labels]
        weights = np.array([[1, 1, 1, 1, 1, 1], [2, 0, 1, 1, 3, 2]])
        best = weighted_scores(task, labels, perfect)(weights)[name]
        assert best == pytest.approx([0, 0] if name in LOWER_IS_BETTER else [1, 1], abs=1e-12)


SPECIFICITY = """
from deeprules.statistics.drawn import ratio

LABEL = "specificity"
TASKS = ("binary",)
CAN_BE_OBJECTIVE = True
NEEDS_EVERY_CLASS = True


def score(drawn):
    return ratio(drawn.correct[:, 0], drawn.actual[:, 0])
"""
ASK = """
import json
import numpy as np
from pathlib import Path
from deeprules.statistics.metrics import scores
from deeprules_workflow.fingerprint import library_fingerprint
from deeprules_workflow.schema import load_schema
found = scores("binary", [0, 0, 0, 1], np.eye(2)[[0, 0, 1, 1]])
tuning = load_schema("config")["properties"]["tuning"]["properties"]
scripts = Path("{folder}") / "scripts"
print(json.dumps([found.get("specificity"), "specificity" in tuning["objective"]["enum"],
                  library_fingerprint(scripts, "evaluate_test")]))
"""


def test_a_metric_is_one_file(copied):
    ask = ASK.format(folder=copied)
    value, can_be_objective, before = asked(copied, ask)
    assert value is None and not can_be_objective
    file = copied / "scripts" / "deeprules" / "statistics" / "metrics" / "specificity.py"
    file.write_text(SPECIFICITY)
    value, can_be_objective, after = asked(copied, ask)
    assert value == pytest.approx(2 / 3) and can_be_objective
    assert before != after
    assert "specificity" not in metrics_of("binary")
