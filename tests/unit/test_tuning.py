"""The search: the same for every kind of model, resumable, honest about failures."""

import json
import logging
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from killed_searches import kill_at_every_write
from partitions import make_partition
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import FitFailed, fit, stratified_share
from deeprules.fit.models import find_module
from deeprules.tune.search import Search, search_fingerprint
from deeprules.tune.tuning import search_model


@pytest.fixture
def parts(tmp_path):
    return (
        make_partition(tmp_path / "train", 150, "tabular", n_features=8),
        make_partition(tmp_path / "tune", 60, "tabular", n_features=8, seed=1),
    )


def terms(**changes):
    settings = {"strategy": "random", "trials": 3, "objective": "auprc", "seed": 5}
    return Search(**{**settings, "budget": Budget(4, 4), **changes})


def search(parts, folder, module, kind="baseline", space=None, **changes):
    candidate = Candidate("model", kind, module, space or {})
    return search_model(terms(**changes), candidate, Development(*parts), folder)


def penalised(fit=None):
    """A module with one hyperparameter; `fit(C)` runs before each fit."""

    def build(hp, train):
        penalty = hp.Float("C", 1e-3, 1e3, sampling="log")
        steps = [FunctionTransformer(lambda x: (fit(penalty), x)[1])] if fit else []
        return make_pipeline(*steps, LogisticRegression(C=penalty))

    return SimpleNamespace(build=build)


@pytest.mark.parametrize("strategy", ["random", "bayesian", "hyperband", "grid"])
def test_networks_and_baselines_get_the_same_trials_and_table(parts, tmp_path, strategy):
    tables = {
        kind: search(parts, tmp_path / kind, module, kind, strategy=strategy, budget=Budget(3, 3))[
            0
        ]
        for kind, module in {
            "network": find_module("network", "mlp"),
            "baseline": find_module("baseline", "logistic_regression"),
        }.items()
    }
    assert len(tables["network"]) == len(tables["baseline"])
    assert list(tables["network"]) == list(tables["baseline"])
    if strategy != "hyperband":
        assert len(tables["network"]) == 3
    for table in tables.values():
        assert table["status"].eq("completed").all()
        assert table[["score", "train_score", "seconds"]].notna().all(axis=None)


def test_the_best_trial_is_the_one_with_the_highest_score_on_tune(parts, tmp_path):
    table, best = search(parts, tmp_path / "s", find_module("baseline", "logistic_regression"))
    assert best["score"] == table["score"].max()
    assert best["hyperparameters"] == json.loads(table["hyperparameters"][best["trial"]])
    assert best["score"] > 0.9


@pytest.mark.parametrize("strategy", ["random", "bayesian", "hyperband", "grid"])
def test_the_first_trial_has_the_default_of_every_hyperparameter(parts, tmp_path, strategy):
    module = find_module("baseline", "gradient_boosting")
    budget = Budget(3, 3) if strategy == "hyperband" else Budget(4, 4)
    table, _ = search(parts, tmp_path / "s", module, strategy=strategy, trials=2, budget=budget)
    first, second = (json.loads(text) for text in table["hyperparameters"][:2])
    defaults = {"learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 8, "l2": 1.0}
    assert defaults.items() <= first.items()
    assert first != second


def test_the_same_seed_proposes_the_same_trials(parts, tmp_path):
    module = find_module("baseline", "random_forest")
    first, second, other = (
        search(parts, tmp_path / name, module, seed=seed)[0]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first["hyperparameters"].equals(second["hyperparameters"])
    assert first["score"].equals(second["score"])
    assert not first["hyperparameters"].equals(other["hyperparameters"])


def test_a_search_that_was_stopped_goes_on(parts, tmp_path):
    uninterrupted, _ = search(parts, tmp_path / "whole", penalised(), trials=5)
    fits = []

    def stop_in_the_third(penalty):
        fits.append(penalty)
        if len(set(fits)) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(parts, tmp_path / "cut", penalised(stop_in_the_third), trials=5)
    finished = set(fits[:-1])
    fits.clear()
    table, _ = search(parts, tmp_path / "cut", penalised(fits.append), trials=5)
    assert len(table) == 5 and table["status"].eq("completed").all()
    assert not finished & set(fits)
    assert table["hyperparameters"].tolist() == uninterrupted["hyperparameters"].tolist()


@pytest.mark.parametrize("strategy", ["random", "bayesian", "hyperband", "grid"])
def test_a_search_killed_at_any_write_ends_as_if_it_had_not_been(parts, tmp_path, strategy):
    settings = {"strategy": strategy, "trials": 3, "budget": Budget(3, 3)}
    module = find_module("baseline", "nearest_neighbours")
    whole, _ = search(parts, tmp_path / "whole", module, **settings)
    tries = kill_at_every_write(
        lambda writes: search(parts, tmp_path / str(writes), module, **settings)
    )
    for writes in tries:
        table, _ = search(parts, tmp_path / str(writes), module, **settings)
        pd.testing.assert_frame_equal(
            table.drop(columns="seconds"), whole.drop(columns="seconds"), obj=f"write {writes}"
        )
    assert writes >= 3 * len(whole)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", None])
@pytest.mark.parametrize("file", ["oracle.json", "trial.json"])
def test_a_search_whose_state_is_damaged_starts_anew(parts, tmp_path, caplog, file, content):
    first, _ = search(parts, tmp_path / "s", penalised())
    damaged = next((tmp_path / "s").rglob(file))
    damaged.unlink() if content is None else damaged.write_text(content)
    fits = []
    second, _ = search(parts, tmp_path / "s", penalised(fits.append))
    assert fits and "starts anew" in caplog.text and str(tmp_path / "s") in caplog.text
    assert second["score"].equals(first["score"])


def test_a_finished_search_is_not_run_again(parts, tmp_path):
    first, _ = search(parts, tmp_path / "s", penalised())
    fits = []
    second, _ = search(parts, tmp_path / "s", penalised(fits.append))
    assert not fits
    assert first.equals(second)


@pytest.mark.parametrize("error", [MemoryError("too big"), np.linalg.LinAlgError("singular")])
def test_a_failed_trial_is_recorded_and_the_search_goes_on(parts, tmp_path, error):
    seen = []

    def fail_once(penalty):
        seen.append(penalty)
        if penalty == seen[0]:
            raise error

    table, best = search(parts, tmp_path / "s", penalised(fail_once))
    assert table["status"].tolist() == ["failed", "completed", "completed"]
    assert str(error) in table["message"][0]
    assert np.isnan(table["score"][0])
    assert best["trials_failed"] == 1


def test_a_loss_that_is_not_finite_fails_the_trial(parts, tmp_path):
    train = parts[0]
    train.features = np.where(np.arange(8) == 0, 1e38, train.features).astype(np.float32)

    def build(hp, train):
        import keras

        rows = keras.Input((8,))
        return keras.Model(rows, keras.layers.Dense(1)(keras.layers.Rescaling(1e38)(rows)))

    with pytest.raises(InputError, match=r"all 2 trials of model failed.*not finite"):
        search(parts, tmp_path / "s", SimpleNamespace(build=build), "network", trials=2)


def test_when_every_trial_fails_the_reason_is_told(parts, tmp_path):
    def fail(penalty):
        raise MemoryError("no room")

    with pytest.raises(InputError, match=r"all 3 trials of model failed.*no room"):
        search(parts, tmp_path / "s", penalised(fail))


def test_a_mistake_in_the_code_ends_the_search(parts, tmp_path):
    def broken(penalty):
        raise TypeError("a mistake")

    with pytest.raises(Exception, match="Trial 0 broke") as caught:
        search(parts, tmp_path / "s", penalised(broken))
    assert isinstance(caught.value.__cause__, TypeError)


def test_the_configuration_can_fix_and_restrict_hyperparameters(parts, tmp_path):
    space = {"max_features": "log2", "min_samples_leaf": [5, 10]}
    table, _ = search(
        parts, tmp_path / "s", find_module("baseline", "random_forest"), space=space, trials=5
    )
    chosen = [json.loads(text) for text in table["hyperparameters"]]
    assert {values["max_features"] for values in chosen} == {"log2"}
    assert {values["min_samples_leaf"] for values in chosen} == {5, 10}


@pytest.mark.parametrize(("values", "is_cut"), [([1.0, 2, 3], False), ([1.0, 2.0, 3.0, 4.0], True)])
def test_a_grid_with_more_combinations_than_trials_is_warned_of(
    parts, tmp_path, caplog, values, is_cut
):
    caplog.set_level(logging.WARNING, logger="deeprules")
    search(parts, tmp_path / "s", penalised(), space={"C": values}, strategy="grid")
    assert (f"corner of a grid of {len(values)} combinations" in caplog.text) == is_cut


def test_an_unknown_hyperparameter_is_named(parts, tmp_path):
    with pytest.raises(InputError, match=r"models\.model\.space.*trees.*max_features"):
        search(parts, tmp_path / "s", find_module("baseline", "random_forest"), space={"trees": 9})


def test_progress_is_logged(parts, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="deeprules"):
        search(parts, tmp_path / "s", penalised())
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"trial {k} of 3" for k in (1, 2, 3)
    ]
    assert "best so far" in caplog.text and "s left" in caplog.text


@pytest.mark.parametrize("strategy", ["random", "bayesian", "hyperband", "grid"])
def test_a_model_without_hyperparameters_gets_one_trial(parts, tmp_path, strategy):
    module = find_module("baseline", "majority_class")
    table, best = search(parts, tmp_path / "s", module, "nuisance", strategy=strategy)
    assert table["status"].tolist() == ["completed"]
    assert (best["hyperparameters"], best["strategy"]) == ({}, strategy)


@pytest.mark.parametrize("name", ["oracle.json", "trial_1/trial.json", "tuner0.json"])
def test_a_state_file_is_written_whole_or_not_at_all(parts, tmp_path, monkeypatch, name):
    replace = os.replace

    def die_while_writing(unfinished, path):
        if str(path).endswith(name) and Path(path).exists():
            raise KeyboardInterrupt
        replace(unfinished, path)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", die_while_writing)
        search(parts, tmp_path / "s", penalised())
    table, _ = search(parts, tmp_path / "s", penalised())
    assert table["status"].tolist() == ["completed"] * 3


def test_a_search_goes_on_with_other_threads_but_not_with_another_batch(parts):
    train, tune = parts
    candidate = Candidate("model", "baseline", penalised())

    def name(search, train=train):
        return search_fingerprint(search, "a", candidate, Development(train, tune))

    known = name(terms())
    faster = terms(budget=Budget(4, 4, threads=8, in_memory_mb=9))
    assert name(faster) == known
    longer = terms(budget=Budget(5, 4))
    assert name(longer) != known
    other = train.subset(np.arange(len(train)))
    other.examples["batch"] = other.examples["batch"][::-1].to_numpy()
    assert name(terms(), other) != known


def test_another_search_is_not_taken_for_this_one(parts, tmp_path):
    def name(space=None, library="a", train=parts[0], **changes):
        candidate = Candidate("model", "baseline", penalised(), space or {})
        parts_named = Development(train, parts[1])
        return search_fingerprint(terms(**changes), library, candidate, parts_named)

    other_labels = parts[0].subset(np.arange(len(parts[0])))
    other_labels.examples["label"] = other_labels.examples["label"][::-1].to_numpy()
    names = [
        name(),
        name(trials=4),
        name(library="b"),
        name(space={"C": 1}),
        name(train=other_labels),
        name(train=parts[0].subset(np.arange(100))),
    ]
    assert len(set(names)) == len(names)
    assert name() == names[0]


def test_a_share_of_train_keeps_the_classes(parts):
    part = stratified_share(parts[0], 0.1, seed=0)
    assert len(part) == 15
    assert set(np.bincount(part.labels)) <= {7, 8}


def test_running_out_of_memory_is_told_from_a_mistake(parts):
    def out_of_memory(penalty):
        raise MemoryError("no room")

    hp = SimpleNamespace(Float=lambda *_, **__: 1.0)
    candidate = Candidate("model", "baseline", penalised(out_of_memory))
    with pytest.raises(FitFailed, match="no room"):
        fit(candidate, hp, Development(*parts), 1, Budget(1, 1))
