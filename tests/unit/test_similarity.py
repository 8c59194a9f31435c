"""Similarity to train: known values, what is learnt from train, bounds on memory and time."""

import time

import numpy as np
import pytest
from partitions import make_dataset

from deeprules.data import Partition
from deeprules.encoding import encode, reverse_complement
from deeprules.evaluate import similarity
from deeprules.evaluate.similarity import reference, sampled_rows


def train_of(tmp_path, features, modality="sequence"):
    part = Partition(tmp_path, make_dataset(modality, n_features=features.shape[1]))
    part.features = features
    return part


def random_codes(n, length=60, seed=0):
    random = np.random.default_rng(seed)
    return np.stack(encode(["".join(row) for row in random.choice(list("ACGT"), (n, length))]))


def test_a_copy_and_its_reverse_complement_are_fully_similar(tmp_path):
    codes = random_codes(30)
    near = reference(train_of(tmp_path, codes), 1)
    assert near.nearest(codes[:5]) == pytest.approx(np.ones(5))
    assert near.nearest(reverse_complement(codes[:5])) == pytest.approx(np.ones(5))
    assert near.nearest(random_codes(20, seed=1)).max() < 0.1


def test_half_a_copy_shares_the_kmers_of_that_half(tmp_path):
    codes, other = random_codes(1), random_codes(1, seed=1)
    half = np.hstack([codes[:, :30], other[:, 30:]])
    # 30 bases hold 23 of the 53 8-mers; 53 + 53 - 23 = 83 stand in either.
    found = reference(train_of(tmp_path, codes), 1).nearest(half)
    assert found == pytest.approx([23 / 83], abs=0.03)


def test_sequences_without_a_known_base_and_short_ones_are_similar_to_none(tmp_path):
    near = reference(train_of(tmp_path, random_codes(5)), 1)
    assert near.nearest(np.full((2, 60), 15, dtype=np.uint8)) == pytest.approx([0, 0])
    assert (
        reference(train_of(tmp_path, random_codes(5, 4)), 1).nearest(random_codes(2, 4)).max() <= 1
    )


def test_rows_are_compared_in_units_of_train(tmp_path):
    random = np.random.default_rng(0)
    train = random.normal(size=(200, 3)).astype(np.float32) * [1, 100, 1]
    train[:, 2] = 7  # constant: tells nothing
    train[3, 0] = np.nan
    near = reference(train_of(tmp_path, train, "tabular"), 1)
    moved = train[[10]].copy()
    assert near.nearest(moved) == pytest.approx([1.0], abs=1e-4)
    moved[:, 2] += 1000
    assert near.nearest(moved) == pytest.approx([1.0], abs=1e-4)
    far = np.array([[np.nanstd(train[:, 0]) * 1000, 0, 7]])
    assert near.nearest(far)[0] < 0.01
    # What else is asked for does not change the units.
    assert near.nearest(np.vstack([train[[10]], far]))[0] == near.nearest(train[[10]])[0]


def test_chunks_give_the_same_answer(tmp_path, monkeypatch):
    codes, asked = random_codes(40), random_codes(25, seed=2)
    whole = reference(train_of(tmp_path, codes), 1).nearest(asked)
    monkeypatch.setattr(similarity, "CHUNK_PAIRS", 100)
    assert reference(train_of(tmp_path, codes), 1).nearest(asked) == pytest.approx(whole)


@pytest.mark.parametrize("modality", ["sequence", "tabular"])
def test_fewer_than_all_training_examples_are_told(tmp_path, monkeypatch, modality):
    monkeypatch.setattr(similarity, "MAX_TRAIN", 10)
    features = (
        random_codes(40) if modality == "sequence" else np.random.default_rng(0).random((40, 3))
    )
    facts = reference(train_of(tmp_path, features, modality), 1).facts
    assert (facts["n_train"], facts["n_looked_at"]) == (40, 10) and facts["measure"]


def test_rows_are_drawn_by_the_seed_alone():
    first, again, other = (sampled_rows(1000, 50, seed) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert len(set(first)) == 50 and (np.diff(first) > 0).all()
    assert (sampled_rows(5, 50, 1) == np.arange(5)).all()


def test_many_training_examples_take_neither_time_nor_memory(tmp_path):
    """Two million sequences on disk, of which a sample is read."""
    path = tmp_path / "features.npy"
    np.lib.format.open_memmap(path, "w+", np.uint8, (2_000_000, 40)).flush()
    codes = np.lib.format.open_memmap(path, "r+")
    codes[::1000] = random_codes(2000, 40)
    part = Partition(tmp_path, make_dataset(n_features=40))
    start = time.process_time()
    near = reference(part, 1)
    assert near.nearest(random_codes(100, 40, 3)).shape == (100,)
    assert near.n_looked_at == similarity.MAX_TRAIN
    assert time.process_time() - start < 10
