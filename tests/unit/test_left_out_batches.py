"""Leave one batch out: chance where the batch carries the label, no drop where features do."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset, make_partition
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from deeprules.control import Cost, Terms
from deeprules.controls.left_out_batches import cost, run, summarise
from deeprules.data import Development, Partition
from deeprules.files import write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.wording import format_number

BEST = {"model": "m", "kind": "baseline", "hyperparameters": {}}
TREE = SimpleNamespace(build=lambda hp, train: DecisionTreeClassifier(max_depth=8))
LINEAR = SimpleNamespace(build=lambda hp, train: LogisticRegression())


def carried_by_batch(folder, n=600, seed=0) -> Partition:
    """The features tell the batch alone, and each batch has its own share of positives."""
    rng = np.random.default_rng(seed)
    batch = rng.integers(6, size=n)
    label = rng.random(n) < np.array([0.05, 0.95, 0.1, 0.9, 0.05, 0.95])[batch]
    part = Partition(folder, make_dataset("tabular", n_features=6))
    part.features = np.eye(6, dtype=np.float32)[batch] + 0.01 * rng.normal(size=(n, 6))
    names = np.array([f"b{number}" for number in range(6)])
    columns = {"id": np.arange(n).astype(str), "label": np.where(label, "yes", "no")}
    part.examples = pd.DataFrame({**columns, "batch": names[batch]})
    return part


def left_out(part, most=5, module=TREE):
    chosen = ChosenModel(Candidate("m", "baseline", module), BEST, Budget(5, 5))
    return run(chosen, in_two(part), Terms(most, 1, "auroc", 200, most))


def in_two(part) -> Development:
    """Train and tune, whose order in the joined data is that of the partition."""
    half = len(part) // 2
    return Development(part.subset(np.arange(half)), part.subset(np.arange(half, len(part))))


def summarise_left_out(table, objective):
    return summarise(table, None, Terms(0, 1, objective, 200))[1]


def scores(table, split, metric="auroc"):
    rows = table[(table["split"] == split) & (table["metric"] == metric)]
    return rows.set_index("batch")["score"]


def test_a_label_carried_by_the_batch_alone_falls_to_chance(tmp_path):
    table = left_out(carried_by_batch(tmp_path))
    assert scores(table, "random").min() > 0.75
    assert scores(table, "batch").mean() == pytest.approx(0.5, abs=0.1)
    (model,) = summarise_left_out(table, "auroc")["models"]
    assert model["batches"] == 5 and model["lower"] > 0.2
    assert model["sentence"].startswith(f"{model['drop']:.3f}".lstrip("0"))


def test_a_label_carried_by_the_features_survives(tmp_path):
    part = make_partition(tmp_path / "x", 400, "tabular", n_features=8)
    part.examples["batch"] = np.random.default_rng(0).choice(list("abcd"), 400)
    (model,) = summarise_left_out(left_out(part, module=LINEAR), "auprc")["models"]
    assert abs(model["drop"]) < 0.02 and model["lower"] < 0 < model["upper"]


def test_both_splits_have_the_same_sizes_and_classes(tmp_path, monkeypatch):
    part, held = carried_by_batch(tmp_path), {}

    def remember(chosen, train, tune, out, seed, what):
        held.setdefault(what.split()[0], []).append((np.bincount(out.labels), len(train)))
        assert not set(out.examples["id"]) & {*train.examples["id"], *tune.examples["id"]}
        if what != "random":
            assert set(out.examples["batch"]).isdisjoint(train.examples["batch"])
            assert set(out.examples["batch"]).isdisjoint(tune.examples["batch"])
        return np.full((len(out), 2), 0.5)

    monkeypatch.setattr("deeprules.controls.left_out_batches.predict_held_out", remember)
    table = left_out(part, most=3)
    assert (np.array(held["batch"][0][0]) == held["random"][0][0]).all()
    assert [size for _, size in held["batch"]] == [size for _, size in held["random"]]
    largest = part.examples["batch"].value_counts().index[:3]
    assert list(dict.fromkeys(table["batch"])) == list(largest)


def test_a_batch_of_one_class_is_undefined(tmp_path):
    part = carried_by_batch(tmp_path)
    part.examples.loc[part.examples["batch"] == "b0", "label"] = "no"
    table = left_out(part, most=6)
    (row,) = table[table["batch"] == "b0"].to_dict("records")
    assert row["note"] == "Undefined: the batch has no example of yes."
    (model,) = summarise_left_out(table, "auroc")["models"]
    assert model["undefined"] == ["b0"] and model["batches"] == 5
    assert "1 batch could not be scored" in model["sentence"]


def test_without_enough_outside_a_batch_it_is_undefined(tmp_path):
    part = carried_by_batch(tmp_path)
    part.examples["batch"] = np.where(np.arange(600) < 597, "all", "few")
    table = left_out(part)
    assert table["note"].str.startswith("Undefined").all()
    (model,) = summarise_left_out(table, "auroc")["models"]
    assert model["drop"] is None and "no batch could be scored" in model["sentence"]


def test_no_more_repeats_are_planned_than_batches_can_be_scored(tmp_path):
    part = carried_by_batch(tmp_path)
    assert cost(in_two(part), Terms(9, 1, "auroc", 0)) == Cost(6, 2)
    assert cost(in_two(part), Terms(4, 1, "auroc", 0)) == Cost(4, 2)
    part.examples["label"] = "no"
    assert cost(in_two(part), Terms(9, 1, "auroc", 0)) == Cost(1, 0)


def test_the_largest_batches_that_can_be_scored_are_left_out(tmp_path):
    part = carried_by_batch(tmp_path)
    sizes = part.examples["batch"].value_counts()
    largest, second = sizes.index[:2]
    part.examples.loc[part.examples["batch"] == largest, "label"] = "no"
    part.__dict__.pop("labels", None)
    table = left_out(part, most=1)
    assert list(dict.fromkeys(table["batch"])) == [largest, second]
    (model,) = summarise_left_out(table, "auroc")["models"]
    assert model["by_batch"].keys() == {second} and model["undefined"] == [largest]


def test_a_single_batch_without_an_interval_has_none(tmp_path):
    table = left_out(carried_by_batch(tmp_path), most=1).assign(lower=np.nan, upper=np.nan)
    summary = summarise_left_out(table, "auroc")
    write_json(tmp_path / "left_out.json", summary)
    (model,) = summary["models"]
    assert model["lower"] is None and model["upper"] is None
    assert f"{format_number(model['drop'])} [undefined, undefined]" in model["sentence"]


def test_values_and_a_single_batch(tmp_path):
    part = make_partition(tmp_path / "x", 200, "tabular", "regression", n_features=8)
    from sklearn.linear_model import Ridge

    module = SimpleNamespace(build=lambda hp, train: Ridge())
    table = left_out(part, most=1, module=module)
    (model,) = summarise_left_out(table, "r2")["models"]
    assert model["batches"] == 1
    assert "a single batch" in model["sentence"]
    # Of one batch the interval is that of its held-out examples.
    bounds = table[table["metric"] == "r2"].set_index("split")[["score", "lower", "upper"]]
    batch, random = bounds.loc["batch"], bounds.loc["random"]
    below = np.hypot(random["score"] - random["lower"], batch["upper"] - batch["score"])
    assert model["lower"] == pytest.approx(random["score"] - batch["score"] - below)
    assert model["upper"] > model["drop"]
    lower_is_better = summarise_left_out(table, "mae")["models"][0]["drop"]
    wide = table[table["metric"] == "mae"].set_index("split")["score"]
    assert lower_is_better == pytest.approx(wide["batch"] - wide["random"])
