"""Labels that are there or not and values, in one study."""

from dataclasses import replace

import keras
import keras_tuner
import numpy as np
import pytest
from partitions import make_dataset
from source_files import build, build_refusal
from test_configuration import changed, faults, folder, resolve  # noqa: F401
from test_configuration_labels import SEVERAL
from test_several_labels import FROZEN, SETTINGS, SPLIT, audited, known_of, rows, several, source

from deeprules.checks.label_giveaways import find_label_giveaways
from deeprules.checks.suitability import suitability
from deeprules.controls.left_out_batches import batch_notes
from deeprules.controls.membership_inference import _scores as membership_scores
from deeprules.data import Dataset, Development, Partition
from deeprules.errors import InputError
from deeprules.evaluate.several_labels import judge_labels
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.masked_loss import (
    label_weights,
    masked_huber_of_each,
    masked_loss_of_each,
    masked_targets,
)
from deeprules.fit.prediction_tables import prediction_table, prediction_values
from deeprules.predict.calibrations import apply_calibration, fit_calibration
from deeprules.split.nested_shares import nested_shares
from deeprules.split.splits import split_examples
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.log_odds import log_odds
from deeprules.statistics.metrics import scores
from deeprules.tasks import joined_task

TASK = "binary-regression-binary"
TASKS = {"a": "binary", "b": "regression", "c": "binary"}
CLASSES = np.array([True, False, True])


def mixed(n=240, missing=0.3, seed=0) -> Partition:
    """As `several`, whose second label is a value in units of its own."""
    part = several(n, missing=missing, seed=seed)
    noise = np.random.default_rng(seed + 9).normal(size=n)
    values = 5000 + 100 * (part.features[:, 1] + 0.3 * noise)
    part.examples["label_b"] = np.where(part.examples["label_b"].isna(), np.nan, values)
    part.dataset = replace(part.dataset, task=TASK)
    return part


def test_each_column_is_read_by_its_task_and_refused_by_it(tmp_path):
    head = "id,sequence,a,b,c\n"
    data = {"task": "mixed", "tasks": TASKS, "label": [*TASKS], "positive": "yes"}
    cells = rows("yes,1.5,", "no,,yes", ",-2e3,no", "yes,0,no")
    found = build(tmp_path, {"t": source(tmp_path / "t.csv", head + cells)}, **data)
    assert found.facts["task"] == TASK
    labels = Partition(found.folder, Dataset.load(found.folder / "dataset.json")).labels
    nan = np.nan
    expected = [[1, 1.5, nan], [0, nan, 1], [nan, -2000, 0], [1, 0, 0]]
    assert np.array_equal(labels, expected, equal_nan=True)
    assert found.examples["label"].tolist()[:2] == ["a + b 1.5 + c?", "c"]
    for cells, said in (
        (rows("yes,high,no", "no,2,yes"), "column 'b': 'high' is no finite number"),
        (rows("yes,1,no", "no,1,yes"), "all values of 'b' are 1"),
        (rows("yes,1,1", "no,2,0"), "'c' has 1 (1), 0 (1)"),
    ):
        sources = {"t": source(tmp_path / "t.csv", head + cells)}
        assert said in build_refusal(tmp_path, sources, **data)


def test_the_task_of_labels_that_are_alike_is_the_plain_one():
    assert joined_task(["binary", "binary"]) == "multilabel"
    assert joined_task(["regression"]) == "multiregression"
    assert joined_task([*TASKS.values()]) == TASK


def test_they_are_audited_shared_out_and_checked_each_as_what_it_is():
    part = mixed()
    counts = audited(part).labels.set_index(["name", "batch"])
    assert np.isnan(counts.loc[("b", ""), "present"]) and counts.loc[("a", ""), "present"] > 50
    found = split_examples(part.examples, part.dataset, SPLIT, seed=1)
    is_test = (found.assignment["partition"] == "test").to_numpy()
    high = part.labels[:, 1] > np.nanmedian(part.labels[:, 1])
    assert abs(high[is_test].sum() - 0.2 * high.sum()) <= 2
    assert (
        found.summary["sizes"]["test"]["labels"]["b"] == np.isfinite(part.labels[is_test, 1]).sum()
    )
    first, *_ = nested_shares(part, [0.01, 1.0], seed=1)
    inside = part.labels[first.rows]
    assert np.isfinite(inside[:, 1]).sum() >= 5 and (inside[:, 0] == 1).sum() >= 5
    budget = {"trials": 1, "max_epochs": 1, "seeds": 1}
    said = [
        one["sentence"] for one in suitability(part.dataset, part.examples, budget, {})["checks"]
    ]
    assert "training examples with a value of b" in said[1] and "2 labels" not in said[1]
    assert np.isfinite(membership_scores(part, np.nan_to_num(part.labels, nan=0.5))).all()
    told = find_label_giveaways(part, mixed(seed=1), list("uvwxyz"), 1).table
    assert {*told["best_class"]} == {"a", "b", "c"}
    part.examples.loc[part.examples["batch"] == "b1", "label_b"] = np.nan
    del part.__dict__["labels"]
    notes = batch_notes(part.examples["batch"], part.labels, part.dataset)
    assert notes["b1"].endswith("the batch has too few examples with a value of b.")


def test_a_partition_that_lacks_values_of_one_is_refused_by_name():
    part = mixed()
    examples = part.examples.assign(partition=["train", "train", "tune", "test"] * 60)
    examples.loc[examples["partition"] == "test", "label_b"] = 3.0
    given = {**SPLIT, "strategy": "predefined", "column": "partition"}
    with pytest.raises(InputError, match="test has no example of two values of b"):
        split_examples(examples, part.dataset, given, seed=1)


def test_a_score_is_the_mean_of_auroc_and_of_what_spearman_says():
    part = mixed()
    chances = np.random.default_rng(1).random(part.labels.shape)
    each = []
    for number, task in enumerate(TASKS.values()):
        known = np.isfinite(part.labels[:, number])
        truth, one = part.labels[known, number], chances[known, number]
        if task == "regression":
            each.append((1 + scores(task, truth, one)["spearman"]) / 2)
        else:
            found = scores(task, truth.astype(int), np.column_stack([1 - one, one]))
            each.append(found["auroc"])
    assert scores(TASK, part.labels, chances) == pytest.approx({"rank_score": np.mean(each)})
    with pytest.raises(InputError, match="beyond 0 and 1"):
        scores(TASK, part.labels, chances + np.array([0.5, 0, 0]))
    assert scores(TASK, part.labels, chances * [1, 1e4, 1])["rank_score"] > 0


def test_what_is_told_of_predictions_is_odds_of_the_one_and_values_of_the_other():
    part = mixed()
    predicted = np.column_stack([np.full(240, 0.8), np.full(240, -3.0), np.full(240, 0.5)])
    assert log_odds(predicted, TASK)[0] == pytest.approx([np.log(4), -3, 0])
    table = prediction_table(part, predicted)
    assert {"p_a", "prediction_b", "p_c"} <= {*table}
    assert (prediction_values(table, part.dataset) == predicted).all()
    noise = np.random.default_rng(1).random(part.labels.shape)
    facts = fit_calibration(part.dataset, part.labels, noise)
    assert facts["labels"][1] is None and facts["labels"][0]["n"] > 100
    assert (apply_calibration(facts, noise)[:, 1] == noise[:, 1]).all()


def test_a_baseline_is_a_classifier_of_the_one_and_a_regressor_of_the_other():
    part = mixed(missing=0.3)
    candidate = Candidate.of("random_forest", {"kind": "baseline", "module": "random_forest"})
    asked = keras_tuner.HyperParameters()
    found = fit(candidate, asked, Development(part, part), 1, Budget(1, 1, 1, 100)).model
    predicted = found.predict(part.features, part.examples)
    assert scores(TASK, part.labels, predicted)["rank_score"] > 0.85
    alone = part.of_label(1)
    single = fit(candidate, asked, Development(alone, alone), 1, Budget(1, 1, 1, 100)).model
    assert np.allclose(
        predicted[:, 1][np.isfinite(part.labels[:, 1])],
        single.predict(alone.features, alone.examples),
    )


def test_labels_weigh_the_same_and_each_has_the_loss_of_its_task():
    labels = np.array([[1, 2.0, 0], [0, np.nan, 1], [np.nan, -1.0, 1], [0, 0.5, 0]])
    weights = label_weights(labels, "equal", CLASSES)
    truth = masked_targets(labels, weights, CLASSES)
    _, each, kinds = np.hsplit(truth, 3)
    assert each.sum(axis=0) == pytest.approx([4 / 3] * 3) and (kinds == CLASSES).all()
    predicted = np.array([[0.3, 4.0, 0.6]] * 4, dtype=np.float32)
    found = keras.ops.convert_to_numpy(masked_loss_of_each(truth, predicted))
    chance = -np.log(np.where(labels == 1, predicted, 1 - predicted))
    errors = np.where(CLASSES, chance, (labels - predicted) ** 2)
    assert found == pytest.approx((each * np.nan_to_num(errors)).sum(axis=1), rel=1e-4)
    found = keras.ops.convert_to_numpy(masked_huber_of_each(truth, predicted))
    size = np.abs(labels - predicted)
    errors = np.where(CLASSES, chance, np.where(size < 1, size**2 / 2, size - 0.5))
    assert found == pytest.approx((each * np.nan_to_num(errors)).sum(axis=1), rel=1e-4)


def test_each_label_has_a_verdict_by_the_score_that_all_are_judged_by():
    part = mixed(n=400)
    truth = np.where(np.isfinite(part.labels), part.labels, 0)
    spread = np.nanstd(part.labels, axis=0)
    rng, fits = np.random.default_rng(1), {}
    for name, noise in {"joint": 0.2, "alone": 0.2, "line": 1.5, "floor": 5.0}.items():
        drawn = truth + noise * spread * rng.normal(size=truth.shape)
        fits[name] = [np.where(CLASSES, drawn.clip(0, 1), drawn)]
    resampling = choose_resampling(TASK, part.labels)
    scored = bootstrap_scores(TASK, part.labels, fits, resampling, 100, 1)
    settings = SETTINGS.__class__(**{**vars(SETTINGS), "objective": "rank_score"})
    found = judge_labels(part, part, fits, FROZEN, scored, settings, [("joint", "alone")])
    verdicts = found["label_verdicts"]["labels"]
    assert [one["verdict"] for one in verdicts] == ["network"] * 3
    assert verdicts[1]["test"]["present"] is None and verdicts[0]["test"]["present"] > 0
    of_each = found["label_scores"].groupby("name")["metric"].agg(set)
    assert "auprc" in of_each["a"] and "r2" in of_each["b"]
    assert all("rank_score" in one for one in of_each)


def configured(**data):
    mixed_data = {"task": "mixed", "tasks": {"a": "binary", "b": "regression"}, **data}
    made = changed({"data": mixed_data}, SEVERAL)
    return {**made, "models": {"cnn": None}}


def test_a_configuration_names_the_task_of_each_label(folder):  # noqa: F811
    config = configured()
    del config["data"]["label"]
    resolved = resolve(config, folder)
    assert resolved["data"]["label"] == ["a", "b"] and "cnn_alone" in resolved["models"]
    assert resolved["tuning"]["objective"] == "rank_score"
    assert resolve(resolved, folder) == resolved


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tasks": {}}, "needs the task of each label"),
        ({"tasks": {"a": "binary", "x": "regression"}}, "needs the task of each label"),
        ({"tasks": {"a": "binary", "b": "binary"}}, "write `task: multilabel`"),
        ({"tasks": {"a": "binary", "b": "multiclass"}}, "data.tasks.b"),
        ({"positive": None}, "data.positive: is required"),
        ({"task": "multilabel"}, "only `task: mixed` has a task for each label"),
        ({"task": "binary", "label": "a"}, "only `task: mixed` has a task for each label"),
    ],
)
def test_labels_without_a_task_of_their_own_are_refused(folder, changes, said):  # noqa: F811
    found = faults(configured(**changes), folder)
    assert any(said in fault for fault in found), found


def test_models_of_one_kind_of_label_are_refused(folder):  # noqa: F811
    found = faults({**configured(), "models": {"logistic_regression": None}}, folder)
    assert any("is for binary tasks, not mixed" in fault for fault in found), found


def test_fifty_labels_of_both_kinds_are_shared_out():
    examples, dataset = known_of(50, 10)
    dataset = replace(dataset, task="-".join(["binary", "regression"] * 25))
    examples["label_1"] = examples["label_1"] * np.arange(500)
    assert split_examples(examples, dataset, SPLIT, seed=1).summary["sizes"]["train"]["n"] == 300


def test_a_data_set_of_both_kinds_is_none_of_classes():
    dataset = make_dataset(task="multilabel")
    assert dataset.is_classification and dataset.are_classes.all()
    other = replace(dataset, task="binary-regression")
    assert not other.is_classification and other.has_several_labels
    assert other.of_one_label(0).classes and not other.of_one_label(1).classes
