"""Shares of train that are nested, stratified and group-whole, and curves of a known shape."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset, make_partition, with_other_settings
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from deeprules.control import Terms
from deeprules.controls.learning_curve import cost, curve_fingerprint, run, summarise
from deeprules.data import Development, Partition
from deeprules.errors import InputError
from deeprules.fit import chosen_model
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitting import FitFailed
from deeprules.fit.prediction_tables import prediction_table
from deeprules.pretrained.pretrained import Pretrained
from deeprules.seeds import derived_seed
from deeprules.split.nested_shares import MIN_OF_A_CLASS, nested_shares
from deeprules.statistics.metrics import scores

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
BUDGET = Budget(max_epochs=2, patience=1)
BEST = {"model": "line", "module": "line", "kind": "baseline", "hyperparameters": {}}
LINE = SimpleNamespace(build=lambda hp, train: LogisticRegression(C=0.1))


def part_of(labels, groups=None, task="binary") -> Partition:
    """A partition that has labels, and maybe groups, alone."""
    classes = tuple(np.unique(labels)) if task != "regression" else ()
    facts = {"classes": classes, "covariates": (), "has_batch": False}
    dataset = make_dataset("tabular", task, 1, **facts, has_group=groups is not None)
    part = Partition("nowhere", dataset)
    part.examples = pd.DataFrame({"id": np.arange(len(labels)), "label": labels})
    if groups is not None:
        part.examples["group"] = groups
    part.features = np.zeros((len(labels), 1))
    return part


def share_of(labels, rows, name):
    return np.mean(labels[rows] == name)


# Shares


def test_shares_are_nested_and_of_the_wanted_size():
    labels = np.array(["no", "yes"])[np.arange(1000) % 2]
    found = nested_shares(part_of(labels), SHARES, seed=1)
    assert [share.share for share in found] == list(SHARES)
    assert [len(share.rows) for share in found] == [100, 200, 400, 700, 1000]
    for small, large in itertools.pairwise(found):
        assert set(small.rows) < set(large.rows)
    assert not any(share.is_raised for share in found)


def test_shares_keep_the_proportion_of_the_classes():
    labels = np.repeat(["a", "b", "c"], [700, 250, 50])
    for share in nested_shares(part_of(labels), SHARES, seed=2):
        for name, whole in {"a": 0.7, "b": 0.25, "c": 0.05}.items():
            assert share_of(labels, share.rows, name) == pytest.approx(whole, abs=0.011)


def test_shares_of_values_cover_their_range():
    values = np.random.default_rng(0).normal(size=2000)
    smallest = nested_shares(part_of(values, task="regression"), SHARES, seed=3)[0]
    drawn = values[smallest.rows]
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx([-1.28, 0, 1.28], abs=0.15)


def test_groups_are_never_split():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(120), random.integers(1, 20, 120)).astype(str)
    labels = np.array(["no", "yes"])[(groups.astype(int) % 3 == 0).astype(int)]
    found = nested_shares(part_of(labels, groups), SHARES, seed=4)
    for share in found:
        rest = np.setdiff1d(np.arange(len(groups)), share.rows)
        assert not set(groups[share.rows]) & set(groups[rest])
        assert len(share.rows) == pytest.approx(share.share * len(groups), abs=15)
        assert share_of(labels, share.rows, "yes") == pytest.approx(
            share_of(labels, slice(None), "yes"), abs=0.08
        )
    assert all(set(small.rows) < set(large.rows) for small, large in itertools.pairwise(found))


def test_seeds_draw_other_examples_and_one_seed_the_same():
    labels = np.array(["no", "yes"])[np.arange(400) % 2]
    first, again, other = (
        nested_shares(part_of(labels), SHARES, seed)[0].rows for seed in (1, 1, 2)
    )
    assert list(first) == list(again)
    assert len(set(first) & set(other)) < 20


def test_a_share_that_would_leave_a_class_out_is_raised():
    labels = np.repeat(["common", "rare"], [990, 10])
    found = nested_shares(part_of(labels), (0.01, 0.02, 0.6, 1.0), seed=5)
    assert [share.share for share in found] == [0.01, 0.6, 1.0]  # the first two became one
    assert [share.is_raised for share in found] == [True, False, False]
    assert np.sum(labels[found[0].rows] == "rare") == MIN_OF_A_CLASS
    assert len(found[0].rows) < 510


def test_a_class_smaller_than_the_least_is_all_in_the_smallest_share():
    labels = np.repeat(["common", "rare"], [97, 3])
    found = nested_shares(part_of(labels), SHARES, seed=6)
    assert all(np.sum(labels[share.rows] == "rare") == 3 for share in found)


# Measuring


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Rows of a matrix of which 3 in 60 columns say a little."""
    folder = tmp_path_factory.mktemp("parts")
    made = []
    for name, n, seed in (("train", 600, 0), ("tune", 400, 1)):
        part = make_partition(folder / name, n, "tabular", seed=seed)
        random = np.random.default_rng(seed)
        part.features = (part.features + random.normal(0, 2, part.features.shape)) / 3
        made.append(part)
    return made


def candidate(module, needed=None):
    return Candidate("line", "baseline", module, needed=needed)


def measure(parts, folder, module=LINE, shares=SHARES, seeds=2, final=()):
    settings, files = {"shares": shares, "seeds": seeds}, {"fit_predictions": final}
    terms = Terms(settings, 1, "auroc", 0, repeats=seeds, files=files, folder=folder)
    return run(ChosenModel(candidate(module), BEST, BUDGET), Development(*parts), terms)


def summarised(table, parts, replicates=300, minimum_gain=0.02):
    terms = Terms({}, 1, "auroc", replicates, minimum_gain=minimum_gain)
    return summarise(table, Development(*parts), terms)


def test_a_model_that_learns_from_more_data_rises(parts, tmp_path):
    predictions = measure(parts, tmp_path, seeds=3)
    assert len(predictions) == 3 * 5 * 400
    table, summary = summarised(predictions, parts)
    rows = table[table["metric"] == "auroc"]
    assert list(rows["n"]) == [60, 120, 240, 420, 600]
    assert (rows["lower"] < rows["score"]).all() and (rows["score"] < rows["upper"]).all()
    found = [
        (share, scores("binary", parts[1].labels, fit[["p_no", "p_yes"]].to_numpy())["auroc"])
        for (share, _), fit in predictions.groupby(["share", "seed"])
    ]
    means = pd.DataFrame(found, columns=["share", "score"]).groupby("share")["score"].mean()
    assert list(rows["score"]) == pytest.approx(list(means))
    (record,) = summary["models"]
    assert record["rise"]["lower"] > 0
    assert record["doubling"]["value"] > 0
    assert summary["overtaking"] is None and summary["notes"] == []
    assert "with 60 training examples" in record["sentence"]


def test_a_model_that_learns_nothing_is_flat(parts, tmp_path):
    dummy = SimpleNamespace(build=lambda hp, train: DummyClassifier())
    _, summary = summarised(measure(parts, tmp_path, dummy), parts)
    assert "would add little" in summary["models"][0]["sentence"]


def test_all_of_train_is_always_among_the_sizes(parts, tmp_path):
    table, summary = summarised(measure(parts, tmp_path, shares=(0.1, 0.2, 0.4)), parts)
    assert sorted(table["n"].unique()) == [60, 120, 240, 600]
    (record,) = summary["models"]
    assert record["largest"] == 600 and record["power_law"]
    terms = Terms({"shares": (0.5,), "seeds": 4}, 1, "auroc", 0)
    frozen = {"models": {"line": {"seeds": [1]}}}
    assert cost(None, replace(terms, frozen=frozen)).fits == pytest.approx(0.65 + 3 / 4)


def test_a_share_of_the_error_is_of_what_the_model_itself_lacks(parts, tmp_path):
    table, summary = summarised(measure(parts, tmp_path), parts, 50, {"share_of_error": 0.2})
    full = table[table["metric"] == "auroc"]["score"].iloc[-1]
    assert summary["models"][0]["minimum_gain"] == pytest.approx(0.2 * (1 - full))


def test_a_stopped_measurement_loses_at_most_one_fit(parts, tmp_path):
    fitted = []

    def build(hp, train):
        if len(fitted) == 3:
            raise KeyboardInterrupt
        fitted.append(len(train))
        return LogisticRegression(C=0.1)

    with pytest.raises(KeyboardInterrupt):
        measure(parts, tmp_path, SimpleNamespace(build=build))
    assert fitted == [60, 120, 240]
    assert len(list(tmp_path.rglob("share*.parquet"))) == 3
    resumed = measure(parts, tmp_path)
    fresh = measure(parts, tmp_path / "fresh")
    pd.testing.assert_frame_equal(resumed, fresh)


def test_a_finished_measurement_fits_nothing_and_a_longer_one_the_rest(parts, tmp_path):
    measure(parts, tmp_path)
    again = SimpleNamespace(build=lambda *_: pytest.fail("fitted again"))
    measure(parts, tmp_path, again)
    fitted = []
    counted = SimpleNamespace(
        build=lambda hp, train: fitted.append(len(train)) or LogisticRegression(C=0.1)
    )
    found = measure(parts, tmp_path, counted, shares=(*SHARES, 0.5), seeds=2)
    assert fitted == [300, 300]
    assert sorted(found["share"].unique()) == sorted((*SHARES, 0.5))


def test_on_all_of_train_the_final_fits_are_taken(parts, tmp_path):
    chosen = ChosenModel(candidate(LINE), BEST, BUDGET)
    final = [tmp_path / f"final{k}.parquet" for k in (1, 2)]
    for k, path in enumerate(final, start=1):
        fitted = chosen.fit(Development(*parts), derived_seed(1, k))
        tables = []
        for name, part in zip(("train", "tune"), parts, strict=True):
            table = prediction_table(part, fitted.model.predict(part.features, part.examples))
            tables.append(table.assign(partition=name))
        pd.concat(tables).to_parquet(path)
    fitted = []
    counted = SimpleNamespace(
        build=lambda hp, train: fitted.append(len(train)) or LogisticRegression(C=0.1)
    )
    found = measure(parts, tmp_path / "taken", counted, seeds=3, final=final)
    assert fitted.count(600) == 1 and fitted.count(60) == 3
    pd.testing.assert_frame_equal(found, measure(parts, tmp_path / "fresh", counted, seeds=3))
    frozen = {"models": {"line": {"seeds": [1, 2]}}}
    planned = cost(None, Terms({"shares": SHARES, "seeds": 3}, 1, "auroc", 0, frozen=frozen))
    shares = sum(0.3 + 0.7 * share for share in SHARES if share < 1)
    assert planned.repeats == 3 and planned.fits == pytest.approx(shares + 1 / 3)


def test_a_fit_without_a_model_says_what_to_leave_out(parts, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise FitFailed("the loss was not finite in epoch 1")

    monkeypatch.setattr(chosen_model, "fit", fail)
    with pytest.raises(InputError, match=r"line could not be fitted on share 0.1.*not finite"):
        measure(parts, tmp_path)


def test_the_fingerprint_knows_what_scores_depend_on(parts):
    train, tune = parts

    def name(best=BEST, code="a", seed=1, budget=BUDGET, train=train):
        return curve_fingerprint(
            ChosenModel(candidate(LINE), best, budget), code, seed, train, tune
        )

    same = name(budget=Budget(2, 1, threads=8, in_memory_mb=1))
    others = {
        name(best=BEST | {"hyperparameters": {"C": 2.0}}),
        name(code="b"),
        name(seed=2),
        name(budget=Budget(3, 1)),
        name(train=train.subset(np.arange(599))),
        *(name(train=part) for part in with_other_settings(train)),
    }
    assert same == name() and name() not in others and len(others) == 8


def test_a_pretrained_model_is_part_of_the_fingerprint(parts, tmp_path):
    def name(sha):
        contract = {"folder_sha256": sha, "layer": "dense", "input": {}, "lengths": "crop"}
        needed = Pretrained("zoo", tmp_path, contract)
        return curve_fingerprint(ChosenModel(candidate(LINE, needed), BEST, BUDGET), "a", 1, *parts)

    chosen = ChosenModel(candidate(LINE), BEST, BUDGET)
    assert len({name("1"), name("2"), curve_fingerprint(chosen, "a", 1, *parts)}) == 3


# Several models


def test_models_are_compared_where_they_cross(parts):
    """Predictions drawn so that the network's AUROC rises from below the baseline's to above it."""
    tune = parts[1]
    random = np.random.default_rng(0)

    def predictions(model, kind, skill):
        tables = []
        for share in SHARES:
            for seed in (1, 2, 3):
                hint = skill(share) * (2 * tune.labels - 1) + random.normal(size=len(tune))
                p = 1 / (1 + np.exp(-hint))
                facts = {"share": share, "n": int(1000 * share), "raised": share == 0.1}
                facts |= {"model": model, "kind": kind}
                fit = pd.DataFrame({"id": tune.examples["id"], "p_no": 1 - p, "p_yes": p})
                tables.append(fit.assign(seed=seed, **facts))
        return pd.concat(tables)

    skills = {"cnn": lambda s: 1.2 - 0.3 * s**-0.5, "forest": lambda s: 0.7, "worse": lambda s: 0.2}
    kinds = {"cnn": "network", "forest": "baseline", "worse": "baseline"}
    drawn = [predictions(name, kinds[name], skill) for name, skill in skills.items()]
    table, summary = summarised(pd.concat(drawn, ignore_index=True), parts, 400)
    crossing = summary["overtaking"]
    assert (crossing["network"], crossing["baseline"]) == ("cnn", "forest")
    assert crossing["lower"] <= 1000 * (0.3 / 0.5) ** 2 <= crossing["upper"]
    assert "`cnn` overtakes `forest` at about" in crossing["sentence"]
    assert len(summary["notes"]) == 1 and "raised to 100" in summary["notes"][0]
    assert set(table["kind"]) == {"network", "baseline"}
    assert [record["model"] for record in summary["models"]] == list(skills)
