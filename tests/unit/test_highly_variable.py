"""Highly variable features, learnt from train alone."""

from dataclasses import replace
from pathlib import Path

import keras_tuner
import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset

from deeprules.data import Development, Partition
from deeprules.feature_store import SparseRows
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.highly_variable import HighlyVariable, highly_variable_steps, variability
from deeprules.fit.models import find_module, load_model
from deeprules.folders import modules_in

FORMS = [np.asarray, SparseRows]
BASELINES_OF_TABLES = [
    name
    for name, module in modules_in("deeprules.baselines").items()
    if hasattr(module, "feature_steps") and "binary" in module.TASKS
]


def counts(n=120, width=80, seed=0):
    """Counts with means of many sizes; the last three features vary more than others like them."""
    random = np.random.default_rng(seed)
    mean = np.geomspace(0.2, 20, width)
    spread = np.where(np.arange(width) >= width - 3, 1.5, 0.1)
    levels = mean * np.exp(spread * random.normal(size=(n, width)) - spread**2 / 2)
    return random.poisson(levels).astype(np.float32)


def by_hand(values):
    """The formula, feature by feature."""
    mean, dispersion = values.mean(axis=0), values.var(axis=0, ddof=1) / values.mean(axis=0)
    heights, logarithms = np.log1p(mean), np.log(dispersion)
    low, high = heights.min(), heights.max()
    bins = np.ceil((heights - low) / (high - low) * 20).clip(1)
    found = []
    for one in range(len(mean)):
        others = logarithms[bins == bins[one]]
        if len(others) == 1:
            found.append(1.0)
        else:
            found.append((logarithms[one] - others.mean()) / others.std(ddof=1))
    return np.array(found)


@pytest.mark.parametrize("form", FORMS)
def test_the_score_by_hand(form):
    values = counts().astype(np.float64)
    assert np.allclose(variability(form(values), "none"), by_hand(values), atol=1e-8)
    logarithms = np.log1p(values)
    assert np.allclose(variability(form(logarithms), "log1p"), by_hand(values), atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_other_numbers_are_compared_by_their_variance(form):
    values = counts()
    assert np.allclose(variability(form(values), "rank"), values.var(axis=0, ddof=1), rtol=1e-5)
    shifted = values - 1
    assert np.allclose(variability(form(shifted), "none"), values.var(axis=0, ddof=1), rtol=1e-5)


def test_missing_values_play_no_part_and_constants_come_last():
    values = counts().astype(np.float64)
    values[:, 5] = 0
    missing = np.vstack([values, np.full((7, values.shape[1]), np.nan)])
    assert np.allclose(variability(missing, "none"), variability(values, "none"))
    assert variability(values, "none")[5] == -np.inf
    assert 5 not in HighlyVariable(79).fit(values).places_


def part(values, wanted=3):
    dataset = make_dataset("tabular", n_features=values.shape[1], has_batch=False, covariates=())
    found = Partition(Path("."), replace(dataset, highly_variable=wanted))
    labels = values[:, -1] > 8
    found.features = values
    found.examples = pd.DataFrame(
        {"id": range(len(labels)), "label": np.where(labels, "yes", "no")}
    )
    return found


def fitted(kind, name, development):
    candidate = Candidate(name, kind, find_module(kind, name))
    budget = Budget(threads=1, max_epochs=2, patience=2, in_memory_mb=4000)
    return fit(candidate, keras_tuner.HyperParameters(), development, 1, budget).model


@pytest.mark.parametrize("form", FORMS)
def test_a_pipeline_learns_them_from_train_alone(form):
    train, tune = part(counts()), part(counts(seed=1))
    wild = tune.features.copy()
    wild[:, 0] = np.arange(len(wild)) ** 2
    train.features, tune.features = form(train.features), form(wild)
    model = fitted("baseline", "logistic_regression", Development(train, tune))
    places = model.estimator[0].places_
    assert (places == np.sort(np.argsort(-by_hand(counts()))[:3])).all()
    joined = np.vstack([counts(), wild])
    assert (places != HighlyVariable(3).fit(joined).places_).any()
    assert model.predict(tune.features, tune.examples).shape == (120, 2)


@pytest.mark.parametrize("given", ["whole", "missing", "sparse"])
@pytest.mark.parametrize("name", BASELINES_OF_TABLES)
def test_no_step_changes_what_it_is_given(name, given, monkeypatch):
    """What a step returns is the next one's to read: it may be the rows that all labels share."""
    transform = HighlyVariable.transform

    def read_only(features):
        numbers = features.data if given == "sparse" else features
        numbers.flags.writeable = False
        return features

    train, tune = part(counts(), wanted=9), part(counts(seed=1), wanted=9)
    if given == "missing":
        train.features[::7, ::3] = tune.features[::5, ::2] = np.nan
    for one in (train, tune):
        one.features = read_only(SparseRows(one.features) if given == "sparse" else one.features)
    # Its rows are stored column by column, so that columns are as easily changed as rows.
    monkeypatch.setattr(HighlyVariable, "transform", lambda *some: read_only(transform(*some)))
    model = fitted("baseline", name, Development(train, tune))
    assert model.predict(tune.features, tune.examples).shape == (120, 2)


@pytest.mark.usefixtures("uncompiled_fits")
@pytest.mark.parametrize("form", FORMS)
def test_a_network_takes_all_and_reads_those_alone(form, tmp_path):
    train, tune = part(counts()), part(counts(seed=1))
    train.features = form(train.features)
    model = fitted("network", "mlp", Development(train, tune))
    expected = model.predict(tune.features)
    places = HighlyVariable(3).fit(counts()).places_
    changed = np.full_like(tune.features, 99)
    changed[:, places] = tune.features[:, places]
    assert np.allclose(model.predict(changed), expected)
    changed[:, places[0]] += 5
    assert not np.allclose(model.predict(changed), expected)
    model.save(tmp_path / "model.keras")
    assert np.allclose(load_model(tmp_path / "model.keras").predict(tune.features), expected)


def test_none_are_left_out_where_none_or_all_are_asked_for():
    assert highly_variable_steps(make_dataset("tabular", n_features=80)) == []
    assert highly_variable_steps(part(counts(), wanted=80).dataset) == []
