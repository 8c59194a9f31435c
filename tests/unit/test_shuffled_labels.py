"""The shuffled-label control: chance for noise, above it for signal, and the link of batches."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset, make_partition
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from deeprules.control import Terms
from deeprules.controls.shuffled_labels import run, shuffled, summarise
from deeprules.data import Development
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel

BEST = {"model": "lr", "kind": "baseline", "hyperparameters": {}}
MODULE = SimpleNamespace(build=lambda hp, train: LogisticRegression())
CHOSEN = ChosenModel(Candidate("lr", "baseline", MODULE), BEST, Budget(5, 5))


def parts(folder, n=120):
    return [
        make_partition(folder / name, n, "tabular", n_features=8, seed=seed)
        for name, seed in (("train", 0), ("tune", 1))
    ]


def fit_shuffled(chosen, train, tune, repeats, seed):
    return run(chosen, Development(train, tune), Terms(repeats, seed, "auroc", 0, repeats))


def summarise_shuffled(table, real, objective):
    frozen = {"models": {name: {"tune_score": score} for name, score in real.items()}}
    return summarise(table, None, Terms(0, 1, objective, 0, frozen=frozen))[1]["entries"]


def auroc(table, scheme="all", partition="tune"):
    rows = table[(table["scheme"] == scheme) & (table["partition"] == partition)]
    return rows.loc[rows["metric"] == "auroc", "score"].to_numpy()


def test_on_shuffled_labels_a_fit_is_at_chance_and_remembers_train(tmp_path):
    train, tune = parts(tmp_path)
    table = fit_shuffled(CHOSEN, train, tune, 20, 1)
    assert np.mean(auroc(table)) == pytest.approx(0.5, abs=0.05)
    assert np.mean(auroc(table, partition="train")) > 0.58
    (found, _) = summarise_shuffled(table, {"lr": 0.95}, "auroc")
    assert found["is_better"] and found["p_value"] == pytest.approx(1 / 21)
    assert found["fits"] == 20
    assert "learnt from the labels" in found["sentence"]


def test_noise_is_called_out(tmp_path):
    table = fit_shuffled(CHOSEN, *parts(tmp_path), 9, 1)
    (found, _) = summarise_shuffled(table, {"lr": 0.5}, "auroc")
    assert not found["is_better"]
    assert "is no better than on shuffled labels" in found["sentence"]


def test_a_label_carried_by_the_batch_survives_shuffling_within_it(tmp_path):
    train, tune = parts(tmp_path)
    for part in (train, tune):
        batch = np.where(part.labels == 1, "b1", "b2")
        part.examples["batch"] = batch
        # The features tell the batch and nothing else.
        part.features = np.where(batch == "b1", 1.0, -1.0).astype(np.float32)[:, None]
    table = fit_shuffled(CHOSEN, train, tune, 3, 1)
    assert np.mean(auroc(table, "within_batch")) == pytest.approx(1.0)
    assert np.mean(auroc(table, "all")) < 0.7
    found = {one["scheme"]: one for one in summarise_shuffled(table, {"lr": 1.0}, "auroc")}
    assert found["all"]["is_better"] and not found["within_batch"]["is_better"]


def test_labels_move_only_within_their_batch(tmp_path):
    train, _ = parts(tmp_path)
    moved = shuffled(train, "within_batch", np.random.default_rng(1))
    assert (moved.labels != train.labels).any()
    for _, rows in train.examples.groupby("batch"):
        assert moved.labels[rows.index].sum() == train.labels[rows.index].sum()
    assert moved.features is train.features


def test_a_lower_score_is_better_for_an_error():
    rows = [
        ["m", "baseline", "all", k, part, "mae", 2.0] for k in (1, 2) for part in ("train", "tune")
    ]
    columns = ["model", "kind", "scheme", "repeat", "partition", "metric", "score"]
    table = pd.DataFrame(rows, columns=columns)
    (better,) = summarise_shuffled(table, {"m": 1.0}, "mae")
    (worse,) = summarise_shuffled(table, {"m": 3.0}, "mae")
    assert better["is_better"] and not worse["is_better"]


def only_auroc(task, labels, predictions):
    pairs = predictions[labels == 1, 1][:, None] - predictions[labels == 0, 1]
    return {"auroc": (np.sign(pairs).mean() + 1) / 2}


def test_under_the_null_the_control_rejects_one_time_in_ten(tmp_path, monkeypatch):
    monkeypatch.setattr("deeprules.controls.shuffled_labels.scores", only_auroc)
    rng = np.random.default_rng(1)
    train, tune = parts(tmp_path, n=60)
    for part in (train, tune):
        part.dataset = make_dataset("tabular", n_features=8, has_batch=False)
    module = SimpleNamespace(build=lambda hp, train: GaussianNB())
    fast = replace(CHOSEN, candidate=replace(CHOSEN.candidate, module=module))
    rejected = []
    for number in range(80):
        for part in (train, tune):
            part.features = rng.normal(size=part.features.shape).astype(np.float32)
        table = fit_shuffled(fast, train, tune, 9, number)
        model = GaussianNB().fit(train.features, train.labels)
        real = only_auroc("binary", tune.labels, model.predict_proba(tune.features))
        (found,) = summarise_shuffled(table, {"lr": real["auroc"]}, "auroc")
        rejected.append(found["p_value"] <= 0.1)
    assert 0.03 <= np.mean(rejected) <= 0.2
