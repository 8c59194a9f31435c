import json
import time

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset
from scipy.stats import f_oneway

from deeprules.audit.audit import audit, effective_sample_size
from deeprules.audit.duplicates import find_repeats
from deeprules.errors import InputError
from deeprules.ingest.missing_values import count_missing
from deeprules.split.intervals import best_contradiction
from deeprules.statistics.association import batch_label_association, cross_table

DROP = {"duplicates": "drop", "conflicts": "drop"}
COMPLETE = count_missing(np.zeros((1, 4), dtype=np.uint8))


def make_examples(n=300, **columns) -> pd.DataFrame:
    """Examples of two balanced classes, each with a content of its own."""
    content = np.arange(n, dtype=np.uint64)
    examples = pd.DataFrame({"id": [f"e{i}" for i in range(n)]})
    examples["label"] = np.where(np.arange(n) % 2, "yes", "no")
    for name, values in columns.items():
        examples[name] = values
    return examples.assign(content_hash=content, canonical_hash=content)


def copy_content(examples, source, target, other_strand=False):
    """Plant a repeat: the example in row `target` gets the content of row `source`."""
    examples.loc[target, "canonical_hash"] = examples.loc[source, "canonical_hash"]
    own = 10**9 + target if other_strand else examples.loc[source, "content_hash"]
    examples.loc[target, "content_hash"] = own


def run(examples, policies=DROP, missing=COMPLETE, **facts):
    facts = {"has_batch": "batch" in examples, "has_group": "group" in examples, **facts}
    return audit(examples, make_dataset(**facts), missing, policies, "examples.parquet")


def test_clean_data_pass():
    found = run(make_examples())
    assert found.summary["status"] == "pass"
    assert found.summary["warnings"] == []
    assert found.summary["n_kept"] == found.summary["effective_sample_size"] == 300
    assert found.summary["n_groups"] is None and found.summary["batch_label"] is None
    assert found.keep["keep"].all()
    assert found.classes.set_index("label")["n"].to_dict() == {"no": 150, "yes": 150}
    assert found.problems.empty and found.duplicates.empty and found.batches.empty
    json.dumps(found.summary, allow_nan=False)


def test_all_that_does_not_go_on_is_counted_by_reason():
    examples = make_examples(source="peaks")
    copy_content(examples, 0, 2)
    copy_content(examples, 5, 8)
    built = [{"reason": "they have no label", "source": "peaks", "n": 2, "such_as": ["a", "b"]}]
    dataset = make_dataset(has_batch=False, has_group=False)
    found = audit(examples, dataset, COMPLETE, DROP, "examples.parquet", left_out=built)
    assert found.left_out["n"].tolist() == [2, 1, 2] and found.summary["n_left_out"] == 2
    assert found.left_out["such_as"].tolist() == ["a;b", "e2", "e5;e8"]
    assert found.left_out["n"].sum() == 2 + len(examples) - found.summary["n_kept"]


# repeated contents


def test_duplicates_are_told_apart_by_strand_and_the_first_is_kept():
    examples = make_examples()
    copy_content(examples, 0, 2)
    copy_content(examples, 1, 3, other_strand=True)
    copy_content(examples, 1, 5)
    found = run(examples)
    assert found.duplicates["kind"].tolist() == ["exact", "reverse complement"]
    assert found.duplicates["ids"].tolist() == ["e0;e2", "e1;e3;e5"]
    assert found.duplicates["n"].tolist() == [2, 3]
    assert found.duplicates["canonical_hash"].tolist() == ["0" * 16, "0" * 15 + "1"]
    dropped = found.keep[~found.keep["keep"]]
    assert dropped["id"].tolist() == ["e2", "e3", "e5"]
    assert set(dropped["reason"]) == {"duplicate"}
    assert found.summary["n_duplicates"] == 3 and found.summary["n_conflicts"] == 0


def test_conflicts_are_dropped_whole():
    examples = make_examples()
    copy_content(examples, 0, 1)
    copy_content(examples, 0, 2)
    found = run(examples)
    assert found.keep.loc[~found.keep["keep"], "id"].tolist() == ["e0", "e1", "e2"]
    assert found.duplicates["labels"].tolist() == ["no;yes"]
    assert found.duplicates["action"].tolist() == ["dropped all"]
    assert found.summary["n_conflicts"] == 3 and found.summary["status"] == "warn"


@pytest.mark.parametrize("problem, target", [("duplicates", 2), ("conflicts", 1)])
def test_keep_keeps_and_warns(problem, target):
    examples = make_examples()
    copy_content(examples, 0, target)
    found = run(examples, DROP | {problem: "keep"})
    assert found.keep["keep"].all()
    assert found.duplicates["action"].tolist() == ["kept all"]
    assert "They were kept" in found.summary["warnings"][0]


@pytest.mark.parametrize("problem, target", [("duplicates", 2), ("conflicts", 1)])
def test_error_names_the_examples_and_the_setting(problem, target):
    examples = make_examples()
    copy_content(examples, 0, target)
    with pytest.raises(InputError, match=f"row e0, e{target}.*`data: {problem}`"):
        run(examples, DROP | {problem: "error"})


# neighbours on a genome


def placed_examples(*places, n=40):
    """Examples far apart, the first of them at these places: (label, chromosome, start, end)."""
    examples = make_examples(n, chromosome="chr9", start=1000 * np.arange(n))
    examples["end"] = examples["start"] + 200
    for row, place in enumerate(places):
        examples.loc[row, ["label", "chromosome", "start", "end"]] = place
    return examples


NEAR = [("yes", "chr1", 1000, 1200), ("no", "chr1", 1014, 1214)]


def test_overlapping_intervals_with_different_labels_are_a_conflict():
    found = run(placed_examples(*NEAR, ("yes", "chr1", 1100, 1300), ("yes", "chr2", 1000, 1200)))
    dropped = found.keep[~found.keep["keep"]]
    assert dropped["id"].tolist() == ["e0", "e1", "e2"]
    assert set(dropped["reason"]) == {"conflict"}
    row = found.duplicates.iloc[0]
    assert (row["kind"], row["n"], row["labels"]) == ("overlap", 3, "yes;no")
    assert (row["ids"], row["action"]) == ("e0;e1;e2", "dropped all")
    assert found.summary["n_contradictory_neighbours"] == 3
    assert any("3 examples overlap an example with" in text for text in found.summary["warnings"])
    assert found.summary["cautions"][0]["title"] == "Neighbours contradict each other"


def test_neighbours_that_are_kept_are_said_and_those_refused_are_named():
    found = run(placed_examples(*NEAR, n=400), DROP | {"conflicts": "keep"})
    assert found.keep["keep"].all() and found.duplicates["action"].tolist() == ["kept all"]
    assert "2 of 400 examples overlap" in found.summary["cautions"][0]["sentence"]
    with pytest.raises(InputError, match=r"row e0, e1.*2 examples with intervals that overlap"):
        run(placed_examples(*NEAR), DROP | {"conflicts": "error"})


def test_few_neighbours_that_were_dropped_do_not_weigh_on_the_verdict():
    assert run(placed_examples(*NEAR, n=400)).summary["cautions"] == []


@pytest.mark.parametrize(
    ("other", "n", "n_touching"),
    [
        (("no", "chr1", 1100, 1300), 2, 0),
        (("no", "chr1", 1101, 1301), 0, 2),
        (("no", "chr1", 1199, 1399), 0, 2),
        (("no", "chr1", 1200, 1400), 0, 0),
        (("no", "chr1", 1090, 1110), 2, 0),
        (("no", "chr2", 1014, 1214), 0, 0),
        (("yes", "chr1", 1014, 1214), 0, 0),
        (("no", "chr1", 1000, 1200), 0, 0),
        (("no", "chr1", pd.NA, pd.NA), 0, 0),
        (("no", pd.NA, 1014, 1214), 0, 0),
    ],
)
def test_half_of_the_shorter_interval_makes_one_locus(other, n, n_touching):
    examples = placed_examples(NEAR[0], other).astype({"start": "Int64", "end": "Int64"})
    repeats = find_repeats(examples, "drop", "drop")
    assert (repeats.n_neighbours, repeats.n_touching) == (n, n_touching)


def test_values_of_neighbours_may_differ():
    examples = placed_examples(*NEAR).assign(label=np.arange(40.0))
    assert find_repeats(examples, "drop", "drop", is_classification=False).n_neighbours == 0


def test_neighbours_are_those_that_a_comparison_of_all_pairs_finds():
    rng = np.random.default_rng(2)
    low = rng.integers(0, 3000, 300)
    intervals = pd.DataFrame({"low": low, "high": low + rng.integers(1, 60, 300)})
    labels = pd.Series(rng.integers(0, 3, 300)).map({0: "a", 1: "b", 2: "c"})
    found = best_contradiction(intervals, labels)
    for row, (low, high) in intervals.iterrows():
        other = intervals[
            (labels != labels[row]) & ~((intervals["low"] == low) & (intervals["high"] == high))
        ]
        overlap = np.minimum(other["high"], high) - np.maximum(other["low"], low)
        shares = overlap / np.minimum(other["high"] - other["low"], high - low)
        assert found[row] == pytest.approx(max(shares.max(), 0))


@pytest.mark.parametrize(("n", "bases"), [(10**6, 10**9), (20_000, 3000)])
def test_many_intervals_take_seconds(n, bases):
    rng = np.random.default_rng(4)
    low = rng.integers(0, bases, n)
    intervals = pd.DataFrame({"low": low, "high": low + rng.integers(100, 3000, n)})
    begin = time.process_time()
    shares = best_contradiction(intervals, pd.Series(rng.integers(0, 2, n)))
    assert time.process_time() - begin < 15
    assert shares.mean() > 0.5


def test_a_long_list_of_errors_is_cut():
    examples = make_examples()
    for row in range(0, 100, 4):
        copy_content(examples, row, row + 2)
    with pytest.raises(InputError, match=r"^20 problems[\s\S]*and 5 more such contents"):
        run(examples, DROP | {"duplicates": "error"})


def test_given_partitions_keep_the_copy_in_test():
    examples = make_examples(partition=["train", "tune", "test"] * 100)
    for target in (6, 8, 4):
        copy_content(examples, 0, target)
    copy_content(examples, 3, 7)
    examples.loc[7, "label"] = examples.loc[3, "label"]
    found = run(examples)
    assert found.keep.loc[~found.keep["keep"], "id"].tolist() == ["e0", "e3", "e4", "e6"]
    assert found.duplicates["partitions"].tolist() == ["train;tune;test", "train;tune"]
    assert "2 contents stand in more than one" in found.summary["warnings"][0]


def test_equal_contents_conflict_in_a_regression_only_if_values_differ():
    examples = make_examples(label=np.arange(300) % 50 / 7)
    copy_content(examples, 0, 50)
    copy_content(examples, 1, 2)
    found = run(examples, task="regression")
    assert found.duplicates["problem"].tolist() == ["duplicate", "conflict"]
    assert found.classes.empty


def test_repeats_are_found_fast_and_in_any_order():
    rng = np.random.default_rng(0)
    content = rng.integers(10_000, size=200_000).astype(np.uint64)
    label = np.where(content % 2, "yes", "no")
    examples = pd.DataFrame({"id": np.arange(200_000).astype(str), "label": label})
    examples = examples.assign(content_hash=content, canonical_hash=content)
    kept = find_repeats(examples, "drop", "drop").keep["keep"].sum()
    assert kept == len(np.unique(content))
    assert (
        find_repeats(examples.sample(frac=1, random_state=1), "drop", "drop").keep["keep"].sum()
        == kept
    )


# classes, groups, missing values


@pytest.mark.parametrize("column", ["label", "group", "batch"])
def test_a_missing_value_is_an_error(column):
    examples = make_examples(group=[f"g{i % 9}" for i in range(300)], batch=["a", "b", "b"] * 100)
    examples.loc[7, column] = None
    with pytest.raises(InputError, match=f"1 example without a {column}, such as 'e7'"):
        run(examples)


def test_all_errors_come_in_one():
    examples = make_examples(group="donor 1")
    examples["label"] = ["rare"] * 2 + ["no"] * 298
    copy_content(examples, 100, 101)
    with pytest.raises(InputError) as error:
        run(examples, DROP | {"duplicates": "error"}, classes=("no", "rare"))
    message = str(error.value)
    assert message.startswith("3 problems")
    assert "class 'rare' has 2 examples" in message
    assert "one group, 'donor 1', holds every example" in message
    assert "row e100, e101" in message


def test_one_class_left_after_conflicts_is_an_error():
    examples = make_examples()
    examples["label"] = ["yes"] * 3 + ["no"] * 297
    for row in range(3):
        copy_content(examples, row + 10, row)
    with pytest.raises(InputError, match="only one class is left: 'no' with 294 examples"):
        run(examples)


def test_a_constant_value_is_an_error():
    with pytest.raises(InputError, match="all examples have the same value"):
        run(make_examples(label=1.5), task="regression")


def test_small_and_unbalanced_classes_are_warned_about():
    examples = make_examples()
    examples["label"] = ["yes"] * 60 + ["no"] * 240
    warnings = run(examples).summary["warnings"]
    assert warnings[0].startswith("Class 'yes' has 60 examples, fewer than 100.")
    assert warnings[1].startswith(
        "The classes are unbalanced: 240 examples of 'no' but 60 of 'yes'"
    )


def test_a_small_regression_and_many_features_are_warned_about():
    examples = make_examples(n=48, label=np.arange(48) / 7)
    found = run(examples, modality="tabular", task="regression", n_features=2539)
    assert found.summary["warnings"][0].startswith("There are 48 examples, fewer than 100.")
    assert "more features (2539) than examples (48)" in found.summary["warnings"][1]


def test_missing_values_are_counted_in_chunks(monkeypatch):
    monkeypatch.setattr("deeprules.ingest.missing_values.CHUNK_BYTES", 64)
    matrix = np.zeros((300, 4), dtype=np.float32)
    matrix[:, 1] = np.nan
    matrix[[3, 299], 2] = np.nan
    missing = count_missing(matrix)
    assert (missing.values, missing.features, missing.empty_features) == (302, 2, 1)
    warnings = run(make_examples(), missing=missing).summary["warnings"]
    assert warnings[0].startswith("302 values (25.17%) are missing, in 2 of 4 features.")
    assert warnings[1].startswith("1 features have no value at all.")


@pytest.mark.parametrize("sizes, expected", [([1] * 10, 10), ([5, 5], 2), ([8, 1, 1], 100 / 66)])
def test_effective_sample_size_of_groups(sizes, expected):
    groups = pd.Series(np.repeat(np.arange(len(sizes)), sizes))
    assert effective_sample_size(groups, len(groups)) == pytest.approx(expected)


def test_the_largest_groups_are_listed(monkeypatch):
    monkeypatch.setattr("deeprules.audit.audit.MAX_GROUPS", 2)
    found = run(make_examples(group=["a", "b", "b", "c", "c", "c"] * 50))
    assert found.groups.to_dict("list") == {"group": ["c", "b"], "n": [150, 100]}
    assert found.summary["n_groups"] == 3


# batch and label


def test_batches_without_a_bearing_on_the_label_pass():
    found = run(make_examples(batch=["a", "a", "b", "b"] * 75))
    assert found.summary["batch_label"]["cramers_v"] < 0.05
    assert found.summary["warnings"] == []
    assert found.batches.to_dict("list") == {"batch": ["a", "b"], "no": [75, 75], "yes": [75, 75]}


def test_a_confounded_batch_is_warned_about():
    examples = make_examples()
    examples["batch"] = examples["label"].map({"no": "a", "yes": "b"})
    examples.loc[:9, "batch"] = "a"
    warning = run(examples).summary["warnings"][0]
    assert warning.startswith("Batch and label are confounded: Cramer's V is 0.97")


def test_a_fully_confounded_batch_is_called_so():
    examples = make_examples()
    lots = pd.Series(np.where(np.arange(300) % 3, " lot 1", " lot 2"))
    examples["batch"] = examples["label"] + lots
    found = run(examples)
    assert found.summary["batch_label"]["cramers_v"] == pytest.approx(1)
    assert "every batch holds one label alone" in found.summary["warnings"][0]
    assert found.summary["status"] == "warn"


def test_cramers_v_by_hand():
    labels = pd.Series(["no"] * 40 + ["yes"] * 60)
    batches = pd.Series(["a"] * 30 + ["b"] * 10 + ["a"] * 20 + ["b"] * 40)
    found = batch_label_association(labels, batches, is_classification=True)
    phi = (30 * 40 - 10 * 20) / np.sqrt(40 * 60 * 50 * 50)
    assert found.value == pytest.approx(phi)


def test_many_small_batches_are_not_confounded_by_chance():
    rng = np.random.default_rng(0)
    labels = pd.Series(rng.choice(["no", "yes"], 100))
    found = batch_label_association(labels, pd.Series(np.arange(100) // 2), True)
    assert found.value > 0.5 and not found.confounded


def test_a_batch_that_sets_the_value_is_confounded():
    rng = np.random.default_rng(0)
    batches = pd.Series(["a", "b", "c"] * 50)
    noise = pd.Series(rng.normal(size=150))
    shifted = batch_label_association(noise + batches.map({"a": 0, "b": 3, "c": 6}), batches, False)
    assert shifted.measure == "eta_squared" and shifted.value > 0.8 and shifted.confounded
    none = batch_label_association(noise, batches, False)
    expected = f_oneway(*(noise[batches == name] for name in "abc")).pvalue
    assert none.p_value == pytest.approx(expected) and not none.confounded


@pytest.mark.parametrize("batches", [["a"] * 6, list("abcdef")])
def test_no_association_without_repeated_batches(batches):
    labels = pd.Series(["no", "yes"] * 3)
    assert batch_label_association(labels, pd.Series(batches), True) is None


def test_a_label_named_batch_does_no_harm():
    examples = make_examples(label=["batch", "yes"] * 150, batch=["a", "a", "b", "b"] * 75)
    table = run(examples, classes=("batch", "yes")).batches
    assert list(table.columns) == ["batch", "batch", "yes"]


# names that may be one


def test_groups_that_differ_in_their_writing_are_named_and_weigh_on_the_verdict():
    names = np.array([f"D{i % 20:02d}" for i in range(300)], dtype=object)
    names[0] = "d 00"
    found = run(make_examples(group=names, batch=["A"] * 150 + ["a"] * 150))
    warnings = [warning for warning in found.summary["warnings"] if "may be one" in warning]
    assert len(warnings) == 2 and "'d 00' and 'D00'" in warnings[0] and "'A' and 'a'" in warnings[1]
    first, second = found.summary["cautions"]
    assert "'d 00' and 'D00'" in first["sentence"] and "batch" in second["title"]
    assert not first["withholds"]


def test_classes_ids_and_covariates_that_look_alike_are_a_warning_alone():
    examples = make_examples(tissue=["Liver", "liver "] * 150, age=np.arange(300.0))
    examples.loc[0, "id"] = "E_1"
    found = run(examples, covariates=("tissue", "age"))
    assert sum("may be one" in warning for warning in found.summary["warnings"]) == 2
    assert found.summary["cautions"] == []


def test_a_batch_that_may_be_no_name_is_told():
    found = run(make_examples(batch=["b1", "unknown", "?"] * 100))
    assert sum("is not known" in warning for warning in found.summary["warnings"]) == 2


def test_the_table_of_two_columns_is_that_of_pandas():
    rng = np.random.default_rng(0)
    rows = pd.Series(np.array(["b", "a", "c"])[rng.integers(3, size=60)])
    columns = pd.Series(np.array(["y", "n", "m"])[rng.integers(3, size=60)])
    rows[:3], columns[2:5] = None, None
    expected = pd.crosstab(rows, columns)
    found = cross_table(rows, columns)
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
    assert found.index.tolist() == expected.index.tolist()
    assert found.columns.tolist() == expected.columns.tolist()
