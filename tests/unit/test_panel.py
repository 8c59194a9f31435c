"""A small panel finds what was planted, and its program says what the panel says."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from partitions import make_partition

from deeprules.encoding import PADDING, decode
from deeprules.interpret.motif import Motif
from deeprules.interpret.panel import (
    find_panel,
    panel_content,
    panel_table,
    scorer_text,
)
from deeprules.interpret.panel_features import of_sequences, of_table

TASKS = {"binary": "auroc", "multiclass": "auroc", "regression": "r2"}


def parts(folder, modality, task="binary"):
    return [
        make_partition(folder / name, n, modality, task, n_features=40, seed=seed)
        for seed, (name, n) in enumerate({"train": 300, "tune": 150}.items())
    ]


def told(part):
    """What a model that knows the label fairly well might predict."""
    rng = np.random.default_rng(len(part))
    if part.dataset.task == "regression":
        return part.labels + rng.normal(0, 0.3, len(part))
    scores = rng.normal(size=(len(part), len(part.dataset.classes)))
    scores[np.arange(len(part)), part.labels] += 3
    shares = np.exp(scores)
    return shares / shares.sum(axis=1, keepdims=True)


def found(train, tune, candidates):
    task = train.dataset.task
    labels, model = (
        dict(zip(("train", "tune"), map(of, (train, tune)), strict=True))
        for of in (lambda part: part.labels, told)
    )
    return find_panel(candidates, labels, model, task, TASKS[task], seed=1)


def program_says(folder, content, text, name):
    program, given = folder / "score_panel.py", folder / name
    program.write_text(scorer_text(content))
    given.write_text(text)
    command = [sys.executable, "-I", "-S", str(program), str(given)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    return (
        lines[0],
        [line[0] for line in lines[1:]],
        np.array([row[1:] for row in lines[1:]], float),
    )


@pytest.mark.parametrize("task", TASKS)
def test_a_panel_of_features_and_its_program(tmp_path, task):
    train, tune = parts(tmp_path, "tabular", task)
    tune.features = np.array(tune.features)
    tune.features[0, 1] = np.nan
    names = [f"gene {k}" for k in range(40)]
    score = np.log(told(train)) if task != "regression" else told(train)[:, None]
    candidates = of_table(train, tune, names, score)
    panel, curve = found(train, tune, candidates)
    chosen = [candidates.facts[column]["name"] for column in panel.columns]
    assert set(names[:3]) & set(chosen[:1]) and len(chosen) <= 6
    assert curve["chosen"].sum() == 1 and curve["score"].max() > 0.6
    assert curve["fidelity"].max() > 0.6
    content = panel_content(panel, candidates, train.dataset)
    table = pd.DataFrame(tune.features, columns=names)
    table.insert(0, "id", tune.examples["id"])
    head, ids, numbers = program_says(tmp_path, content, table.to_csv(index=False), "table.csv")
    expected = panel.predict(candidates.tune).reshape(len(tune), -1)
    np.testing.assert_allclose(numbers, expected, atol=1e-4)
    assert ids == tune.examples["id"].tolist()
    assert head[1:] == [f"p_{name}" for name in train.dataset.classes] or head == ["id", "value"]
    shown = panel_table(content)
    assert len(shown) == (len(chosen) + 1) * len(content["weights"])


def test_a_panel_of_kmers_and_motifs_and_its_program(tmp_path):
    train, tune = parts(tmp_path, "sequence")
    codes = np.array(tune.features)
    codes[0, 5] = 15
    codes[1, :4] = codes[1, -3:] = 0
    tune.features = codes
    word = "TATAATGC"
    matrix = np.full((8, 4), 0.02)
    matrix[np.arange(8), ["ACGT".index(base) for base in word]] = 0.94
    motif = Motif("motif_1", matrix, matrix, [])
    candidates = of_sequences(train, tune, [motif])
    panel, curve = found(train, tune, candidates)
    assert candidates.facts[panel.columns[0]]["name"] == "motif_1 TATAATGC"
    assert curve["score"].iloc[0] > 0.9
    content = panel_content(panel, candidates, train.dataset)
    letters = [decode(row[row != PADDING]) for row in codes]
    text = "".join(
        f">{name} more\n{one[:30]}\n{one[30:]}\n"
        for name, one in zip(tune.examples["id"], letters, strict=True)
    )
    _, ids, numbers = program_says(tmp_path, content, text, "some.fa")
    assert ids == tune.examples["id"].tolist()
    np.testing.assert_allclose(numbers, panel.predict(candidates.tune), atol=1e-4)
    in_rna = "".join(
        one if one.startswith(">") else one.replace("T", "U") for one in text.splitlines(True)
    )
    np.testing.assert_array_equal(program_says(tmp_path, content, in_rna, "rna.fa")[2], numbers)
    without, _ = found(train, tune, of_sequences(train, tune, []))
    kinds = {of_sequences(train, tune, []).facts[one]["kind"] for one in without.columns}
    assert kinds == {"kmer"}


def test_more_features_than_the_model_needs_are_not_chosen(tmp_path):
    train, tune = parts(tmp_path, "tabular")
    rng = np.random.default_rng(0)
    for part in (train, tune):
        part.features = rng.normal(size=part.features.shape).astype(np.float32)
        part.features[:, 7] += 4 * part.labels
    candidates = of_table(train, tune, [f"g{k}" for k in range(40)], np.log(told(train)))
    panel, curve = found(train, tune, candidates)
    assert [candidates.facts[column]["name"] for column in panel.columns] == ["g7"]
    assert curve.loc[curve["chosen"], "features"].tolist() == [1]


@pytest.mark.parametrize(("transform", "said"), [("log_cpm", "counts per 1,000,000"), ("none", "")])
def test_the_program_says_how_numbers_have_to_be_transformed(tmp_path, transform, said):
    train, tune = parts(tmp_path, "tabular")
    candidates = of_table(train, tune, [f"g{k}" for k in range(40)], np.log(told(train)))
    panel, _ = found(train, tune, candidates)
    content = panel_content(panel, candidates, replace(train.dataset, transform=transform))
    program, table = tmp_path / "score_panel.py", tmp_path / "table.csv"
    program.write_text(scorer_text(content))
    rows = pd.DataFrame(tune.features, columns=[f"g{k}" for k in range(40)])
    rows.to_csv(table, index_label="id")
    command = [sys.executable, "-I", str(program), str(table)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said in result.stderr and bool(result.stderr) == bool(said)
    assert len(result.stdout.splitlines()) == len(tune) + 1


def test_the_program_names_columns_that_are_missing(tmp_path):
    train, tune = parts(tmp_path, "tabular")
    candidates = of_table(train, tune, [f"g{k}" for k in range(40)], np.log(told(train)))
    panel, _ = found(train, tune, candidates)
    program, table = tmp_path / "score_panel.py", tmp_path / "table.tsv"
    program.write_text(scorer_text(panel_content(panel, candidates, train.dataset)))
    table.write_text("id\tother\na\t1\n")
    command = [sys.executable, "-I", str(program), str(table)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1 and "has no column g" in result.stderr
