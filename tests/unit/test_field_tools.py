"""The worked examples of docs/tools.md, against stand-ins with the tools' own command lines."""

import re
import stat
import sys
from pathlib import Path

import pytest
import yaml
from own_tools import feature_names
from partitions import make_partition

from deeprules.command.tool import Tool
from deeprules.command.tool_description import describe_tool
from deeprules.command.tool_estimator import ToolEstimator
from deeprules.statistics.metrics import scores

ROOT = Path(__file__).parents[2]
GKM = f"""#!{sys.executable}
import getopt, json, os, sys
from collections import Counter

def read(path):
    lines = [line.rstrip() for line in open(path)]
    return [(lines[i][1:].split()[0], lines[i + 1]) for i in range(0, len(lines), 2)]

def words(sequence, k):
    return {{sequence[i : i + k] for i in range(len(sequence) - k + 1)}}

name = os.path.basename(sys.argv[0])
known = {{"gkmtrain": "t:l:k:d:g:M:H:Rc:e:w:m:sx:i:r:v:T:", "gkmpredict": "v:T:"}}[name]
options, files = getopt.getopt(sys.argv[1:], known)
options = dict(options)
if len(files) != 3 or options.get("-T", "1") not in ("1", "4", "16"):
    sys.exit(name + ": usage")
if name == "gkmtrain":
    # As the program: a word length of 3 to 12, and no more bases that count.
    if not 3 <= int(options["-k"]) <= int(options["-l"]) <= 12 or int(options["-d"]) > 4:
        sys.exit("gkmtrain: bad word length")
    k = int(options["-k"])
    shares = []
    for path in files[:2]:
        rows = read(path)
        counts = Counter(word for _, one in rows for word in words(one, k))
        shares.append({{word: count / len(rows) for word, count in counts.items()}})
    weights = {{word: share - shares[1].get(word, 0) for word, share in shares[0].items()}}
    json.dump([k, weights], open(files[2] + ".model.txt", "w"))
else:
    k, weights = json.load(open(files[1]))
    with open(files[2], "w") as file:
        for one, sequence in read(files[0]):
            score = max(weights.get(word, 0) for word in words(sequence, k))
            file.write("%s\\t%g\\n" % (one, score))
"""
AUTOGLUON = """
import pickle
from pathlib import Path
import numpy as np
import pandas as pd


class TabularPredictor:
    def __init__(self, label, problem_type=None, path=None, verbosity=2):
        self.label, self.problem_type, self.path = label, problem_type, path

    def fit(self, train_data, time_limit=None, presets=None, num_cpus="auto", num_gpus="auto"):
        assert presets == "medium_quality" and time_limit > 0 and isinstance(num_cpus, int)
        answers = train_data[self.label]
        if self.problem_type != "regression":
            answers = pd.get_dummies(answers, dtype=float)
            self.classes = answers.columns
        rows = train_data.drop(columns=self.label).to_numpy()
        self.center, self.mean = rows.mean(axis=0), answers.to_numpy().mean(axis=0)
        self.weights = np.linalg.lstsq(rows - self.center, answers - self.mean, rcond=None)[0]
        Path(self.path).mkdir()
        (Path(self.path) / "predictor.pkl").write_bytes(pickle.dumps(self))
        return self

    @classmethod
    def load(cls, path):
        return pickle.loads((Path(path) / "predictor.pkl").read_bytes())

    def told(self, data):
        return (data.to_numpy() - self.center) @ self.weights + self.mean

    def predict(self, data):
        return pd.Series(self.told(data), data.index, name=self.label)

    def predict_proba(self, data, as_multiclass=True):
        found = np.exp(self.told(data))
        found /= found.sum(axis=1, keepdims=True)
        return pd.DataFrame(found, data.index, self.classes)
"""
TABPFN = """
from pathlib import Path
from sklearn.linear_model import LogisticRegression, Ridge


class TabPFNClassifier:
    kind = LogisticRegression

    def __init__(self, model_path, random_state, device):
        assert Path(model_path).read_text() == "weights of version 2"
        self.model = self.kind()

    def fit(self, rows, labels):
        self.model.fit(rows, labels)
        self.classes_ = getattr(self.model, "classes_", None)
        return self

    def predict(self, rows):
        return self.model.predict(rows)

    def predict_proba(self, rows):
        return self.model.predict_proba(rows)


class TabPFNRegressor(TabPFNClassifier):
    kind = Ridge
"""


def settings_of(name: str) -> dict:
    """The entry of a model in docs/tools.md, with its placeholders of `space` filled in."""
    text = (ROOT / "docs" / "tools.md").read_text()
    for block in re.findall(r"```yaml\n(.*?)```", text, re.S):
        models = yaml.safe_load(block)["models"]
        if name in models:
            return models[name]
    raise AssertionError(f"docs/tools.md has no {name}")


def score_on_tune(folder, name, modality, task, settings):
    """Fit a tool by its commands of the page, and score what it says of other examples."""
    train = make_partition(folder / "train", 120, modality, task, n_features=40)
    tune = make_partition(folder / "tune", 60, modality, task, n_features=40, seed=1)
    named = {key: str(ROOT / path) for key, path in settings.get("files", {}).items()}
    settings = {"space": {}, **settings, "files": named | settings.pop("at", {})}
    settings.pop("environment", None)
    record = describe_tool(name, settings, modality, feature_names(train.dataset), None, ())
    values = {key: choices[0] for key, choices in settings["space"].items()}
    tool = ToolEstimator(Tool.of_record(record), train.dataset, values, random_state=1, n_jobs=1)
    tool.fit(train.features, train.labels)
    is_value = task == "regression"
    predicted = tool.predict(tune.features) if is_value else tool.predict_proba(tune.features)
    return scores(task, tune.labels, predicted)["r2" if is_value else "balanced_accuracy"]


def test_ls_gkm_trains_and_scores_by_the_commands_of_the_page(tmp_path, monkeypatch):
    for name in ("gkmtrain", "gkmpredict"):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(GKM)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    assert score_on_tune(tmp_path, "ls_gkm", "sequence", "binary", settings_of("ls_gkm")) > 0.8


def test_the_environment_of_ls_gkm_holds_what_its_commands_call():
    path = ROOT / settings_of("ls_gkm")["environment"]
    assert yaml.safe_load(path.read_text())["dependencies"] == ["ls-gkm =0.1.1"]


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("autogluon", "multiclass"),
        ("autogluon", "regression"),
        ("tabpfn", "binary"),
        ("tabpfn", "regression"),
    ],
)
def test_tools_for_tables_do_what_the_page_says(tmp_path, monkeypatch, name, task):
    package = tmp_path / "packages"
    for file, text in (("autogluon/tabular.py", AUTOGLUON), ("tabpfn.py", TABPFN)):
        path = package / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(package))
    settings = settings_of(name)
    for key in ("train_command", "command"):
        program, _, rest = settings[key].partition(" ")
        assert program == f"{name}/bin/python"
        settings[key] = f"{sys.executable} {rest}".replace(" binary ", f" {task} ")
    if name == "tabpfn":
        weights = tmp_path / "weights.ckpt"
        weights.write_text("weights of version 2")
        settings["at"] = {"weights": str(weights)}
    assert score_on_tune(tmp_path, name, "tabular", task, settings) > 0.5
