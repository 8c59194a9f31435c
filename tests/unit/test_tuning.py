"""The search: the same for every kind of model, resumable, honest about failures."""

import json
import logging
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from network_fits import SMALL_MLP
from partitions import make_partition, with_dataset, with_other_settings
from scipy.optimize import minimize
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from deeprules.data import Development
from deeprules.errors import InputError
from deeprules.files import write_json
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import FitFailed, fit, stratified_share
from deeprules.fit.models import find_module
from deeprules.tune.search import Search, trial_fingerprint
from deeprules.tune.tuning import search_model

CHOSEN = ("loss", "learning_rate")
ONE_ARCHITECTURE = {key: value for key, value in SMALL_MLP.items() if key not in CHOSEN}
ONE_ARCHITECTURE["batch_size"] = 256
"""A space of `mlp` with a step an epoch: the learning rate is chosen."""


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """One step towards the optimum of a Gaussian process; all of them take seconds."""
    monkeypatch.setattr("scipy.optimize.minimize", partial(minimize, options={"maxiter": 1}))


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


@pytest.mark.usefixtures("uncompiled_fits")
@pytest.mark.parametrize("strategy", ["random", "hyperband"])
def test_networks_and_baselines_get_the_same_trials_and_table(parts, tmp_path, strategy):
    settings = {"strategy": strategy, "budget": Budget(3, 3)}
    tables = {}
    for kind, name, space in (
        ("network", "mlp", ONE_ARCHITECTURE),
        ("baseline", "logistic_regression", {}),
    ):
        module = find_module(kind, name)
        tables[kind], _ = search(parts, tmp_path / kind, module, kind, space, **settings)
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
    module = find_module("baseline", "logistic_regression")
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
def test_a_search_killed_at_any_trial_ends_as_if_it_had_not_been(
    parts, tmp_path, monkeypatch, strategy
):
    """The Gaussian process of `bayesian` comes into play after the third trial."""
    settings = {"strategy": strategy, "trials": 5, "budget": Budget(3, 3)}
    whole, _ = search(parts, tmp_path / "whole", penalised(), **settings)
    written = []

    def write_until_killed(path, content):
        if len(written) == lives:
            raise KeyboardInterrupt
        written.append(path)
        write_json(path, content)

    monkeypatch.setattr("deeprules.tune.trials.write_json", write_until_killed)
    for lives in (0, 2, 4):
        with pytest.raises(KeyboardInterrupt):
            search(parts, tmp_path / str(lives), penalised(), **settings)
        folder, lives = tmp_path / str(lives), len(whole) + 1
        table, _ = search(parts, folder, penalised(), **settings)
        assert len(set(written)) == len(written) == len(whole)
        written.clear()
        pd.testing.assert_frame_equal(table.drop(columns="seconds"), whole.drop(columns="seconds"))


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"values": {"C": 2.0}}'])
def test_a_trial_whose_file_is_damaged_is_run_again(parts, tmp_path, caplog, content):
    first, _ = search(parts, tmp_path / "s", penalised())
    damaged = next((tmp_path / "s").glob("*.json"))
    damaged.write_text(content)
    fits = []
    second, _ = search(parts, tmp_path / "s", penalised(fits.append))
    assert len(set(fits)) == 1 and "is run again" in caplog.text and str(damaged) in caplog.text
    assert second["score"].equals(first["score"])


def test_a_longer_search_of_another_strategy_or_space_keeps_what_has_ended(parts, tmp_path):
    first, _ = search(parts, tmp_path / "s", penalised())
    for changes, new in (
        ({"trials": 5}, 2),
        ({"trials": 5, "strategy": "bayesian"}, 2),
        ({"trials": 3, "space": {"C": [0.001, 2.0]}}, 1),
        ({"trials": 5}, 0),
    ):
        fits = []
        table, _ = search(parts, tmp_path / "s", penalised(fits.append), **changes)
        assert len(set(fits)) == new
    assert table["score"][:3].equals(first["score"])


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


@pytest.mark.usefixtures("uncompiled_fits")
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

    with pytest.raises(TypeError, match="a mistake"):
        search(parts, tmp_path / "s", penalised(broken))


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


def test_a_trial_is_known_again_by_all_that_it_depends_on(parts):
    train, tune = parts
    candidate = Candidate("model", "baseline", penalised())

    def name(code="a", train=train, **changes):
        return trial_fingerprint(terms(**changes), code, candidate, Development(train, tune))

    other_batch, other_labels = (train.subset(np.arange(len(train))) for _ in range(2))
    other_batch.examples["batch"] = other_batch.examples["batch"][::-1].to_numpy()
    other_labels.examples["label"] = other_labels.examples["label"][::-1].to_numpy()
    names = [
        name(),
        name(code="b"),
        name(seed=6),
        name(objective="auroc"),
        name(budget=Budget(5, 4)),
        *(name(train=part) for part in (other_batch, other_labels, train.subset(np.arange(99)))),
        *(name(train=part) for part in with_other_settings(train)),
    ]
    assert len(set(names)) == len(names)
    elsewhere = Budget(4, 4, threads=8, in_memory_mb=9)
    assert name(trials=9, strategy="grid", workers=4, budget=elsewhere) == names[0]
    assert name(train=with_dataset(train, subgroups={"sex": "sex"}, has_group=True)) == names[0]


def test_a_share_of_train_keeps_the_classes(parts):
    part = stratified_share(parts[0], 0.1, seed=0)
    assert len(part) == 15
    assert set(np.bincount(part.labels)) <= {7, 8}


def test_a_share_of_train_loses_no_rare_class(tmp_path):
    train = make_partition(tmp_path, 400, "tabular", "multiclass")
    for rare in range(3):
        labels = np.full(400, (rare + 1) % 3)
        labels[:200], labels[-4:] = (rare + 2) % 3, rare
        part = train.subset(np.arange(400))
        part.examples["label"] = np.array(train.dataset.classes)[labels]
        for share in (1e-9, 0.01, 0.1):
            found = stratified_share(part, share, seed=0)
            assert np.bincount(found.labels, minlength=3).min() == 3
            assert found.examples["id"].is_unique and len(found) <= max(9, share * 400 + 3)


def test_a_baseline_is_fitted_to_as_many_sequences_as_fit_into_memory(tmp_path, monkeypatch):
    train, tune = (make_partition(tmp_path / name, 100) for name in ("train", "tune"))
    parts, budget = Development(train, tune), Budget(1, 1)

    def fitted_on(module, most, share=1.0):
        monkeypatch.setattr("deeprules.fit.fitting.MAX_LETTERS", most * 60)
        fitted = fit(Candidate("m", "baseline", module), SimpleNamespace(), parts, 1, budget, share)
        assert fitted.model.estimator[-1].n_seen_ == fitted.settings["fitted_on"]
        return fitted.settings["fitted_on"]

    ready = FunctionTransformer(lambda codes: codes)
    plain = SimpleNamespace(build=lambda hp, train: make_pipeline(ready, Counting()))
    assert fitted_on(plain, 100) == 100
    assert fitted_on(plain, 40) == 40
    assert fitted_on(plain, 40, share=0.5) == 20
    assert fitted_on(SimpleNamespace(build=plain.build, MAX_SEQUENCES=30), 40) == 30


class Counting(DummyClassifier):
    """Counts what it is fitted to."""

    def fit(self, codes, labels):
        self.n_seen_ = len(codes)
        return super().fit(codes, labels)


def test_running_out_of_memory_is_told_from_a_mistake(parts):
    def out_of_memory(penalty):
        raise MemoryError("no room")

    hp = SimpleNamespace(Float=lambda *_, **__: 1.0)
    candidate = Candidate("model", "baseline", penalised(out_of_memory))
    with pytest.raises(FitFailed, match="no room"):
        fit(candidate, hp, Development(*parts), 1, Budget(1, 1))
