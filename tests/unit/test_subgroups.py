"""Scores by subgroup: a planted gap is named, chance is not, and few people are not scored."""

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from report_fixture import ReportFixture

from deeprules.data import Partition
from deeprules.evaluate.slice_scores import Scored
from deeprules.evaluate.slices import Slice
from deeprules.evaluate.subgroup_summary import gaps, summarise_subgroups
from deeprules.evaluate.subgroups import (
    COLUMNS,
    measures,
    subgroup_slices,
    subgroup_table,
)
from deeprules.report.results import Results
from deeprules.report.sections.subgroups import section
from deeprules.statistics import random_slices

KINDS = {"cnn": "network"}
N = 600


@pytest.fixture(autouse=True)
def fewer_random_slices(monkeypatch):
    monkeypatch.setattr(random_slices, "RANDOM_SLICES", 300)


def drawn(seed=0, misses=0.0, shift=0.0, n=N):
    """Labels, sexes, and a model that misses a share of the positives of one sex.

    `shift` is added to the log odds of that sex.
    """
    random = np.random.default_rng(seed)
    labels, is_f = random.integers(0, 2, n), random.random(n) < 0.4
    odds = 2 * (2 * labels - 1) + random.normal(size=n)
    odds[is_f & (labels == 1) & (random.random(n) < misses)] = -2
    odds += shift * is_f
    positive = 1 / (1 + np.exp(-odds))
    return labels, is_f, np.column_stack([1 - positive, positive])


def table(labels, is_f, predictions, groups=None, seed=1, **others):
    slices = [
        Slice("subgroup", "sex", name, member) for name, member in (("f", is_f), ("m", ~is_f))
    ]
    slices += [Slice("subgroup", "site", name, member) for name, member in others.items()]
    data = Scored("binary", labels, groups, {"cnn": predictions}, "auprc")
    return subgroup_table(data, {"cnn": predictions}, KINDS, slices, 200, seed)


def row(found, subgroup, measure):
    rows = found[(found["subgroup"] == subgroup) & (found["measure"] == measure)]
    return rows.iloc[0]


def test_rates_are_those_that_are_counted_by_hand():
    labels, is_f, predictions = drawn(misses=0.3)
    found = table(labels, is_f, predictions)
    assert list(found) == COLUMNS
    decided = predictions.argmax(axis=1)
    rate = row(found, "f", "false_negative_rate")
    positives = is_f & (labels == 1)
    assert rate["value"] == pytest.approx((decided[positives] == 0).mean())
    assert rate["rest"] == pytest.approx((decided[~is_f & (labels == 1)] == 0).mean())
    assert rate["n"] == positives.sum()
    gap = row(found, "m", "calibration_gap")
    assert gap["value"] == pytest.approx((predictions[~is_f, 1] - labels[~is_f]).mean())
    assert (found["lower"] <= found["value"]).all() and (found["value"] <= found["upper"]).all()


def test_a_planted_gap_in_errors_is_named():
    labels, is_f, predictions = drawn(misses=0.3)
    found = table(labels, is_f, predictions)
    named = gaps(found)
    assert {("f", "false_negative_rate"), ("m", "false_negative_rate")} <= set(
        zip(named["subgroup"], named["measure"], strict=True)
    )
    assert "false_positive_rate" not in set(named["measure"])
    (model,) = summarise_subgroups(found, ["sex"])["models"]
    assert any("sex f" in one and "false negative rate" in one for one in model["sentences"])


def test_a_planted_gap_in_calibration_is_named():
    labels, is_f, predictions = drawn(shift=1.5)
    assert row(table(labels, is_f, predictions), "f", "calibration_gap")["adjusted"] < 0.01


def test_chance_is_seldom_named():
    named = [len(gaps(table(*drawn(seed), seed=seed))) > 0 for seed in range(20)]
    assert sum(named) <= 3


def test_errors_of_a_few_families_are_no_sure_gap():
    """All misses of one sex lie in two of its families: by example that is sure, by family not."""
    labels, is_f, predictions = drawn(n=N)
    family = np.random.default_rng(5).integers(0, 12, N) + 100 * ~is_f
    missed = (family < 2) & (labels == 1)
    predictions[missed] = predictions[missed][:, ::-1]
    by_example = row(table(labels, is_f, predictions), "f", "false_negative_rate")
    by_family = row(table(labels, is_f, predictions, family), "f", "false_negative_rate")
    assert by_example["p_value"] < 0.001 and by_family["p_value"] > 0.05
    assert by_family["n_units"] == 12


def test_a_subgroup_of_three_people_is_named_and_not_scored():
    labels, is_f, predictions = drawn()
    three = np.zeros(N, dtype=bool)
    three[[5, 50, 500]] = True
    found = table(labels, is_f, predictions, small=three, large=~three)
    (small,) = found[found["subgroup"] == "small"].to_dict("records")
    assert small["too_small"] == "fewer than 20 examples"
    assert all(pd.isna(small[name]) for name in ("value", "n", "measure", "rest"))
    (model,) = summarise_subgroups(found, ["sex", "site"])["models"]
    assert "Too small to judge: site small (fewer than 20 examples)." in model["sentences"]


def test_many_examples_of_three_people_are_too_few_as_well():
    labels, is_f, predictions = drawn()
    people = np.where(is_f, np.arange(N) % 3, 10 + np.arange(N) % 100)
    found = table(labels, is_f, predictions, people)
    assert set(found.loc[found["subgroup"] == "f", "too_small"]) == {"fewer than 5 groups"}


def test_no_error_at_all_has_an_exact_interval():
    labels = np.tile([0, 1], 60)
    sure = np.column_stack([1 - labels, labels]).astype(float)
    found = table(labels, np.arange(120) < 60, sure)
    rate = row(found, "f", "false_negative_rate")
    assert rate["value"] == rate["lower"] == 0
    assert rate["upper"] == pytest.approx(1 - 0.025 ** (1 / 30), abs=1e-6)


def test_other_tasks_have_measures_of_their_own():
    random = np.random.default_rng(0)
    values = random.normal(size=50)
    names = [one.name for one in measures("regression", values, values + 1, values + 1)]
    assert names == ["absolute_error", "calibration_gap"]
    three = random.dirichlet(np.ones(3), 50)
    names = [one.name for one in measures("multiclass", random.integers(0, 3, 50), three, three)]
    assert names == ["error_rate", "calibration_gap"]


def test_subgroups_are_columns_of_their_own_or_of_a_role(tmp_path):
    dataset = make_dataset(subgroups={"sex": "sex", "clinic": "batch"}, has_batch=True)
    part = Partition(tmp_path, dataset)
    part.examples = pd.DataFrame({"sex": ["f", None, "m"], "batch": ["b1", "b2", "b2"]})
    found = {(one.column, one.name): one.member.tolist() for one in subgroup_slices(part)}
    assert found["sex", "not known"] == [False, True, False]
    assert found["clinic", "b2"] == [False, True, True] and len(found) == 5


def test_subgroups_that_test_lacks_are_named(tmp_path):
    dataset = make_dataset(subgroups={"ancestry": "ancestry"})
    test, train = Partition(tmp_path, dataset), Partition(tmp_path, dataset)
    test.examples = pd.DataFrame({"ancestry": ["EUR"] * 60})
    train.examples = pd.DataFrame({"ancestry": ["EUR"] * 30 + ["AMR"] * 3})
    found = {one.name: one.member for one in subgroup_slices(test, [train])}
    assert found["EUR"].sum() == 60 and not found["AMR"].any() and len(found["AMR"]) == 60


def test_the_report_names_gaps_and_is_silent_without_subgroups(tmp_path):
    made = ReportFixture(tmp_path)
    rows = made.load().subgroups
    small = rows.iloc[:1].assign(subgroup="other", too_small="fewer than 20 examples")
    small[["measure", "value", "p_value", "adjusted"]] = np.nan
    for found, status, said in (
        (rows, "pass", "No difference of `cnn`"),
        (rows.assign(adjusted=0.01), "warn", "differs between subgroups in 2 of 2 tests"),
        (pd.concat([rows, small]), "warn", "1 subgroups are too small to judge `cnn`"),
    ):
        given = {"subgroups": found, "subgroup_summary": summarise_subgroups(found, ["sex"])}
        told = section(Results(made.inputs, "", "", given)).findings[0]
        assert told.status == status and said in told.sentence
    less = {name: path for name, path in made.inputs.items() if "subgroup" not in name}
    assert section(Results(less, "", "")) is None
