"""A user's tool for tests: a script that trains and scores, and its description."""

import sys
from dataclasses import replace
from pathlib import Path

from deeprules.command.tool import Place, Tool
from deeprules.command.tool_description import describe_tool
from deeprules.data import Dataset

SCRIPT = '''
"""Nearest mean: `train EXAMPLES LABELS MODEL` and `score EXAMPLES MODEL SCORES`."""
import json, math, random, sys

def read(path):
    with open(path) as file:
        rows = [line.rstrip("\\n").split("\\t") for line in file]
    if path.endswith(".fa"):
        rows = [["id"]] + [[rows[i][0][1:], rows[i + 1][0]] for i in range(0, len(rows), 2)]
    found = {}
    for name, *values in rows[1:]:
        try:
            found[name] = [float(value) for value in values][:3]
        except ValueError:
            found[name] = [float(motif in values[0]) for motif in ("TATAATGC", "GGGCGGGC")]
    return found

examples = read(sys.argv[2])
if sys.argv[1] == "train":
    labels = dict(line.rstrip("\\n").split("\\t") for line in list(open(sys.argv[3]))[1:])
    means = {}
    for label in sorted(set(labels.values())):
        rows = [examples[name] for name in labels if labels[name] == label]
        means[label] = [sum(column) / len(rows) for column in zip(*rows)]
    json.dump(means, open(sys.argv[4], "w"))
else:
    means = json.load(open(sys.argv[3]))
    is_value = len(sys.argv) > 5
    lines = []
    for name, row in examples.items():
        near = {label: math.exp(-math.dist(row, mean)) for label, mean in means.items()}
        total = sum(near.values())
        shares = {label: value / total for label, value in near.items()}
        if is_value:
            shares = {"score": sum(float(label) * share for label, share in shares.items())}
        lines.append([name, *map(str, shares.values())])
    random.Random(1).shuffle(lines)
    with open(sys.argv[4], "w") as file:
        for line in [["id", *shares], *lines]:
            file.write("\\t".join(line) + "\\n")
'''
TRAIN = f"{sys.executable} {{script}} train {{examples}} {{labels}} {{model}}"
SCORE = f"{sys.executable} {{script}} score {{examples}} {{model}} {{scores}}"


def feature_names(dataset: Dataset) -> list[str]:
    """Names of the features of a matrix; none for sequences."""
    names = [f"gene{number}" for number in range(dataset.n_features)]
    return names if dataset.modality == "tabular" else []


def make_tool(
    folder: Path, dataset: Dataset, script: str = SCRIPT, hidden: tuple = (), **settings
) -> Tool:
    """The tool of a script in `folder`; `settings` are keys of its model in a configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "own_tool.py"
    path.write_text(script)
    score = SCORE if dataset.is_classification else f"{SCORE} value"
    settings = {"command": score, "train_command": TRAIN, "space": {}, **settings}
    settings["files"] = {"script": str(path)} | settings.get("files", {})
    record = describe_tool("own", settings, dataset.modality, feature_names(dataset), None, hidden)
    return Tool.of_record(record)


def make_bare_tool(folder: Path, dataset: Dataset) -> Tool:
    """The same with the path of its script in its commands, so that it needs no other file."""
    tool = make_tool(folder, dataset)
    script = tool.place.files["script"]
    commands = {
        key: getattr(tool, key).replace("{script}", script) for key in ("command", "train_command")
    }
    return replace(tool, files={}, place=Place(), **commands)
