"""Split stringency: what a split keeps together, equal sizes, and drops with a known answer."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset, make_partition
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from deeprules.control import Terms
from deeprules.controls.split_stringency import (
    COLUMNS,
    NO_HIT,
    cost,
    entries_of,
    identity_bin,
    run,
    summarise,
    with_drops,
)
from deeprules.data import Development, Partition
from deeprules.errors import InputError
from deeprules.files import write_json, write_table
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitting import FitFailed
from deeprules.split.stringency import (
    SHARES,
    available_splits,
    draw_splits,
    nearest_in_train,
)

BEST = {"model": "knn", "kind": "baseline", "hyperparameters": {}}
NEAREST = SimpleNamespace(build=lambda hp, train: KNeighborsClassifier(3))
BUDGET = Budget(5, 5)
NONE = pd.DataFrame({"id": [], "identity": []})


def families(folder, n_families=80, members=6, seed=0) -> Partition:
    """Rows whose label is that of their family and nothing else: a cluster and a group each."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(n_families), members)
    n = len(family)
    centre = rng.normal(size=(n_families, 8))
    label = rng.permutation(n_families)[family] % 2
    dataset = make_dataset("tabular", n_features=8, has_batch=True, has_group=True)
    part = Partition(folder, dataset)
    part.features = (centre[family] + 0.05 * rng.normal(size=(n, 8))).astype(np.float32)
    part.examples = pd.DataFrame(
        {
            "id": [f"x{row}" for row in range(n)],
            "label": np.array(["no", "yes"])[label],
            "group": [f"g{number}" for number in family],
            "batch": rng.choice(["b1", "b2", "b3", "b4", "b5", "b6"], n),
            "cluster": family,
            "canonical_hash": np.arange(n, dtype=np.uint64),
        }
    )
    return part


def refitted(part, splits, nearest=NONE, module=NEAREST):
    files = {"splits": part.folder / "splits.parquet", "nearest": part.folder / "nearest.parquet"}
    for path, table in zip(files.values(), (splits, nearest), strict=True):
        write_table(path, table)
    half = len(part.examples) // 2
    parts = (np.arange(half), np.arange(half, len(part.examples)))
    development = Development(*(part.subset(rows) for rows in parts))
    terms = Terms(True, 1, "auroc", 200, files=files)
    return run(ChosenModel(Candidate("m", "baseline", module), BEST, BUDGET), development, terms)


def entries(table, objective="auroc"):
    return entries_of(with_drops(table), objective)


def test_each_split_keeps_its_units_together_and_trains_on_as_many(tmp_path):
    part = families(tmp_path)
    splits, facts = draw_splits(part.examples, part.dataset, None, 1)
    assert [fact["split"] for fact in facts] == ["random", "group", "batch", "homology"]
    sizes = {fact["split"]: fact["train"] for fact in facts}
    assert len({sizes[name] for name in ("random", "group", "homology")}) == 1
    merged = splits.merge(part.examples, on="id")
    for name, column in (("group", "group"), ("batch", "batch"), ("homology", "cluster")):
        rows = merged[merged["split"] == name]
        assert (rows.groupby(column)["partition"].nunique() == 1).all(), name
    for column in ("group", "batch", "cluster"):
        rows = merged[merged["split"] == "random"]
        assert (rows.groupby(column)["partition"].nunique() > 1).mean() > 0.5, column


def test_only_the_random_split_separates_copies(tmp_path):
    part = families(tmp_path)
    part.examples["canonical_hash"] = part.examples.groupby("group").ngroup().astype(np.uint64)
    splits, _ = draw_splits(part.examples.drop(columns=["group", "batch"]), part.dataset, None, 1)
    merged = splits.merge(part.examples, on="id")
    spread = merged.groupby(["split", "canonical_hash"])["partition"].nunique() > 1
    assert spread["random"].mean() > 0.5
    assert not spread["homology"].any()


def test_scores_drop_where_the_label_is_carried_by_the_cluster(tmp_path):
    part = families(tmp_path)
    splits, facts = draw_splits(part.examples, part.dataset, None, 1)
    table = refitted(part, splits)
    assert (table["identity"] == "").all()
    scores = table[table["metric"] == "auroc"].set_index("split")["score"]
    assert scores["random"] > 0.97 and scores["batch"] > 0.97
    assert scores["homology"] == pytest.approx(0.5, abs=0.2)
    assert scores["group"] == pytest.approx(0.5, abs=0.2)
    facts_file = tmp_path / "splits.json"
    write_json(facts_file, facts)
    terms = Terms(True, 1, "auroc", 200, files={"split_facts": facts_file})
    _, summary = summarise(table, None, terms)
    assert summary["splits"] == facts
    found = {entry["split"]: entry for entry in summary["entries"]}
    whole = sum(0.3 + 0.7 * fact["train"] / len(part.examples) for fact in facts)
    assert cost(Development(part, part), terms).fits == pytest.approx(whole)
    assert found["homology"]["is_below"] and found["homology"]["drop"] > 0.3
    assert "a random split makes it look better" in found["homology"]["sentence"]
    assert not found["batch"]["is_below"] and "no clear drop" in found["batch"]["sentence"]
    assert found["random"]["drop"] == 0 and "sentence" not in found["random"]


def test_scores_stay_level_where_the_label_is_in_the_features(tmp_path):
    part = make_partition(tmp_path / "x", 400, "tabular", n_features=8)
    part.examples["cluster"] = np.arange(400) // 5
    part.examples["canonical_hash"] = np.arange(400, dtype=np.uint64)
    module = SimpleNamespace(build=lambda hp, train: LogisticRegression())
    splits, _ = draw_splits(part.examples, part.dataset, None, 1)
    found = entries(refitted(part, splits, module=module))
    assert [one["split"] for one in found] == ["random", "homology"]
    assert not any(one["is_below"] for one in found)


def test_a_split_that_the_data_do_not_allow_says_why(tmp_path):
    part = families(tmp_path)
    examples = part.examples.assign(batch=np.where(part.labels == 1, "b1", "b2"))
    splits, facts = draw_splits(examples, part.dataset, None, 1)
    assert "batch" not in set(splits["split"])
    (fact,) = [one for one in facts if one["split"] == "batch"]
    assert fact["train"] == 0 and "needs as many units; the development data have 2" in fact["note"]


def test_one_short_split_does_not_shorten_the_others(tmp_path):
    part = families(tmp_path)
    # One batch holds most examples and becomes the held-out part or the train of its split.
    rng = np.random.default_rng(1)
    batch = rng.choice(["b1", "b2", "b3"], len(part.examples), p=[0.1, 0.1, 0.8])
    _, facts = draw_splits(part.examples.assign(batch=batch), part.dataset, None, 1)
    sizes = {fact["split"]: fact["train"] for fact in facts}
    assert sizes["random"] >= 0.5 * SHARES["train"] * len(part.examples)


def test_splits_follow_the_columns():
    columns = ["id", "label", "canonical_hash"]
    assert available_splits(pd.DataFrame(columns=columns)) == ["random"]
    more = pd.DataFrame(columns=[*columns, "start", "cluster"])
    assert available_splits(more) == ["random", "chromosome", "homology"]


def test_blocks_of_a_chromosome_are_a_split(tmp_path):
    part = families(tmp_path)
    start = np.arange(len(part.examples)) * 100
    examples = part.examples[["id", "label", "canonical_hash"]].assign(start=start)
    splits, facts = draw_splits(examples, part.dataset, 1000, 1)
    assert [fact["units"] for fact in facts] == [480, 48]
    rows = splits[splits["split"] == "chromosome"].merge(examples, on="id")
    assert (rows.groupby(rows["start"] // 1000)["partition"].nunique() == 1).all()


def test_values_are_split_too(tmp_path):
    part = make_partition(tmp_path / "x", 200, "tabular", "regression", n_features=8)
    part.examples["canonical_hash"] = np.arange(200, dtype=np.uint64)
    part.examples["cluster"] = np.arange(200) // 4
    part.examples["label"] += np.random.default_rng(0).normal(size=200)
    _, facts = draw_splits(part.examples.drop(columns="batch"), part.dataset, None, 1)
    assert all(fact["held_out"] >= 40 for fact in facts)


def test_identity_to_train_is_that_of_the_planted_neighbour(tmp_path):
    rng = np.random.default_rng(5)
    bases = np.array([1, 2, 4, 8], dtype=np.uint8)
    train = rng.choice(bases, (40, 200))
    held = rng.choice(bases, (12, 200))
    for row, share in ((0, 0.0), (1, 0.04), (2, 0.2), (3, 0.35)):
        held[row] = train[row]
        places = rng.choice(200, round(share * 200), replace=False)
        old = np.searchsorted(bases, held[row, places])
        held[row, places] = bases[(old + rng.integers(1, 4, len(places))) % 4]
    held[4] = train[4] = 1  # poly-A: masked by the search, yet a copy
    part = Partition(tmp_path, make_dataset(n_features=200))
    part.features = np.concatenate([train, held])
    hashes = pd.util.hash_array(np.array([row.tobytes() for row in part.features], dtype=object))
    part.examples = pd.DataFrame({"id": [f"s{i}" for i in range(52)], "canonical_hash": hashes})
    partition = ["train"] * 40 + ["held_out"] * 12
    splits = pd.DataFrame({"split": "random", "id": part.examples["id"], "partition": partition})
    nearest = nearest_in_train(part, splits, 0.7, tmp_path / "x")["identity"].to_numpy()
    assert nearest[:4] == pytest.approx([1.0, 0.96, 0.8, 0.65], abs=0.04)
    assert nearest[4] == 1.0 and np.isnan(nearest[5:]).all()


def test_scores_by_identity_fall_with_distance(tmp_path):
    part = families(tmp_path)
    splits, _ = draw_splits(part.examples, part.dataset, None, 1)
    held = splits[(splits["split"] == "random") & (splits["partition"] == "held_out")]["id"]
    rng = np.random.default_rng(0)
    nearest = pd.DataFrame({"id": held, "identity": rng.choice([0.95, np.nan], len(held))})
    # What is called dissimilar is given features that no training example has.
    far = part.examples["id"].isin(nearest.loc[nearest["identity"].isna(), "id"])
    part.features[far] = rng.normal(size=(far.sum(), 8))
    found = refitted(part, splits, nearest)
    found = found[found["identity"] != ""]
    scores = found[found["metric"] == "auroc"].set_index("identity")["score"]
    assert list(scores.index) == ["90 to 100%", NO_HIT]
    assert scores["90 to 100%"] > 0.95 and scores[NO_HIT] < 0.75
    assert found.drop_duplicates("identity")["held_out"].sum() == len(held)


def test_bins_of_identity():
    names = identity_bin(np.array([0.49, 0.5, 0.699, 0.7, 0.9, 1.0, np.nan]))
    expected = ["below 50%", "50 to 70%", "50 to 70%", "70 to 90%", "90 to 100%", "90 to 100%"]
    assert names.tolist() == [*expected, NO_HIT]


def scores_of(metric, **scores):
    """A row for each split, with its score and an interval of 0.1 to either side."""
    rows = [
        ("m", "baseline", split, "", 9, 9, metric, score, score - 0.1, score + 0.1)
        for split, score in scores.items()
    ]
    return with_drops(pd.DataFrame(rows, columns=COLUMNS))


def test_a_lower_error_is_better():
    table = scores_of("mae", random=1.0, homology=2.0, group=0.5)
    assert table["drop"].tolist() == [0, 1, -0.5]
    found = entries_of(table, "mae")
    assert [one["is_below"] for one in found] == [False, True, False]


def test_the_interval_of_a_drop_has_that_of_both_scores():
    table = scores_of("auroc", random=0.9, homology=0.77, group=0.75)
    margin = 0.1 * np.sqrt(2)
    np.testing.assert_allclose(table["drop_lower"], [np.nan, 0.13 - margin, 0.15 - margin])
    np.testing.assert_allclose(table["drop_upper"], [np.nan, 0.13 + margin, 0.15 + margin])
    found = entries_of(table, "auroc")
    assert [one["is_below"] for one in found] == [False, False, True]
    assert "no clear drop, .130 [-.011, .271]" in found[1]["sentence"]
    assert "look better by .150 [.009, .291]" in found[2]["sentence"]


def test_under_the_null_a_drop_is_seldom_called_clear():
    """Two scores of separate examples, whose intervals are right: one in forty lies above 0."""
    rng = np.random.default_rng(1)
    drawn = rng.normal(0.8, 0.1 / stats.norm.ppf(0.975), (400, 2))
    tables = [scores_of("auroc", random=one, homology=other) for one, other in drawn]
    clear = np.mean([table["drop_lower"].iloc[1] > 0 for table in tables])
    assert 0.01 <= clear <= 0.04


def test_train_and_tune_are_joined_in_order(tmp_path):
    parts = [make_partition(tmp_path / name, 20, seed=seed) for seed, name in enumerate("ab")]
    both = Development(*parts).joined()
    assert len(both) == 40
    assert both.labels.tolist() == [*parts[0].labels, *parts[1].labels]
    assert (both.features[20:] == parts[1].features).all()


def test_a_fit_that_fails_names_the_split(tmp_path, monkeypatch):
    def failing(*_, **__):
        raise FitFailed("the loss was not finite in epoch 1")

    monkeypatch.setattr("deeprules.fit.chosen_model.fit", failing)
    part = families(tmp_path)
    splits, _ = draw_splits(part.examples, part.dataset, None, 1)
    with pytest.raises(InputError, match="knn could not be fitted on the split `random`"):
        refitted(part, splits)
