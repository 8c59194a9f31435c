"""Single features and facts of the files that tell the label alone."""

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from report_fixture import ReportFixture, words_of

from deeprules.cautions import Caution, as_records
from deeprules.checks.giveaways import COLUMNS, find_giveaways
from deeprules.checks.single_features import screen
from deeprules.data import Partition
from deeprules.report.sections import giveaways

CLASSES = {"binary": 2, "multiclass": 3}


def made(features, labels, task="binary", modality="tabular", **columns):
    """Train and tune, four fifths and one fifth of the rows, in their order."""
    n = len(labels)
    dataset = make_dataset(
        modality, task, features.shape[1], has_group="group" in columns, has_batch=False
    )
    names = labels if task == "regression" else np.array(dataset.classes)[labels]
    examples = pd.DataFrame({"label": names, **columns})
    in_tune = np.random.default_rng(1).permutation(n) < n // 5
    parts = []
    for rows in (~in_tune, in_tune):
        part = Partition(".", dataset)
        part.examples = examples[rows].reset_index(drop=True)
        part.features = features[rows]
        parts.append(part)
    return parts


def noise(n=200, p=30, seed=0):
    return np.random.default_rng(seed).normal(size=(n, p)).astype(np.float32)


def labels_of(task, n=200, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n) if task == "regression" else rng.permutation(n) % CLASSES[task]


def find(parts):
    tabular = parts[0].dataset.modality == "tabular"
    names = [f"f{i}" for i in range(parts[0].features.shape[1])] if tabular else []
    return find_giveaways(*parts, names, seed=0)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("n", [60, 300])
def test_a_feature_equal_to_the_label_withholds_the_verdict(task, n):
    features, labels = noise(n), labels_of(task, n)
    features[:, 7] = 3 - 2 * labels
    found = find(made(features, labels, task))
    (caution,) = found.summary["cautions"]
    assert caution["withholds"] and caution["title"] == "f7 is a copy of the label"
    assert found.table["name"].iloc[0] == "f7" and list(found.table) == list(COLUMNS)


def test_a_copy_of_the_label_among_counts_is_found_behind_their_transform():
    rng = np.random.default_rng(1)
    labels = labels_of("binary", 200)
    counts = rng.poisson(np.exp(rng.normal(size=60)), (200, 60)).astype(np.float64)
    counts[:, 9] = labels
    features = np.log1p(1e4 * counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    (caution,) = find(made(features, labels)).summary["cautions"]
    assert caution["withholds"] and caution["title"] == "f9 is a copy of the label"
    counts[:, 9] = labels * (1 + rng.poisson(4, 200))
    features = np.log1p(1e4 * counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    (caution,) = find(made(features, labels)).summary["cautions"]
    assert not caution["withholds"] and "If it is a true marker" in caution["sentence"]


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_feature_that_tells_nearly_everything_is_a_caution(task):
    features, labels = noise(300), labels_of(task, 300)
    features[:, 7] = labels + 0.1 * features[:, 8]
    (caution,) = find(made(features, labels, task)).summary["cautions"]
    assert not caution["withholds"] and "`f7`" in caution["sentence"]
    assert "best of the others" in caution["sentence"]


def test_a_copy_with_some_errors_stands_out_among_features_that_tell_little():
    features, labels = noise(400), labels_of("binary", 400)
    wrong = np.random.default_rng(4).random(400) < 0.05
    features[:, 7] = np.where(wrong, 1 - labels, labels)
    (caution,) = find(made(features, labels)).summary["cautions"]
    assert not caution["withholds"] and "`f7`" in caution["sentence"]
    features[:, :6] += 2 * labels[:, None]
    assert find(made(features, labels)).summary["cautions"] == []


def test_a_code_that_no_order_finds_is_found():
    features, labels = noise(300), labels_of("binary", 300)
    features[:, 3] = 2 * np.random.default_rng(2).integers(0, 4, 300) + labels
    (caution,) = find(made(features, labels)).summary["cautions"]
    assert "`f3`" in caution["sentence"]


def test_a_number_of_the_row_withholds_where_rows_are_sorted():
    features, labels = noise(200), np.sort(labels_of("binary", 200))
    features[:, 5] = np.arange(200)
    found = find(made(features, labels))
    assert [caution["title"] for caution in found.summary["cautions"]] == [
        "f5 is a number of the row"
    ]
    features[:, 5] = np.log1p(np.arange(200))
    assert find(made(features, labels)).summary["cautions"] == found.summary["cautions"]
    features[:, 5] = 0
    found = find(made(features, labels))
    assert found.summary["cautions"] == []
    assert any("Order of the rows alone" in note for note in found.summary["notes"])


def test_an_easy_label_is_no_accusation():
    features, labels = noise(200), labels_of("binary", 200)
    features[:, :20] += 8 * labels[:, None]
    found = find(made(features, labels))
    assert found.summary["cautions"] == []
    assert "At least 20 of 30 features each tell the label alone" in found.summary["notes"][0]


@pytest.mark.parametrize(
    ("difference", "withholds"), [(1.0, True), (0.15, False)], ids=["all", "some"]
)
def test_missing_values_of_one_class(difference, withholds):
    rng = np.random.default_rng(3)
    features, labels = noise(400, 40), labels_of("binary", 400)
    features[rng.random(features.shape) < 0.05] = np.nan
    features[(rng.random(features.shape) < difference) & (labels == 1)[:, None]] = np.nan
    features[:, :35] = noise(400, 35, 4)
    found = find(made(features, labels)).summary["cautions"]
    assert "missing values" in found[0]["title"] and found[0]["withholds"] == withholds


def sequences(n=400, length=80, seed=0):
    letters = np.random.default_rng(seed).choice([1, 2, 4, 8], (n, length))
    return letters.astype(np.uint8)


def cut(features, lengths):
    """Sequences of these lengths, padded on both sides."""
    first = (features.shape[1] - lengths) // 2
    place = np.arange(features.shape[1])
    inside = (place >= first[:, None]) & (place < (first + lengths)[:, None])
    return np.where(inside, features, 0).astype(np.uint8)


def test_the_width_of_intervals_withholds_where_it_shows_as_padding():
    labels = labels_of("binary", 400)
    lengths = np.where(labels == 1, np.random.default_rng(2).integers(30, 81, 400), 40)
    seen = find(made(cut(sequences(), lengths), labels, modality="sequence", raw_length=lengths))
    assert seen.summary["cautions"][0]["withholds"]
    assert seen.summary["cautions"][0]["title"] == "The amount of padding gives the label away"
    hidden = find(made(sequences(), labels, modality="sequence", given_width=lengths))
    assert hidden.summary["cautions"] == []
    assert "Width of the interval alone" in hidden.summary["notes"][0]


def test_lengths_that_tell_something_are_a_caution():
    labels = labels_of("binary", 400)
    lengths = np.random.default_rng(2).integers(30, 70, 400) + 11 * labels
    found = find(made(cut(sequences(), lengths), labels, modality="sequence"))
    (caution,) = found.summary["cautions"]
    assert not caution["withholds"] and "Read every score against it" in caution["sentence"]


def test_unknown_bases_of_one_class_withhold_and_letter_case_and_files_do_not():
    labels = labels_of("binary", 400)
    features = sequences()
    features[np.ix_(labels == 1, [3, 17])] = 15
    found = find(made(features, labels, modality="sequence")).summary["cautions"]
    assert found[0]["withholds"] and "ambiguous letters" in found[0]["title"]
    files = np.where(labels == 1, "positives", "negatives")
    found = find(
        made(sequences(), labels, modality="sequence", source=files, lower_share=0.3 * labels)
    )
    assert found.summary["cautions"] == [] and len(found.summary["notes"]) == 2


def test_one_base_that_is_the_label():
    labels = labels_of("binary", 400)
    features = sequences()
    features[:, 11] = np.where(labels == 1, 4, 2)
    (caution,) = find(made(features, labels, modality="sequence")).summary["cautions"]
    assert caution["title"] == "base 12 is a copy of the label" and caution["withholds"]


def test_groups_count_once():
    group = np.repeat(np.arange(10), 20)
    features = noise(200, 500) + noise(10, 500, 1)[group] * 5
    labels = (group % 2).astype(np.int64)
    found = find(made(features, labels, group=group.astype(str)))
    assert found.summary["cautions"] == []


@pytest.mark.parametrize(("task", "sets"), [("binary", 12), ("multiclass", 3), ("regression", 12)])
def test_honest_data_are_seldom_accused(task, sets):
    """Were p values not adjusted, nearly each set would be: three of several classes are enough."""
    accused = 0
    for seed in range(sets):
        n, p = ((40, 20), (60, 100), (200, 50))[seed % 3]
        features = noise(n, p, seed)
        features[:, : p // 3] = np.random.default_rng(seed).poisson(0.3, (n, p // 3))
        features[:, p // 3 : p // 2] += 2 * noise(n, 1, seed + 100)
        accused += find(made(features, labels_of(task, n, seed + 200), task)).summary["n_found"]
    assert accused == 0


def test_the_screen_takes_a_wide_matrix_in_blocks(monkeypatch):
    features, labels = noise(100, 50), labels_of("binary", 100)
    features[:, 20] += 3 * labels
    features[0, 3] = np.nan
    whole = screen(features, labels, 0)
    monkeypatch.setattr("deeprules.checks.single_features.BLOCK_VALUES", 700)
    assert np.array_equal(whole, screen(features, labels, 0))
    assert whole.argmax() == 20 and whole[20] > 0.3
    assert abs(np.mean(np.delete(whole, 20))) < 0.02


def test_the_report_says_what_was_looked_at_and_the_scorecard_what_was_found(tmp_path):
    fixture = ReportFixture(tmp_path)
    results = fixture.load()
    section = giveaways.section(results)
    (clean,) = section.findings
    assert clean.status == "pass" and "300 features were screened" in clean.sentence
    assert "`base 121` tells most: AUROC .580 on tune" in section.said["sentences"][1]
    assert "`cnn`" in section.said["sentences"][1]
    caution = Caution("f7 is a copy of the label", "The feature f7 ...", 4, True)
    fixture.edit("giveaways", cautions=as_records([caution]))
    (found,) = giveaways.section(fixture.load()).findings
    assert found.status == "fail" and "f7" in found.sentence
    assert "What tells most of the label alone" in words_of(fixture.load())
