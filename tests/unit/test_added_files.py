"""One file in its folder is all that one more of many takes; each is asked in a process of its own.

Folders are walked, so that what is added is held to the contract unasked.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import warm_starts
from partitions import make_dataset
from projects import planned_jobs, small_config, snakemake, write_project
from test_splits import make_examples

from deeprules.split.splits import split_examples
from deeprules.split.strategies import STRATEGIES
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRICS, metrics_of, weighted_scores
from deeprules_workflow.modules import facts_in
from deeprules_workflow.new_project import make_project
from deeprules_workflow.schema import load_schema

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
TASKS = ("binary", "multiclass", "regression")


def asked(folder, program):
    """What a program prints as JSON, run with the workflow in `folder`."""
    folders = [*(folder / name for name in ("scripts", "workflow")), TESTS, TESTS / "unit"]
    paths = os.pathsep.join(map(str, folders))
    done = warm_starts.python(program, PYTHONPATH=paths)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def copied(tmp_path):
    """A copy of the workflow."""
    make_project(tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_says_what_it_is_and_scores_as_it_says(name):
    module, facts = METRICS[name], facts_in("statistics/metrics")[name]
    assert module.LABEL and set(module.TASKS) <= {*TASKS, "mixed"} and module.TASKS
    assert facts["TASKS"] == module.TASKS
    assert not (facts.get("CAN_BE_OBJECTIVE") and name in LOWER_IS_BETTER)
    for task in module.TASKS:
        labels = np.array([0, 1, 2, 0, 1, 2]) % (2 if task == "binary" else 3)
        perfect = labels.astype(float) if task == "regression" else np.eye(labels.max() + 1)[labels]
        if task == "mixed":
            perfect = labels = np.column_stack([labels > 1, labels]).astype(float)
            task = "binary-regression"
        weights = np.array([[1, 1, 1, 1, 1, 1], [2, 0, 1, 1, 3, 2]])
        best = weighted_scores(task, labels, perfect)(weights)[name]
        assert best == pytest.approx([0, 0] if name in LOWER_IS_BETTER else [1, 1], abs=1e-12)


READERS = """
import json
from importlib import import_module
from deeprules_workflow.modules import facts_in
readers = {name: import_module(f"deeprules.datasets.{name}") for name in facts_in("datasets")}
print(json.dumps({name: [one.MODALITY, callable(one.read)] for name, one in readers.items()}))
"""


def test_a_reader_says_what_it_reads():
    found = asked(ROOT, READERS)
    assert found and all(one in (["sequence", True], ["tabular", True]) for one in found.values())
    schema = load_schema("config")["properties"]["data"]["properties"]["sources"]
    assert set(found) < set(schema["additionalProperties"]["properties"]["format"]["enum"])


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
from deeprules.split.splits import split_examples
from deeprules.split.strategies import STRATEGIES
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


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_split_strategy_keeps_its_units_whole(name):
    module, facts = STRATEGIES[name], facts_in("split/strategies")[name]
    assert facts["DOC"] and "\n" not in module.__doc__.strip().partition("\n\n")[0]
    assert hasattr(module, "units") != hasattr(module, "given")
    assert not facts.get("UNITS_HAVE_NAMES") or (module.key("a") and module.names)
    number = np.arange(600) // 5
    columns = {one: np.char.add("x", (number % 40).astype(str)) for one in ("batch", "cluster")}
    columns |= {"group": number.astype(str), "chromosome": columns["batch"], "start": number}
    columns["partition"] = np.array(["train", "tune", "test"])[np.arange(600) % 10 % 3]
    examples = make_examples(**columns)
    dataset = make_dataset(task="binary", has_group=True, has_batch=True)
    settings = {"shares": {"train": 0.6, "tune": 0.2, "test": 0.2}, "block_size": None}
    settings |= {"strategy": name, "test": [], "tune": []}
    found = split_examples(examples, dataset, settings, 1).assignment["partition"]
    if hasattr(module, "units"):
        assert found.groupby(module.units(examples, None)).nunique().max() == 1
    else:
        assert list(found) == list(module.given(examples))


ENDING = '''"""keeps ids with the same last letter together"""

import pandas as pd


def units(examples: pd.DataFrame, block_size: int | None) -> pd.Series:
    """The last letter of each id (N,)."""
    return examples["id"].str[-1]
'''
SPLIT = """
import json
from partitions import make_dataset
from test_splits import make_examples
from deeprules.split.splits import split_examples
examples = make_examples()
split = {"shares": {"train": 0.6, "tune": 0.2, "test": 0.2}, "block_size": None}
split |= {"strategy": "ending", "test": [], "tune": []}
found = split_examples(examples, make_dataset(task="binary"), split, 1).assignment
print(json.dumps(list(found.groupby(found["id"].str[-1])["partition"].nunique())))
"""


def test_a_split_strategy_is_one_file_and_one_line_of_configuration(copied, tmp_path):
    file = copied / "scripts" / "deeprules" / "split" / "strategies" / "ending.py"
    file.write_text(ENDING)
    write_project(tmp_path / "project", small_config(split__strategy="ending"))
    planned = snakemake(tmp_path / "project", "-n", "results/split/split.json", workflow=copied)
    assert planned.returncode == 0, planned.stdout
    assert "split_dataset" in {job["rule"] for job in planned_jobs(planned.stdout)}
    assert asked(copied, SPLIT) == [1] * 10
