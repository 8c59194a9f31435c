import json

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset

from deeprules.errors import InputError
from deeprules.split.intervals import overlap_any, overlap_clusters, placed
from deeprules.split.partitions import (
    PARTITIONS,
    existing_columns,
    of_all_rows,
    read_keep,
    write_partitions,
)
from deeprules.split.sharing import share_out
from deeprules.split.splits import split_examples

SHARES = {"train": 0.7, "tune": 0.15, "test": 0.15}


def make_examples(n=600, **columns) -> pd.DataFrame:
    """Examples of which every third is of class yes, each with a content of its own."""
    examples = pd.DataFrame({"id": [f"e{i}" for i in range(n)]})
    examples["label"] = np.where(np.arange(n) % 3, "no", "yes")
    for name, values in columns.items():
        examples[name] = values
    return examples.assign(canonical_hash=np.arange(n, dtype=np.uint64))


def run(examples, strategy="stratified", seed=1, task="binary", classes=None, **settings):
    facts = {"task": task, "has_group": "group" in examples, "has_batch": "batch" in examples}
    facts |= {"classes": classes} if classes else {}
    settings = {"shares": SHARES, "block_size": None, "test": [], "tune": []} | settings
    dataset = make_dataset(**facts)
    return split_examples(examples, dataset, {"strategy": strategy, **settings}, seed)


def partitions_of(split, values) -> pd.Series:
    """In how many partitions each value stands."""
    return split.assignment["partition"].groupby(np.asarray(values)).nunique()


# stratified


def test_a_stratified_split_keeps_shares_and_prevalence():
    found = run(make_examples())
    assert found.summary["sizes"] == {
        "train": {"n": 420, "groups": None, "labels": {"no": 280, "yes": 140}},
        "tune": {"n": 90, "groups": None, "labels": {"no": 60, "yes": 30}},
        "test": {"n": 90, "groups": None, "labels": {"no": 60, "yes": 30}},
    }
    assert found.summary["warnings"] == []
    assert found.assignment["unit"].equals(found.assignment["id"])
    json.dumps(found.summary, allow_nan=False)


def test_the_seed_decides():
    examples = make_examples(group=np.arange(600) // 4)
    for strategy in ("stratified", "group"):
        first = run(examples, strategy).assignment
        assert first.equals(run(examples, strategy).assignment)
        assert not first.equals(run(examples, strategy, seed=2).assignment)


def test_the_order_of_rows_does_not_change_sizes():
    examples = make_examples()
    shuffled = examples.sample(frac=1, random_state=3)
    assert run(examples).summary["sizes"] == run(shuffled).summary["sizes"]


def test_values_are_stratified_by_quantile():
    value = np.random.default_rng(0).lognormal(size=600)
    found = run(make_examples(label=value), task="regression")
    medians = pd.Series(value).groupby(found.assignment["partition"]).median()
    assert medians.max() - medians.min() < 0.15
    assert found.summary["sizes"]["test"] == {"n": 90, "groups": None, "labels": {}}


def test_few_values_can_be_split():
    found = run(make_examples(n=20, label=np.arange(20.0)), task="regression")
    assert [found.summary["sizes"][name]["n"] for name in PARTITIONS] == [14, 3, 3]


def test_values_with_many_ties_can_be_split():
    value = np.where(np.arange(200) % 4, 0.0, np.arange(200))
    assert run(make_examples(n=200, label=value), task="regression").summary["sizes"]["tune"][
        "n"
    ] in (29, 30, 31)


def test_too_few_examples_to_stratify_is_an_error():
    with pytest.raises(InputError, match=r"test cannot be stratified.*merge small classes"):
        run(make_examples(n=6, label=list("aabbcc")), task="multiclass")


# groups and copies


@pytest.mark.parametrize("strategy", ["stratified", "group", "chromosome", "batch"])
def test_groups_never_straddle(strategy):
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(150), 4)
    batch = np.char.add("b", (group % 12).astype(str))
    chromosome = np.char.add("chr", (group % 10).astype(str))
    examples = make_examples(group=group, batch=batch, chromosome=chromosome)
    examples = examples.iloc[rng.permutation(600)]
    found = run(examples, strategy)
    assert partitions_of(found, examples["group"]).max() == 1
    if strategy in ("batch", "chromosome"):
        assert partitions_of(found, examples[strategy]).max() == 1
    assert found.summary["sizes"]["test"]["groups"] > 0


def test_groups_of_unequal_size_are_stratified():
    rng = np.random.default_rng(1)
    group = rng.choice(200, 3000, p=(weights := rng.exponential(size=200)) / weights.sum())
    label = np.where(rng.random(3000) < 0.1 + 0.4 * (group % 2), "yes", "no")
    found = run(make_examples(n=3000, group=group, label=label), "group")
    for name, share in SHARES.items():
        size = found.summary["sizes"][name]
        assert size["n"] == pytest.approx(3000 * share, rel=0.05)
        assert size["labels"]["yes"] / size["n"] == pytest.approx(np.mean(label == "yes"), abs=0.02)


def test_every_class_reaches_every_partition_with_three_groups_each():
    examples = make_examples(n=18, group=np.arange(18) // 2, label=np.repeat(list("abc"), 6))
    for seed in range(5):
        found = run(examples, "group", seed=seed, task="multiclass")
        assert all(min(s["labels"].values()) == 2 for s in found.summary["sizes"].values())


def test_the_largest_group_goes_to_train_and_the_sizes_are_told():
    group = np.array([0] * 400 + [1] * 100 + [2] * 100)
    found = run(make_examples(group=group), "group")
    assert found.summary["sizes"]["train"]["n"] == 400
    large = run(make_examples(group=[0] * 300 + [1] * 150 + [2] * 150), "group")
    assert "train holds 50% of the examples instead of 70%" in large.summary["warnings"][0]


@pytest.mark.parametrize("strategy", ["stratified", "group"])
def test_copies_stay_together(strategy):
    examples = make_examples(group=np.arange(600) // 2)
    examples["canonical_hash"] = examples["canonical_hash"] % 250
    found = run(examples, strategy)
    assert partitions_of(found, examples["canonical_hash"]).max() == 1
    assert partitions_of(found, examples["group"]).max() == 1


def test_very_many_units_are_shared_out_in_fewer_orders(monkeypatch):
    monkeypatch.setattr("deeprules.split.sharing.STEPS", 1)
    found = run(make_examples(group=np.arange(600) // 2), "group")
    assert found.summary["sizes"]["test"]["n"] == pytest.approx(90, abs=6)


def test_a_class_of_three_reaches_every_partition():
    label = np.array(["rare"] * 3 + ["no", "yes"] * 150)
    for seed in range(5):
        facts = {"task": "multiclass", "classes": ("no", "rare", "yes")}
        found = run(make_examples(n=303, label=label), seed=seed, **facts)
        sizes = found.summary["sizes"]
        assert [sizes[name]["labels"]["rare"] for name in PARTITIONS] == [1, 1, 1]
        assert sizes["test"]["n"] == pytest.approx(303 * 0.15, abs=2)


def test_a_chain_of_ties_is_one_unit():
    examples = make_examples(n=60, group=np.arange(60) // 2)
    examples.loc[2, "canonical_hash"] = examples.loc[1, "canonical_hash"]
    examples.loc[4, "canonical_hash"] = examples.loc[3, "canonical_hash"]
    found = run(examples, "group")
    assert found.assignment["unit"][:6].nunique() == 1
    assert found.assignment["unit"].nunique() == 28
    assert "The 30 units of strategy group form only 28" in found.summary["warnings"][0]


def test_with_test_batches_named_tune_is_drawn_from_the_other_batches():
    examples = make_examples(
        batch=np.repeat(["a", "b", "c"], 200), group=np.arange(600) // 4, label=["no", "yes"] * 300
    )
    found = run(examples, "batch", test=["c"])
    partition = found.assignment["partition"]
    assert set(examples["batch"][partition == "test"]) == {"c"}
    for name in ("train", "tune"):
        assert set(examples["batch"][partition == name]) == {"a", "b"}
    assert partitions_of(found, examples["group"]).max() == 1
    sizes = found.summary["sizes"]
    assert sizes["tune"]["n"] == pytest.approx(400 * 0.15 / 0.85, abs=4)
    assert sizes["tune"]["labels"]["yes"] == pytest.approx(sizes["tune"]["n"] / 2, abs=2)


def test_tune_is_made_of_whole_batches_where_there_are_enough():
    """With five batches beside the held-out one, models are chosen on a batch of their own."""
    examples = make_examples(batch=np.repeat(list("abcdef"), 100))
    found = run(examples, "batch", test=["f"])
    partition = found.assignment["partition"]
    batches = {name: set(examples["batch"][partition == name]) for name in PARTITIONS}
    assert batches["test"] == {"f"} and len(batches["train"]) >= 3 and batches["tune"]
    assert not batches["tune"] & batches["train"]
    assert not any("batches of train" in one for one in found.summary["warnings"])


@pytest.mark.parametrize("label", [None, np.repeat(["no", "yes", "no", "yes", "no", "yes"], 100)])
def test_tune_within_the_batches_of_train_is_told(label):
    """Too few batches, or batches of one class each, leave no whole batch for tune."""
    examples = make_examples(batch=np.repeat(list("abcabc" if label is None else "abcdee"), 100))
    if label is not None:
        examples["label"] = label
    found = run(examples, "batch", test=["c" if label is None else "e"])
    partition = found.assignment["partition"]
    shared = [set(examples["batch"][partition == name]) for name in ("train", "tune")]
    assert shared[0] & shared[1]
    assert any("is not chosen for new batches" in one for one in found.summary["warnings"])


def test_groups_across_all_batches_make_a_batch_split_impossible():
    examples = make_examples(group=np.arange(600) % 4, batch=np.arange(600) // 150)
    with pytest.raises(InputError, match=r"leaves 1\. The 4 units of strategy batch form only 1"):
        run(examples, "batch")


# chromosomes, batches, named units


def test_chromosomes_are_kept_whole_or_cut_into_blocks():
    chromosome = np.repeat([f"chr{i}" for i in range(12)], 50)
    examples = make_examples(chromosome=chromosome, start=np.tile(np.arange(50) * 100, 12))
    assert partitions_of(run(examples, "chromosome"), chromosome).max() == 1
    blocks = run(examples, "chromosome", block_size=1000)
    assert partitions_of(blocks, blocks.assignment["unit"]).max() == 1
    assert blocks.assignment["unit"].nunique() == 60
    assert blocks.assignment["unit"][13] == "chr0:1"


def test_neighbours_that_overlap_stay_in_one_block():
    rng = np.random.default_rng(0)
    start = rng.permutation(np.arange(600) * 100)
    length = np.where(start % 3000 == 900, 150, 100)  # these reach into the next block
    examples = make_examples(chromosome="chr1", start=start, end=start + length)
    found = run(examples, "chromosome", block_size=1000)
    assert found.assignment["unit"].nunique() == 40
    assert "overlapping intervals" in found.summary["warnings"][0]
    assert not any("LEAK" in warning for warning in found.summary["warnings"])


def test_overlaps_across_partitions_are_told():
    start = np.arange(600) * 100
    chromosome = np.repeat(["chr1", "chr2"], 300)
    given = np.repeat(["train", "tune", "test"], 200)
    length = np.full(600, 100)
    length[[198, 199, 299, 599]] = 250  # 198 and 199 reach into tune, 299 ends the chromosome
    examples = make_examples(
        chromosome=chromosome, start=start, end=start + length, partition=given
    )
    warnings = run(examples, "predefined").summary["warnings"]
    assert len(warnings) == 1
    assert warnings[0].startswith("LEAK: 2 of the 200 examples in tune overlap an example of train")
    examples.loc[450, ["start", "end"]] = [0, 1]
    examples.loc[451, ["chromosome", "start", "end"]] = ["chr1", 0, 1]
    examples.loc[452, "chromosome"] = None
    warnings = run(examples, "predefined").summary["warnings"]
    assert warnings[0].startswith(
        "LEAK: 1 of the 200 examples in test overlap an example of train or tune"
    )


def test_overlaps_are_those_of_all_pairs():
    rng = np.random.default_rng(0)
    low = rng.integers(500, size=120)
    table = pd.DataFrame({"chromosome": rng.choice(["a", "b"], 120), "start": low})
    table["end"] = low + rng.integers(1, 20, size=120)
    intervals = placed(table)
    first, second = table[:60], table[60:]
    expected = [
        any(
            one.chromosome == other.chromosome and one.start < other.end and other.start < one.end
            for other in second.itertuples()
        )
        for one in first.itertuples()
    ]
    assert overlap_any(intervals[:60], intervals[60:]).tolist() == expected
    assert 0 < sum(expected) < 60
    clusters = overlap_clusters(intervals)
    for _, members in intervals.groupby(clusters):
        assert not overlap_any(members, intervals.drop(members.index)).any()


def test_positions_without_a_chromosome_are_one_chromosome():
    examples = make_examples(start=np.arange(600) * 10)
    found = run(examples, "chromosome", block_size=100)
    assert found.assignment["unit"].nunique() == 60
    with pytest.raises(InputError, match="need a unit each, but strategy: chromosome leaves 1"):
        run(examples, "chromosome")


@pytest.mark.parametrize("strategy", ["group", "chromosome", "batch"])
def test_a_missing_column_or_value_is_an_error(strategy):
    with pytest.raises(InputError, match=f"needs the column '{strategy}', which the data set"):
        run(make_examples(), strategy)
    examples = make_examples(**{strategy: ["a", "b", "c", None] * 150})
    with pytest.raises(InputError, match=f"the {strategy} of every example, but 150 have none"):
        run(examples, strategy)


def test_blocks_need_positions():
    examples = make_examples(chromosome="chr1")
    with pytest.raises(InputError, match="needs the column 'start'"):
        run(examples, "chromosome", block_size=10)


def test_named_units_make_up_test_and_tune():
    examples = make_examples(batch=np.arange(600) // 100)
    found = run(examples, "batch", test=[5], tune=["1", 2])
    held = found.assignment["partition"].groupby(examples["batch"]).first().to_dict()
    assert held == {0: "train", 1: "tune", 2: "tune", 3: "train", 4: "train", 5: "test"}
    assert found.summary["warnings"] == []


def test_chromosomes_are_named_in_either_style():
    examples = make_examples(chromosome=[f"chr{i // 100}" for i in range(600)])
    found = run(examples, "chromosome", test=[5], tune=["Chr1", "02"])
    held = found.assignment["partition"].groupby(examples["chromosome"]).first()
    assert held.loc[["chr1", "chr2", "chr5"]].tolist() == ["tune", "tune", "test"]
    assert (held == "train").sum() == 3


def test_tune_is_drawn_from_what_named_test_units_leave():
    chromosome = np.char.add("chr", (np.arange(600) // 50).astype(str))
    examples = make_examples(chromosome=chromosome, start=np.arange(600))
    found = run(examples, "chromosome", test=["chr3"], block_size=10)
    assert set(chromosome[found.assignment["partition"] == "test"]) == {"chr3"}
    assert found.summary["shares"] == SHARES | {"test": None}
    assert found.summary["sizes"]["test"]["n"] == 50
    assert found.summary["sizes"]["tune"]["n"] == pytest.approx(550 * 0.15 / 0.85, abs=10)


def test_classes_in_other_proportions_are_told():
    examples = make_examples(batch=np.repeat(["a", "b", "c"], 200))
    examples.loc[420:, "label"] = "yes"
    warnings = run(examples, "batch", test=["c"], tune=["b"]).summary["warnings"]
    assert warnings[-1].startswith("93% of test are of class yes, but 53% of all examples")


def test_unknown_named_units_are_listed_with_the_known_ones():
    examples = make_examples(batch=np.repeat(["a", "b", "c"], 200))
    with pytest.raises(InputError, match=r"name d, which the data do not hold.* has: a, b, c\."):
        run(examples, "batch", test=["d"])


def test_named_units_that_groups_tie_to_others_are_an_error():
    group = np.arange(600)
    group[200] = group[199]
    examples = make_examples(group=group, batch=np.repeat(["a", "b", "c"], 200))
    with pytest.raises(InputError, match="tie the batch units a, b together"):
        run(examples, "batch", test=["a"])


# given partitions


def test_given_partitions_are_taken_and_leaks_are_told():
    given = np.array(["train", "tune", "test"] * 200)
    examples = make_examples(n=600, partition=given, group=np.arange(600) // 3)
    examples["label"] = np.where(np.arange(600) % 2, "yes", "no")
    examples.loc[3, "canonical_hash"] = examples.loc[4, "canonical_hash"]
    found = run(examples, "predefined")
    assert (found.assignment["partition"] == given).all()
    assert set(found.summary["shares"].values()) == {None}
    assert found.summary["warnings"][0].startswith("LEAK: 200 groups stand in more than one")
    assert found.summary["warnings"][1].startswith("LEAK: 1 contents stand in more than one")


def test_given_partitions_without_leaks_give_no_warning():
    examples = make_examples(partition=np.repeat(["train", "tune", "test"], 200))
    assert run(examples, "predefined").summary["warnings"] == []


def test_an_unknown_given_partition_is_an_error():
    examples = make_examples(partition=["train", "valid", "test"] * 200)
    with pytest.raises(InputError, match=r"of 200 examples is none of.*'valid' of 'e1'"):
        run(examples, "predefined")


@pytest.mark.parametrize("grouped", [False, True])
def test_tune_is_drawn_from_train_where_none_is_given(grouped):
    columns = {"group": np.arange(600) // 5} if grouped else {}
    given = np.where(np.arange(600) < 500, "train", "test")
    examples = make_examples(partition=given, **columns)
    examples.loc[7, "canonical_hash"] = examples.loc[61, "canonical_hash"]
    found = run(examples, "predefined")
    drawn = found.assignment["partition"].to_numpy()
    assert (drawn[given == "test"] == "test").all() and set(drawn[:500]) == {"train", "tune"}
    assert found.summary["sizes"]["tune"]["n"] == pytest.approx(500 * 0.15 / 0.85, abs=5)
    assert found.summary["sizes"]["tune"]["labels"]["yes"] == pytest.approx(30, abs=3)
    assert drawn[7] == drawn[61]
    if grouped:
        assert (partitions_of(found, examples["group"]) == 1).all()
    (said,) = found.summary["warnings"]
    assert said.startswith("The data name no example of tune: ") and "of 500 examples of" in said
    assert found.assignment.equals(run(examples, "predefined").assignment)
    assert not found.assignment.equals(run(examples, "predefined", seed=2).assignment)


def test_a_train_of_one_group_leaves_nothing_to_draw():
    examples = make_examples(partition=["train"] * 500 + ["test"] * 100)
    examples["group"] = np.where(np.arange(600) < 500, 1, 2)
    with pytest.raises(InputError, match="split: tune is empty"):
        run(examples, "predefined")


# refusals


def test_a_partition_without_every_class_is_refused():
    examples = make_examples(batch=np.repeat(["a", "b", "c"], 200))
    examples.loc[examples["batch"] == "c", "label"] = "no"
    with pytest.raises(InputError, match="split: test has no example of yes"):
        run(examples, "batch", test=["c"], tune=["b"])


def test_an_empty_partition_is_refused():
    examples = make_examples(partition=["train", "tune"] * 300)
    with pytest.raises(InputError, match="split: test is empty"):
        run(examples, "predefined")


def test_a_partition_of_one_value_is_refused():
    examples = make_examples(label=np.repeat([1.0, 2.0, 3.0], 200), batch=np.arange(600) // 200)
    message = "train has a single value; tune has a single value; test has a single value"
    with pytest.raises(InputError, match=message):
        run(examples, "batch", task="regression")


@pytest.mark.parametrize(
    "strategy, settings, message",
    [
        ("homology", {}, "homology needs the column 'cluster'"),
        ("stratified", {"shares": SHARES | {"tune": 0.2}}, "add up to 1.05"),
        ("stratified", {"test": ["a"]}, "name units, which strategy: stratified does not have"),
        ("batch", {"test": ["a", 1], "tune": ["1"]}, "both name 1"),
        ("chromosome", {"test": ["chr1"], "tune": ["1"]}, "both name chr1"),
    ],
)
def test_impossible_settings_are_refused(strategy, settings, message):
    with pytest.raises(InputError, match=message):
        run(make_examples(batch="a"), strategy, **settings)


def test_everything_else_can_be_train():
    assert set(share_out(np.arange(5), np.zeros(5, dtype=int), {"train": 1.0}, seed=0)) == {"train"}


# files


@pytest.fixture
def dataset_files(tmp_path, monkeypatch):
    monkeypatch.setattr("deeprules.split.partitions.CHUNK_BYTES", 100)
    monkeypatch.setattr("deeprules.split.partitions.ROW_GROUP", 64)
    examples = make_examples(start=pd.array([None, *range(599)], dtype="Int64"))
    examples.to_parquet(tmp_path / "examples.parquet", index=False)
    features = np.random.default_rng(0).integers(16, size=(600, 7), dtype=np.uint8)
    np.save(tmp_path / "features.npy", features)
    names = [f"{part}_{kind}" for part in PARTITIONS for kind in ("examples", "features")]
    return tmp_path, examples, features, {name: tmp_path / "out" / name for name in names}


def test_partitions_are_written_whole_and_in_order(dataset_files):
    folder, examples, features, outputs = dataset_files
    partition = np.random.default_rng(1).choice([*PARTITIONS, ""], 600)
    write_partitions(folder / "examples.parquet", folder / "features.npy", partition, outputs)
    for name in PARTITIONS:
        rows = partition == name
        written = np.load(outputs[f"{name}_features"], mmap_mode="r")
        assert written.dtype == np.uint8 and (written == features[rows]).all()
        table = pd.read_parquet(outputs[f"{name}_examples"])
        pd.testing.assert_frame_equal(table, examples[rows].reset_index(drop=True))
    assert len(list((folder / "out").iterdir())) == 6


def test_an_interrupted_write_leaves_nothing(dataset_files, monkeypatch):
    folder, _, _, outputs = dataset_files

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("deeprules.split.partitions._copy_array", fail)
    with pytest.raises(OSError, match="disk full"):
        write_partitions(
            folder / "examples.parquet", folder / "features.npy", np.repeat("train", 600), outputs
        )
    assert list((folder / "out").iterdir()) == []


def test_an_audit_of_other_examples_is_refused(tmp_path):
    ids = pd.Series(["a", "b"])
    keep = pd.DataFrame({"id": ids, "keep": [True, False], "reason": ["", "duplicate"]})
    keep.to_parquet(tmp_path / "keep.parquet")
    assert read_keep(tmp_path / "keep.parquet", ids).tolist() == [True, False]
    assert existing_columns(tmp_path / "keep.parquet", ("id", "group")) == ["id"]
    for other in (["a", "c"], ["a"]):
        with pytest.raises(InputError, match="about other examples"):
            read_keep(tmp_path / "keep.parquet", pd.Series(other))


def test_rows_that_are_not_kept_are_in_no_partition():
    assigned = pd.Series(["tune", "train", "test", "train"], index=[5, 6, 7, 8])
    keep = np.array([True, False, True, True, False, True])
    found = of_all_rows(assigned, keep)
    assert found.tolist() == ["tune", "", "train", "test", "", "train"]
