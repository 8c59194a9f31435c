"""Several labels: read, counted, shared out, fitted by baselines, scored and judged."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from sklearn.linear_model import LogisticRegression
from source_files import build, build_refusal, write

from deeprules.audit.audit import audit
from deeprules.checks.label_giveaways import find_label_giveaways
from deeprules.controls.left_out_batches import batch_notes
from deeprules.controls.shuffled_labels import shuffled
from deeprules.data import Dataset, Development, Partition
from deeprules.errors import InputError
from deeprules.evaluate.several_labels import judge_labels, twins_of
from deeprules.evaluate.smallest_test import too_small
from deeprules.fit.batch_directions import batch_directions
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitting import fit
from deeprules.fit.label_by_label import OneForEachLabel
from deeprules.fit.models import ChosenHyperparameters
from deeprules.ingest.missing_values import MissingValues
from deeprules.split.nested_shares import nested_shares
from deeprules.split.splits import split_examples
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.metrics import scores

HEAD = "id,sequence,a,b,c\n"
BASES = np.array(list("ACGT"))


def rows(*cells, start=0):
    """Rows of a table of different sequences, with their cells."""
    names = ["".join(BASES[[n // 64 % 4, n // 16 % 4, n // 4 % 4, n % 4]]) for n in range(256)]
    return "".join(f"s{n},{names[n]},{one}\n" for n, one in enumerate(cells, start))


def source(path, text):
    return {"url": str(write(path, text)), "format": "table"}


GOOD = rows("yes,no,", "no,yes,yes", "yes,,no", ",yes,yes")


def built(folder, text=GOOD, head=HEAD, **data):
    settings = {"task": "multilabel", "label": ["a", "b", "c"], "positive": "yes", **data}
    return build(folder, {"t": source(folder / "t.csv", head + text)}, **settings)


def refused(folder, text=GOOD, head=HEAD, **data):
    settings = {"task": "multilabel", "label": ["a", "b", "c"], "positive": "yes", **data}
    return build_refusal(folder, {"t": source(folder / "t.csv", head + text)}, **settings)


# reading


def test_labels_from_columns_are_one_zero_or_missing(tmp_path):
    found = built(tmp_path)
    assert found.facts["labels"] == ["a", "b", "c"] and found.facts["classes"] == []
    labels = Partition(found.folder, Dataset.load(found.folder / "dataset.json")).labels
    nan = np.nan
    assert np.array_equal(
        labels, [[1, 0, nan], [0, 1, 1], [1, nan, 0], [nan, 1, 1]], equal_nan=True
    )
    assert found.examples["label"].tolist() == ["a + c?", "b + c", "a + b?", "a? + b + c"]


def test_labels_from_a_pattern_and_from_one_cell_with_several_values(tmp_path):
    head = "id,sequence,mark_x,mark_y,other\n"
    found = built(tmp_path, rows("yes,no,1", "no,yes,2"), head, label="mark_*")
    assert found.facts["labels"] == ["mark_x", "mark_y"]
    description = source(tmp_path / "d.csv", "id,mark_x,mark_y\ns0,yes,no\ns1,no,yes\n")
    bare = source(tmp_path / "b.csv", "id,sequence,other\n" + rows("1", "2"))
    task = {"task": "multilabel", "label": "mark_*", "positive": "yes", "samples": "d"}
    described = build(tmp_path, {"t": bare, "d": description}, **task)
    assert described.facts["labels"] == ["mark_x", "mark_y"]
    cells = rows("K4|K27", "K27", "none", "K4")
    data = {"label": "marks", "separator": "|", "positive": None}
    found = built(tmp_path, cells, "id,sequence,marks\n", **data)
    assert found.facts["labels"] == ["K27", "K4"]
    assert found.examples[["label_K27", "label_K4"]].to_numpy().tolist() == [
        *([1, 1], [1, 0], [0, 0], [0, 1])
    ]


def test_every_value_of_several_columns_is_a_label(tmp_path):
    cells = rows("A|B,DBL", "B,SNG", "none,", "A,SNG")
    data = {"label": ["line", "class"], "separator": "|", "positive": None}
    renamed = {"classes": {"SNG": "none", "DBL": "doublet"}}
    found = built(tmp_path, cells, "id,sequence,line,class\n", **data, **renamed)
    assert found.facts["labels"] == ["A", "B", "doublet"]
    nan = np.nan
    expected = [[1, 1, 1], [0, 1, 0], [0, 0, nan], [1, 0, 0]]
    values = found.examples[["label_A", "label_B", "label_doublet"]]
    assert np.array_equal(values, expected, equal_nan=True)
    cells = rows("A|B,A", "B,SNG")
    assert "is a label of 'class'" in refused(tmp_path, cells, "id,sequence,line,class\n", **data)


def test_a_label_that_a_source_lacks_is_missing_there_and_noted(tmp_path):
    sources = {
        "one": source(tmp_path / "1.csv", HEAD + GOOD),
        "two": source(tmp_path / "2.csv", "id,sequence,a,b\n" + rows("yes,no", "no,yes", start=9)),
    }
    data = {"task": "multilabel", "label": ["a", "b", "c"], "positive": "yes"}
    found = build(tmp_path, sources, **data)
    assert found.examples["label_c"].isna().tolist() == [True, False, False, False, True, True]
    assert any("label c has no column in two" in note for note in found.facts["notes"])


def test_examples_without_any_known_label_are_refused_or_counted_out(tmp_path):
    text = GOOD + rows(",,", start=9)
    assert "there is no label" in refused(tmp_path, text)
    found = built(tmp_path, text, missing_label="drop")
    assert len(found.examples) == 4 and found.facts["left_out"][0]["n"] == 1


@pytest.mark.parametrize(
    ("cells", "label", "said"),
    [
        (rows("yes,no,1", "no,yes,0"), ["a", "b", "c"], "'c' has 1 (1), 0 (1)"),
        (rows("yes,no,yes", "no,yes,maybe", "no,no,no"), ["a", "b", "c"], "maybe (1)"),
        (rows("yes,no,yes", "yes,yes,no"), ["a", "b", "c"], "'a' has yes (2)"),
        (rows("yes,no,", "no,yes,"), ["a", "b", "c"], "'c' has no value at all"),
        (GOOD, "mark_*", "'mark_*' matches none of its columns"),
        (GOOD, ["x", "y"], "is a name of none of its columns"),
    ],
)
def test_labels_that_do_not_fit_are_refused_by_name(tmp_path, cells, label, said):
    assert said in refused(tmp_path, cells, label=label)


# the data, by hand


def several(n=240, labels=3, missing=0.3, seed=0, **changes) -> Partition:
    """Rows of numbers of which each label is one, with noise, and some labels missing."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 6)).astype(np.float32)
    values = (features[:, :labels] + 0.5 * rng.normal(size=(n, labels)) > 0).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    names = tuple("abcdefgh"[:labels])
    facts = {"classes": (), "task": "multilabel", "labels": names, "n_features": 6}
    dataset = replace(make_dataset("tabular", "binary"), **facts, **changes)
    table = {f"label_{name}": values[:, k] for k, name in enumerate(names)}
    part = Partition("nowhere", dataset)
    part.examples = pd.DataFrame(
        {
            "id": [f"s{row}" for row in range(n)],
            "label": [str(row) for row in values],
            **table,
            "batch": rng.choice(["b1", "b2"], n),
            "age": 1.0,
            "source": "made",
            "content_hash": np.arange(n).astype(np.uint64),
            "canonical_hash": np.arange(n).astype(np.uint64),
        }
    )
    part.features = features
    return part


def audited(part: Partition):
    keep = {"duplicates": "keep", "conflicts": "keep"}
    return audit(part.examples, part.dataset, MissingValues(0, 0, 0, 6), keep, "the data")


def test_an_audit_counts_labels_by_batch_and_says_what_is_missing_there(tmp_path):
    part = several()
    in_one = part.examples["batch"] == "b1"
    part.examples.loc[in_one, "label_b"] = np.nan
    found = audited(part)
    counts = found.labels.set_index(["name", "batch"])
    assert counts.loc[("b", "b1"), ["present", "absent"]].sum() == 0
    assert counts.loc[("b", "b1"), "missing"] == in_one.sum()
    assert counts.loc[("a", ""), ["present", "absent", "missing"]].sum() == len(part)
    assert "labels missing in all of a batch: b in b1" in found.summary["warnings"][-1].lower()


def test_a_label_that_goes_with_batch_is_a_caution_and_one_that_is_constant_an_error():
    part = several(missing=0)
    part.examples["label_a"] = (part.examples["batch"] == "b1").astype(float)
    (caution,) = audited(part).summary["cautions"]
    assert "1 of 3 labels go with batch (`a`" in caution["sentence"]
    part.examples["label_a"] = 1.0
    with pytest.raises(InputError, match="the label 'a' is absent in 0 of the 240 examples"):
        audited(part)


SPLIT = {"strategy": "stratified", "shares": {"train": 0.6, "tune": 0.2, "test": 0.2}}
SPLIT |= {"test": [], "tune": [], "block_size": None}


def test_each_label_has_its_share_in_each_partition():
    part = several(n=200, labels=6, missing=0.5)
    rare = np.flatnonzero(part.examples["label_a"] == 1)
    part.examples.loc[rare[10:], "label_a"] = np.nan
    found = split_examples(part.examples, part.dataset, SPLIT, seed=1)
    partition = found.assignment["partition"].to_numpy()
    values = part.labels
    for name, share in SPLIT["shares"].items():
        inside = values[partition == name]
        for value in (0, 1):
            wanted = share * (values == value).sum(axis=0)
            assert np.abs((inside == value).sum(axis=0) - wanted).max() <= 2
    assert found.summary["sizes"]["train"]["labels"]["a"] == 6


def known_of(n_labels: int, n_known: int) -> tuple[pd.DataFrame, Dataset]:
    """500 examples, with labels that are present in half of the few that they are known of."""
    part, rng, columns = several(n=500, labels=6, missing=0), np.random.default_rng(1), {}
    for number in range(n_labels):
        values = np.full(500, np.nan)
        values[rng.permutation(500)[:n_known]] = np.arange(n_known) % 2
        columns[f"label_{number}"] = values
    examples = part.examples.drop(columns=part.dataset.label_columns[1:]).assign(**columns)
    return examples, replace(part.dataset, labels=tuple(map(str, range(n_labels))))


def test_labels_that_few_examples_are_known_of_are_refused_with_their_names():
    with pytest.raises(InputError, match=r"test has no example of presence of .* such in all"):
        split_examples(*known_of(20, 3), SPLIT, seed=1)


def test_a_label_that_is_the_same_in_all_of_train_is_refused():
    part = several(missing=0)
    examples = part.examples.assign(partition=["train", "train", "tune", "test"] * 60)
    examples.loc[examples["partition"] == "train", "label_b"] = 0.0
    given = {**SPLIT, "strategy": "predefined", "column": "partition"}
    with pytest.raises(InputError, match="train has no example of presence of b"):
        split_examples(examples, part.dataset, given, seed=1)


def test_fifty_labels_that_ten_examples_are_known_of_are_shared_out_and_too_few_for_a_verdict():
    examples, dataset = known_of(50, 10)
    found = split_examples(examples, dataset, SPLIT, seed=1)
    is_test = (found.assignment["partition"] == "test").to_numpy()
    labels = examples.loc[is_test, dataset.label_columns[1:]].to_numpy()
    small = too_small("multilabel", choose_resampling("multilabel", labels))
    assert "of its scarcest class, of the label that has fewest" in small


# scores


def test_a_score_is_the_mean_over_labels_of_the_known_examples():
    part = several()
    chances = np.random.default_rng(1).random(part.labels.shape)
    found = scores("multilabel", part.labels, chances)
    each = []
    for k in range(3):
        known = np.isfinite(part.labels[:, k])
        p = chances[known, k]
        each.append(
            scores("binary", part.labels[known, k].astype(int), np.column_stack([1 - p, p]))
        )
    for metric in found:
        assert found[metric] == pytest.approx(np.mean([one[metric] for one in each]))


def test_a_label_of_one_class_is_left_out_of_the_mean_for_every_metric():
    part = several(missing=0)
    labels, chances = part.labels.copy(), np.random.default_rng(1).random(part.labels.shape)
    labels[labels[:, 2] == 0, 2] = np.nan
    assert scores("multilabel", labels, chances) == pytest.approx(
        scores("multilabel", labels[:, :2], chances[:, :2])
    )


def test_a_few_examples_without_two_classes_of_a_label_have_an_interval_of_the_others_or_none():
    part = several(missing=0)
    chances = np.random.default_rng(1).random(part.labels.shape)
    for constant in ([2], [0, 1, 2]):
        labels = part.labels.copy()
        labels[:, constant] = 0.0
        resampling = choose_resampling("multilabel", labels)
        found = bootstrap_scores("multilabel", labels, {"m": [chances]}, resampling, 50, 1)
        assert np.isfinite(found.interval("m", "auroc").lower) == (len(constant) < 3)


def test_predictions_that_are_no_probabilities_of_each_label_are_refused():
    labels = several().labels
    with pytest.raises(InputError, match="shape"):
        scores("multilabel", labels, np.zeros((len(labels), 2)))
    with pytest.raises(InputError, match="beyond 0 and 1"):
        scores("multilabel", labels, np.full(labels.shape, 1.5))


def test_half_of_the_labels_missing_at_random_leave_the_scores_where_they_were():
    part = several(n=500, missing=0, seed=3)
    noise = np.random.default_rng(4).normal(size=part.labels.shape)
    chances = 1 / (1 + np.exp(-(part.features[:, :3] + noise)))
    whole = scores("multilabel", part.labels, chances)
    labels = part.labels.copy()
    labels[np.random.default_rng(5).random(labels.shape) < 0.5] = np.nan
    found = bootstrap_scores(
        "multilabel", labels, {"m": [chances]}, choose_resampling("multilabel", labels), 200, 1
    )
    for metric in ("auprc", "auroc", "mcc"):
        interval = found.interval("m", metric)
        assert interval.lower < whole[metric] < interval.upper


# fits


def fitted(part: Partition, name="logistic_regression", **hyperparameters):
    candidate = Candidate.of(name, {"kind": "baseline", "module": name})
    hp = ChosenHyperparameters({"C": 1.0, **hyperparameters})
    return fit(candidate, hp, Development(part, part), 1, Budget(1, 1, 1, 100)).model


def test_a_baseline_is_fitted_for_each_label_on_what_is_known_of_it():
    part = several()
    predicted = fitted(part).predict(part.features, part.examples)
    assert scores("multilabel", part.labels, predicted)["auroc"] > 0.85
    one = part.of_label(1)
    alone = fitted(one).predict(part.features, part.examples)
    assert np.allclose(predicted[:, 1], alone[:, 1])


def test_a_label_of_which_a_share_holds_one_class_or_nothing_is_predicted_as_that():
    part = several(40, missing=0)
    labels = part.labels.copy()
    labels[:, 1], labels[:, 2] = 1, np.nan
    each = OneForEachLabel(LogisticRegression()).fit(part.features, labels)
    predicted = each.predict_proba(part.features)
    assert np.ptp(predicted[:, 0]) > 0.5
    assert (predicted[:, 1:] == [1, 0]).all()


def test_shuffled_labels_of_an_example_stay_together():
    part = several()
    drawn = shuffled(part, "within_batch", np.random.default_rng(1))
    assert not np.array_equal(drawn.labels, part.labels, equal_nan=True)
    for batch in ("b1", "b2"):
        inside = (part.examples["batch"] == batch).to_numpy()
        both = (sorted(map(str, one.labels[inside].tolist())) for one in (part, drawn))
        assert next(both) == next(both)


def test_shares_of_train_hold_every_label_and_batches_without_one_cannot_be_left_out():
    part = several(missing=0.6)
    first, *_ = nested_shares(part, [0.01, 1.0], seed=1)
    counts = [(part.labels[first.rows] == value).sum(axis=0).min() for value in (0, 1)]
    assert min(counts) >= 5 and first.is_raised
    part.examples.loc[part.examples["batch"] == "b1", "label_c"] = np.nan
    del part.__dict__["labels"]
    notes = batch_notes(part.examples["batch"], part.labels, part.dataset)
    assert "too few examples with and without c" in notes["b1"]


def test_directions_of_batches_are_learnt_beside_several_labels():
    part = several()
    part.features[:, 5] += 5 * (part.examples["batch"] == "b1")
    axes = batch_directions(part.features, part).axes
    assert axes.shape == (6, 1) and np.abs(axes[:, 0]).argmax() == 5


# judging

SETTINGS = SimpleNamespace(objective="auroc", minimum_gain=0.02, bootstrap=200, seed=1)
FROZEN = {
    "models": {
        "joint": {"kind": "network"},
        "alone": {"kind": "network"},
        "line": {"kind": "baseline"},
        "floor": {"kind": "nuisance"},
    },
    "chosen": {"network": "joint", "baseline": "line", "nuisance": "floor"},
}


def judged(strengths: dict):
    """Verdicts on models whose log odds follow the truth with a strength for each label."""
    part = several(n=400, missing=0.3, seed=2)
    truth = np.where(np.isfinite(part.labels), part.labels, 0) * 2 - 1
    fits = {}
    for number, (name, each) in enumerate(strengths.items()):
        noise = np.random.default_rng(number).normal(size=truth.shape)
        fits[name] = [1 / (1 + np.exp(-(truth * np.array(each) + noise)))]
    resampling = choose_resampling("multilabel", part.labels)
    scored = bootstrap_scores("multilabel", part.labels, fits, resampling, 200, 1)
    pairs = [("joint", "alone")]
    return judge_labels(part, part, fits, FROZEN, scored, SETTINGS, pairs)["label_verdicts"]


def test_labels_have_verdicts_of_their_own_and_joint_training_has_one():
    found = judged(
        {"joint": [2, 2, 0.7], "alone": [1, 1, 0.7], "line": [1, 1, 0.7], "floor": [0] * 3}
    )
    assert [one["verdict"] for one in found["labels"][:2]] == ["network", "network"]
    assert found["labels"][2]["difference_shown"] == "not_shown"
    (joint,) = found["joint"]
    assert joint["found"] == "helps" and joint["sentence"].startswith("Joint training helps")
    assert [one["adjusted"] < 0.05 for one in joint["labels"]] == [True, True, False]


def test_joint_training_that_changes_nothing_or_hurts_is_called_that():
    floor = {"line": [1, 1, 1], "floor": [0, 0, 0]}
    same = judged({"joint": [1.5] * 3, "alone": [1.5] * 3, **floor})["joint"][0]
    assert same["found"] == "no_difference" and "No difference" in same["sentence"]
    assert judged({"joint": [1] * 3, "alone": [2] * 3, **floor})["joint"][0]["found"] == "hurts"


def test_a_network_is_compared_with_its_own_twin():
    entry = {"kind": "network", "module": "cnn", "alone": False, "space": {"filters": 32}}
    entries = {"cnn": entry, "cnn_alone": {**entry, "alone": True}}
    entries["wide"] = {**entry, "space": {"filters": 64}}
    assert twins_of(entries) == [("cnn", "cnn_alone")]


def test_what_gives_a_label_away_is_told_with_its_name_and_withholds_nothing():
    parts = [several(300, missing=0.2, seed=seed) for seed in (1, 2)]
    for part in parts:
        known = np.nan_to_num(part.labels[:, 1], nan=0.5)
        part.features[:, 5] = known + 0.01 * part.features[:, 5]
    found = find_label_giveaways(*parts, list("uvwxyz"), seed=1)
    cautions = found.summary["cautions"]
    assert any(one["sentence"].startswith("b: ") and "`z`" in one["sentence"] for one in cautions)
    assert not any(one["withholds"] for one in cautions)
    assert set(found.table["best_class"]) == {"a", "b", "c"}
