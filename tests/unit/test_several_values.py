"""Several labels that are values: read, counted, shared out, fitted, scored, judged, predicted."""

from dataclasses import replace

import numpy as np
import pytest
from finished import complete_partition, finish
from network_fits import SMALL_MLP
from source_files import build, build_refusal
from test_predict import apply
from test_several_labels import FROZEN, HEAD, SETTINGS, SPLIT, audited, rows, several, source

from deeprules.audit.duplicates import find_repeats
from deeprules.checks.label_giveaways import find_label_giveaways
from deeprules.checks.one_batch import overfit_one_batch
from deeprules.controls.left_out_batches import batch_notes
from deeprules.controls.membership_inference import _scores as membership_scores
from deeprules.data import Dataset, Development, Partition
from deeprules.errors import InputError
from deeprules.evaluate.several_labels import judge_labels
from deeprules.evaluate.smallest_test import too_small
from deeprules.explore.correction import TOLD, correction_table
from deeprules.fit.batch_directions import batch_directions
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.losses import loss_of
from deeprules.fit.masked_loss import (
    label_weights,
    masked_huber,
    masked_squared_error,
    masked_targets,
)
from deeprules.fit.models import ChosenHyperparameters, find_module, load_model
from deeprules.fit.prediction_tables import prediction_table, prediction_values
from deeprules.predict.packing import pack_model
from deeprules.split.nested_shares import nested_shares
from deeprules.split.splits import split_examples
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.metrics import scores
from deeprules.statistics.predictions import of_label

TASK = "multiregression"
NO_CLASSES = np.zeros(2, dtype=bool)


def values(n=240, missing=0.3, seed=0) -> Partition:
    """Rows of numbers of which three labels are sums, in units of their own, some missing."""
    part = several(n, missing=0, seed=seed)
    rng = np.random.default_rng(seed + 50)
    found = part.features[:, :3] + 0.3 * rng.normal(size=(n, 3))
    found = found * [1, 100, 0.01] + [0, 5000, 1]
    found[rng.random(found.shape) < missing] = np.nan
    part.dataset = replace(part.dataset, task=TASK)
    part.examples[part.dataset.label_columns[1:]] = found
    return part


def built(folder, text, **data):
    settings = {"task": TASK, "label": ["a", "b", "c"], "positive": None, **data}
    path = folder / "t.csv"
    return build(folder, {"t": source(path, HEAD + text)}, **settings)


def refused(folder, text):
    settings = {"task": TASK, "label": ["a", "b", "c"], "positive": None}
    return build_refusal(folder, {"t": source(folder / "t.csv", HEAD + text)}, **settings)


def test_values_are_read_and_may_be_missing(tmp_path):
    found = built(tmp_path, rows("1,2,", "0.5,,-3", "2,5,1e3"))
    labels = Partition(found.folder, Dataset.load(found.folder / "dataset.json")).labels
    nan = np.nan
    assert np.array_equal(labels, [[1, 2, nan], [0.5, nan, -3], [2, 5, 1000]], equal_nan=True)
    assert found.examples["label"].tolist()[0] == "a 1 + b 2"
    assert found.facts["labels"] == ["a", "b", "c"]


def test_values_that_differ_are_no_duplicates_however_many_digits_they_have(tmp_path):
    same = ["1700000000,2,0.1", "1700000900,2,0.1", "1700000000,2.0,0.1", "1,3,0.10000004"]
    found = built(tmp_path, rows(*same))
    first, second, third, fourth = found.examples["label"]
    assert first == third == "a 1700000000 + b 2 + c 0.1" and second != first
    assert fourth == "a 1 + b 3 + c 0.10000004"
    copies = found.examples[:2].assign(canonical_hash=np.uint64(7))
    repeats = find_repeats(copies, "drop", "drop", is_classification=False)
    assert (repeats.n_duplicates, repeats.n_conflicts) == (0, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows("1,2,3", "2,high,4", "3,4,5"), "row 3 (s1), column 'b': 'high' is no finite number"),
        (rows("1,2,3", "2,1_000,4", "3,4,5"), "'1_000' is no finite number"),
        (rows("1,2,3", '2,"1,234.5",4', "3,4,5"), "'1,234.5' is no number. Write numbers with a"),
        (rows("1,2,3", "2,#REF!,4", "3,4,5"), "'#REF!' is an error of a spreadsheet"),
        (rows("1,2,3", "2,1e-400,4", "3,4,5"), "is closer to 0, than 64-bit numbers"),
        (rows("1,2,3", "2,1e31,4"), "values of 'b' from 2 to 1e+31. Take logarithms"),
        (rows("1,2,3", "2,2,4"), "all values of 'b' are 2"),
        (rows("1,2,", "2,3,"), "there are no values of 'c'"),
    ],
)
def test_labels_that_are_no_values_are_refused_by_name(tmp_path, text, said):
    assert said in refused(tmp_path, text)


def test_an_audit_counts_them_and_tests_each_against_batch():
    part = values()
    part.examples["label_a"] = (part.examples["batch"] == "b1") + part.examples["label_a"] / 100
    found = audited(part)
    counts = found.labels.set_index(["name", "batch"])
    assert counts.loc[("b", ""), ["known", "missing"]].sum() == len(part)
    assert "eta squared is largest for `a`" in found.summary["cautions"][0]["sentence"]
    part.examples["label_b"] = np.where(part.examples["label_b"] > 5000, 1.0, 2.0)
    with pytest.raises(InputError, match="the label 'b' has 2 different values"):
        audited(part)


def test_high_and_low_values_of_each_are_in_each_partition():
    part = values()
    found = split_examples(part.examples, part.dataset, SPLIT, seed=1)
    partition = found.assignment["partition"].to_numpy()
    high = part.labels > np.nanmedian(part.labels, axis=0)
    for name, share in SPLIT["shares"].items():
        assert np.abs(high[partition == name].sum(axis=0) - share * high.sum(axis=0)).max() <= 2
    assert found.summary["sizes"]["test"]["labels"]["a"] > 20
    first, *_ = nested_shares(part, [0.01, 1.0], seed=1)
    assert np.isfinite(part.labels[first.rows]).sum(axis=0).min() >= 5


def test_a_score_is_the_mean_over_labels_and_few_values_give_no_verdict():
    part = values()
    off = np.random.default_rng(1).normal(size=part.labels.shape)
    predicted = np.nan_to_num(part.labels) + off * np.nanstd(part.labels, axis=0)
    found = scores(TASK, part.labels, predicted)
    each = [scores("regression", *of_label(TASK, part.labels, predicted, k)[1:]) for k in range(3)]
    for metric in found:
        assert found[metric] == pytest.approx(np.mean([one[metric] for one in each])), metric
    few = part.labels[:40].copy()
    few[5:, 2] = np.nan
    assert "label that has fewest" in too_small(TASK, choose_resampling(TASK, few))
    with pytest.raises(InputError, match="probability or value of each"):
        scores(TASK, part.labels, predicted[:, :2])


def fitted(name, kind, part, alone=False, **hyperparameters):
    """Two epochs, which are enough to see in which units a network predicts."""
    candidate = Candidate(name, kind, find_module(kind, name), alone=alone)
    hp = ChosenHyperparameters(hyperparameters)
    return fit(candidate, hp, Development(part, part), 1, Budget(2, 2, 1, 100))


def test_a_baseline_is_one_for_each_in_its_own_units():
    part, chosen = values(), {"alpha": 1.0, "loss": "mean_squared_error"}
    predicted = fitted("ridge", "baseline", part, **chosen).model.predict(
        part.features, part.examples
    )
    assert scores(TASK, part.labels, predicted)["r2"] > 0.8
    one = part.of_label(1)
    alone = fitted("ridge", "baseline", one, **chosen).model.predict(part.features, part.examples)
    assert np.allclose(predicted[:, 1], alone)
    table = prediction_table(part, predicted)
    assert {"prediction_a", "prediction_c"} <= {*table}
    assert np.array_equal(prediction_values(table, part.dataset), predicted)


@pytest.mark.usefixtures("uncompiled_fits")
@pytest.mark.parametrize("alone", [False, True])
def test_a_network_predicts_each_in_its_own_units(tmp_path, alone):
    part = values(100 if alone else 160)
    weighed = {} if alone else {"label_weights": "equal"}
    chosen = {**SMALL_MLP, "learning_rate": 0.2, "batch_size": 80, **weighed}
    found = fitted("mlp", "network", part, alone, **chosen)
    predicted = found.model.predict(part.features, part.examples)
    assert scores(TASK, part.labels, predicted)["r2"] > 0.1
    found.model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras").predict(part.features, part.examples)
    assert np.array_equal(predicted, loaded)


def test_what_is_missing_has_no_weight_in_the_loss():
    import keras

    labels = np.array([[1.0, np.nan], [3.0, 2.0], [np.nan, 4.0], [5.0, np.nan]])
    truth = masked_targets(labels, label_weights(labels, "equal", NO_CLASSES), NO_CLASSES)
    weights = np.hsplit(truth, 2)[1]
    assert weights.sum(axis=0) == pytest.approx([2, 2]) and (weights[np.isnan(labels)] == 0).all()
    predicted = np.ones((4, 2), dtype=np.float32)
    error = np.nan_to_num(labels) - 1
    squared = keras.ops.convert_to_numpy(masked_squared_error(truth, predicted))
    assert squared == pytest.approx((weights * error**2).sum(axis=1))
    # Errors are 0, 1, 2, 3 and 4: half of the square up to 1, then a line.
    huber = keras.ops.convert_to_numpy(masked_huber(truth, predicted))
    each = {0: 0, 1: 0.5, 2: 1.5, 3: 2.5, 4: 3.5}
    by_hand = np.vectorize(each.get, otypes=[float])(np.abs(error))
    assert huber == pytest.approx((weights * by_hand).sum(axis=1))


def test_the_loss_of_several_values_is_chosen():
    losses = {"mean_squared_error": masked_squared_error, "huber": masked_huber}
    for name, expected in losses.items():
        assert loss_of(ChosenHyperparameters({"loss": name}), TASK) is expected


def test_checks_and_controls_take_several_values(monkeypatch):
    part, tune = values(), values(120, seed=1)
    candidate = Candidate("mlp", "network", find_module("network", "mlp"))
    hp = ChosenHyperparameters({**SMALL_MLP, "label_weights": "equal"})
    monkeypatch.setattr("deeprules.checks.one_batch.STEPS", 50)
    found = overfit_one_batch(candidate, hp, part, 1)
    assert found["loss"] < 0.9 * found["constant_loss"]
    told = find_label_giveaways(part, tune, list("uvwxyz"), 1).table
    assert {*told["best_class"]} == {"a", "b", "c"}
    assert np.isfinite(membership_scores(part, np.nan_to_num(part.labels))).all()
    part.examples.loc[part.examples["batch"] == "b1", "label_c"] = np.nan
    del part.__dict__["labels"]
    notes = batch_notes(part.examples["batch"], part.labels, part.dataset)
    assert "too few examples with a value of c" in notes["b1"]
    assert batch_directions(part.features, part).axes.shape[0] == 6
    part.dataset = replace(part.dataset, batch_correction="linear")
    found = correction_table(part, tune, {"kmer": 3, "components": 3}, 1)
    assert set(found["measure"]) <= {TOLD}


def test_each_has_a_verdict_of_its_own():
    part = values(n=400)
    truth = np.where(np.isfinite(part.labels), part.labels, 0)
    spread = np.nanstd(part.labels, axis=0)
    rng = np.random.default_rng(1)
    noise = {"joint": 0.2, "alone": 0.2, "line": 0.8, "floor": 3.0}
    fits = {
        name: [truth + size * spread * rng.normal(size=truth.shape)] for name, size in noise.items()
    }
    resampling = choose_resampling(TASK, part.labels)
    scored = bootstrap_scores(TASK, part.labels, fits, resampling, 200, 1)
    settings = type(SETTINGS)(**{**vars(SETTINGS), "objective": "r2"})
    pairs = [("joint", "alone")]
    found = judge_labels(part, part, fits, FROZEN, scored, settings, pairs)
    assert [one["verdict"] for one in found["label_verdicts"]["labels"]] == ["network"] * 3
    assert found["label_verdicts"]["labels"][0]["test"]["present"] is None
    assert found["label_verdicts"]["joint"][0]["found"] == "no_difference"


def test_a_finished_run_predicts_several_values(tmp_path):
    run = finish(tmp_path / "run", "tabular", TASK, models={"ridge": "baseline"})
    pack_model(run, tmp_path / "packed")
    new = complete_partition(tmp_path / "new", 60, "tabular", TASK, 5)
    table = dict(zip((f"gene{k}" for k in range(60)), new.features.T, strict=True))
    table |= {name: new.examples[f"label_{name}"] for name in "ab"}
    path = tmp_path / "new.csv"
    new.examples[["id"]].assign(**table).to_csv(path, index=False)
    settings = {"format": "matrix", "orientation": "samples_in_rows", "metadata": ["a", "b"]}
    found, scored, summary, _ = apply(tmp_path, tmp_path / "packed", path, **settings)
    assert {"prediction_a", "prediction_b", "prediction_a_seed1"} <= {*found}
    assert set(scored["label"]) == {"mean of 2", "a", "b"} and summary["predicted"] == {}
