"""Slices: known members, a calibrated family of tests, a bad batch that is named."""

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset, make_partition
from sklearn.metrics import average_precision_score

from deeprules.data import Partition
from deeprules.encoding import encode
from deeprules.evaluate.slice_scores import COLUMNS, Scored, slice_table
from deeprules.evaluate.slice_summary import summarise_slices
from deeprules.evaluate.slices import (
    MAX_LEVELS,
    OTHERS,
    QUARTERS,
    UNKNOWN,
    Slice,
    confidence_slices,
    data_slices,
)
from deeprules.statistics import random_slices
from deeprules.statistics.metrics import scores
from deeprules.statistics.random_slices import design_effect, p_value

KINDS = {"cnn": "network"}
SIMILARITY = {"measure": "shared 8-mers", "n_train": 100, "n_looked_at": 100}


def partition(tmp_path, sequences, **columns) -> Partition:
    """Sequences of one length with columns of the table of examples."""
    columns = {"label": ["no", "yes"] * (len(sequences) // 2)} | columns
    facts = {"covariates": tuple(set(columns) - {"label", "batch", "group"})}
    facts |= {"has_batch": "batch" in columns, "has_group": "group" in columns}
    part = Partition(tmp_path, make_dataset(n_features=len(sequences[0]), **facts))
    part.examples = pd.DataFrame(columns)
    width = max(map(len, sequences))
    part.features = np.array([np.pad(one, (0, width - len(one))) for one in encode(sequences)])
    return part


def by_column(slices) -> dict[str, dict[str, list[int]]]:
    found = {}
    for one in slices:
        found.setdefault(one.column, {})[one.name] = np.flatnonzero(one.member).tolist()
    return found


def predict(labels, random, noise=1.0, shift=0.0):
    """Probabilities (N, 2) of a model with some skill."""
    x = 2 * labels - 1 + noise * random.normal(size=len(labels)) + shift
    positive = 1 / (1 + np.exp(-2 * x))
    return np.column_stack([1 - positive, positive])


def random_columns(n, random, columns=5):
    """Slices by columns that have nothing to do with the predictions."""
    found = []
    for column in range(columns):
        levels = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
        for one in np.unique(levels):
            found.append(Slice("covariate", f"c{column}", str(one), levels == one))
    return found


def scored(labels, predictions, groups=None, objective="auprc", task="binary"):
    return Scored(task, labels, groups, {"cnn": predictions}, objective)


def table_of(data, slices, seed=1):
    return slice_table("test", data, KINDS, {"cnn": slices}, 50, seed)


# Who is in a slice


def test_every_example_is_in_one_slice_of_each_column(tmp_path):
    random = np.random.default_rng(0)
    letters = ["".join(row) for row in random.choice(list("ACGT"), (80, 30))]
    letters[0] = letters[0][:12]
    part = partition(
        tmp_path,
        letters,
        batch=["b1", "b2"] * 40,
        group=["big"] * 30 + [f"g{index // 5}" for index in range(50)],
        site=["Oslo", None, "Basel", "Basel"] * 20,
        age=np.arange(80.0),
        dose=[0.0, 2.5] * 40,
    )
    slices = data_slices(part, random.random(80))
    found = by_column(slices)
    assert set(found) == {
        "class", "batch", "group size", "site", "age", "dose", "GC content", "length",
        "similarity to train",
    }  # fmt: skip
    for members in found.values():
        assert sorted(row for rows in members.values() for row in rows) == list(range(80))
    assert list(found["site"]) == ["Basel", "Oslo", UNKNOWN]
    assert found["age"]["lowest quarter, 0 to 19"] == list(range(20))
    assert found["dose"]["2.5"] == list(range(1, 80, 2))
    assert found["group size"] == {"5": list(range(30, 80)), "30": list(range(30))}
    assert found["length"]["12"] == [0]


def test_a_column_with_one_value_has_no_slices_and_rare_values_stand_together(tmp_path):
    levels = [f"s{index % 30:02}" for index in range(300)] + ["common"] * 100
    part = partition(tmp_path, ["ACGT"] * 400, donor=levels, same=["x"] * 400)
    found = by_column(data_slices(part, np.ones(400)))
    assert set(found) == {"class", "donor"}
    assert len(found["donor"]) == MAX_LEVELS + 1
    assert len(found["donor"]["common"]) == 100 and OTHERS in found["donor"]


def test_numbers_of_many_digits_are_told_apart(tmp_path):
    days = [20230101.0, 20230102.0, np.nan, 20230102.5] * 20
    part = partition(tmp_path, ["ACGT"] * 80, day=days, dose=[0.1, 1 / 3] * 40)
    found = by_column(data_slices(part, np.ones(80)))
    assert list(found["day"]) == ["20230101", "20230102", "20230102.5", UNKNOWN]
    assert found["day"]["20230102"] == list(range(1, 80, 4))
    assert list(found["dose"]) == ["0.1", "0.333333"]


# What stands in the table


def test_scores_are_those_of_the_slice_and_of_the_rest_at_its_class_shares():
    random = np.random.default_rng(1)
    labels = (random.random(600) < 0.3).astype(int)
    member = random.random(600) < np.where(labels == 1, 0.2, 0.5)
    predictions = predict(labels, random)
    slices = [Slice("batch", "batch", "b", member)]
    (row,) = table_of(scored(labels, predictions), slices).itertuples()
    found = scores("binary", labels[member], predictions[member])
    assert row.score == pytest.approx(found["auprc"])
    assert row.lower < row.score < row.upper
    outside = ~member
    n_no, n_yes = np.bincount(labels[outside])
    share = labels[member].mean()
    weights = np.where(labels == 1, share / n_yes, (1 - share) / n_no)[outside]
    expected = average_precision_score(
        labels[outside], predictions[outside, 1], sample_weight=weights
    )
    assert row.rest == pytest.approx(expected)
    assert row.difference == pytest.approx(row.score - row.rest)
    assert row.n == row.n_units == member.sum()
    assert (row.metric, row.by) == ("auprc", "batch")


def test_a_slice_of_one_class_is_scored_by_accuracy_and_a_class_by_recall():
    random = np.random.default_rng(2)
    labels = np.arange(400) % 2
    predictions = predict(labels, random)
    slices = [
        Slice("class", "class", "yes", labels == 1),
        Slice("batch", "batch", "b", (labels == 1) & (np.arange(400) < 200)),
        Slice("batch", "batch", "all of one class", labels == 0),
    ]
    table = table_of(scored(labels, predictions), slices)
    right = predictions.argmax(axis=1) == labels
    assert table["metric"].tolist() == ["recall", "accuracy", "accuracy"]
    assert table["score"].tolist() == pytest.approx([right[one.member].mean() for one in slices])
    assert table["rest"][1] == pytest.approx(right[(labels == 1) & ~slices[1].member].mean())
    assert np.isnan(table["rest"][2]) and np.isnan(table["p_value"][2])


@pytest.mark.parametrize("groups", [None, np.arange(300) // 75])
def test_a_slice_too_small_is_scored_but_not_tested(groups):
    labels = np.arange(300) % 2
    predictions = predict(labels, np.random.default_rng(3))
    member = np.arange(300) < (15 if groups is None else 150)
    (row,) = table_of(
        scored(labels, predictions, groups), [Slice("batch", "batch", "b", member)]
    ).itertuples()
    assert row.too_small and np.isnan(row.p_value) and np.isnan(row.adjusted)
    assert 0 < row.score <= 1


def test_slices_by_confidence_are_scored_but_not_tested():
    labels = np.arange(400) % 2
    predictions = predict(labels, np.random.default_rng(4))
    table = table_of(scored(labels, predictions), confidence_slices(predictions))
    assert len(table) == 4 and list(table) == COLUMNS
    assert table["p_value"].isna().all()
    assert table["score"].iloc[0] < table["score"].iloc[-1]


def test_values_are_compared_within_quarters_of_the_label():
    random = np.random.default_rng(5)
    labels = random.normal(size=400)
    predictions = labels + random.normal(size=400)
    member = np.abs(labels) < 0.4
    slices = [Slice("covariate", "c", "narrow", member)]
    slices += [Slice("covariate", "c", "noisy", np.arange(400) < 100)]
    noisy = predictions.copy()
    noisy[:100] += 2 * random.normal(size=100)
    table = table_of(scored(labels, noisy, objective="r2", task="regression"), slices)
    assert table["metric"].eq("r2").all()
    assert table["adjusted"][1] < 0.01 and table["difference"][1] < -0.2


def test_a_regression_is_scored_in_quarters_of_its_measured_values(tmp_path):
    random = np.random.default_rng(6)
    part = make_partition(tmp_path / "values", 400, "tabular", "regression")
    values = random.permutation(np.arange(400.0))
    slices = data_slices(part.with_labels(values), random.random(400))
    by_value = [one for one in slices if one.kind == "value"]
    assert [len(rows) for rows in by_column(by_value).values()] == [4, 4, 4]
    # Good in the highest quarter; in the lowest every prediction is its mean and some noise.
    predictions = values + random.normal(size=400)
    low = values < 100
    predictions[low] = 49.5 + random.normal(size=low.sum())
    table = table_of(scored(values, predictions, objective="r2", task="regression"), by_value)
    assert set(table["metric"]) == {"r2", "pearson", "spearman"}
    assert table["p_value"].isna().all() and np.isfinite(table["rest"]).all()
    lowest, highest = (table[table["slice"].str.startswith(name)] for name in QUARTERS[::3])
    assert (highest["score"] > 0.99).all() and (lowest["score"].abs() < 0.3).all()
    for row in table.itertuples():
        inside = by_value[row.Index].member
        found = scores("regression", values[inside], predictions[inside])
        assert row.score == pytest.approx(found[row.metric])


# The test


def family_wise_error(runs, groups=None, ignored=False):
    """Share of null data sets of 160 examples in which any slice is told to be different."""
    hits, n = 0, 160
    for run in range(runs):
        random = np.random.default_rng([run, 1])
        labels, shift = np.arange(n) % 2, 0.0
        slices = random_columns(n, random, 3)
        if groups is not None:
            labels, shift = groups % 2, random.normal(size=groups.max() + 1)[groups]
            slices = random_columns(groups.max() + 1, random, 3)
            slices = [Slice(s.kind, s.column, s.name, s.member[groups]) for s in slices]
        data = scored(labels, predict(labels, random, shift=shift), None if ignored else groups)
        table = slice_table("test", data, KINDS, {"cnn": slices}, 2, run)
        assert table["p_value"].notna().sum() >= 6
        hits += bool((table["adjusted"] < 0.05).any())
    return hits / runs


def test_without_any_bad_slice_few_families_of_tests_name_one(monkeypatch):
    monkeypatch.setattr(random_slices, "RANDOM_SLICES", 200)
    assert family_wise_error(80) <= 0.08


def test_groups_do_not_make_tests_too_sure(monkeypatch):
    monkeypatch.setattr(random_slices, "RANDOM_SLICES", 200)
    groups = np.arange(160) // 4
    assert family_wise_error(40, groups) <= 0.08 < family_wise_error(40, groups, ignored=True)


def test_ignoring_groups_would_have_named_slices_that_are_not_bad():
    """Forty groups of ten: a slice of whole groups varies nearly ten times as much."""
    random = np.random.default_rng(6)
    groups = np.repeat(np.arange(40), 10)
    values = random.normal(size=40)[groups] + 0.1 * random.normal(size=400)
    strata = np.zeros(400, dtype=int)
    whole = np.isin(groups, random.choice(40, 20, replace=False))
    assert design_effect(whole, values, strata, groups) == pytest.approx(10, rel=0.1)
    spread = np.arange(400) % 2 == 0
    assert design_effect(spread, values, strata, groups) == pytest.approx(1, abs=0.2)


def test_p_values_match_those_counted_among_random_slices():
    random = np.random.default_rng(7)
    skewed = -random.gamma(4, size=20_000)
    for score in np.quantile(skewed, [0.002, 0.02, 0.9]):
        tail = min((skewed <= score).mean(), (skewed >= score).mean())
        assert p_value(score, skewed) == pytest.approx(2 * tail, rel=0.2)
    assert p_value(1.0, np.ones(100)) == 1.0
    # Scores of few values: those that are equal count as far out.
    coarse = random.binomial(20, 0.5, size=1000) / 20
    assert p_value(0.25, coarse) == pytest.approx(2 * (coarse <= 0.25).mean(), abs=0.003)
    # Farther out than all random slices, the curve goes on.
    assert 0 < p_value(0.0, coarse) < 1 / 1000
    assert p_value(-9, skewed) < p_value(-9, skewed, 2.0) < p_value(-9, skewed, 2.0, 6)


def bad_batch(n=600, groups=None):
    """A model that fails in batch b3, whose labels are random, among harmless columns."""
    random = np.random.default_rng(8)
    labels = np.arange(n) % 2
    predictions = predict(labels, random, 0.7)
    batch = random.choice(["b1", "b2", "b3"], n)
    labels = np.where(batch == "b3", random.integers(0, 2, n), labels)
    slices = [Slice("batch", "batch", name, batch == name) for name in ("b1", "b2", "b3")]
    return scored(labels, predictions, groups), slices + random_columns(n, random)


def test_a_batch_with_random_labels_is_named():
    data, slices = bad_batch()
    summary = summarise_slices(table_of(data, slices), SIMILARITY, {"test": (600, 600)})
    (model,) = summary["models"]
    assert model["n_worse"] == 1 and model["lowest"] is None
    assert model["worst"][0].startswith("`cnn` is worse in batch b3 (")
    assert summary["notes"] == [] and summary["tested"]["test"] == model["n_tested"] >= 20


def test_without_a_bad_slice_the_lowest_is_named_with_a_caution():
    random = np.random.default_rng(9)
    labels = np.arange(400) % 2
    data = scored(labels, predict(labels, random))
    summary = summarise_slices(
        table_of(data, random_columns(400, random)),
        SIMILARITY | {"n_looked_at": 50},
        {"test": (400, 900)},
    )
    (model,) = summary["models"]
    assert model["worst"] == [] and "Chance may explain it" in model["lowest"]
    assert "400 of 900 examples" in summary["notes"][0]
    assert "50 training examples" in summary["notes"][1]


def test_examples_far_from_train_that_are_worse_are_told():
    random = np.random.default_rng(10)
    labels = np.arange(400) % 2
    far = np.arange(400) < 100
    predictions = np.where(far[:, None], predict(labels, random, 6), predict(labels, random, 0.5))
    slices = [
        Slice("similarity", "similarity to train", "lowest quarter, 0 to 0.1", far),
        Slice("similarity", "similarity to train", "highest quarter, 0.6 to 1", ~far),
    ]
    table = table_of(scored(labels, predictions), slices)
    (model,) = summarise_slices(table, SIMILARITY, {"test": (400, 400)})["models"]
    assert model["fails_far"]
    assert "least similar to train: AUPRC" in model["similarity"]
    assert "the lowest quarter of similarity to train, 0 to 0.1" in model["worst"][0]


def test_the_seed_decides_everything():
    data, slices = bad_batch(200)
    first, again, other = (table_of(data, slices[:3], seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["p_value"].equals(other["p_value"])
