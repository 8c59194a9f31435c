"""Masked bases are learnt where there is something to learn, and nowhere else."""

import gzip

import numpy as np
import pytest

from deeprules.encoding import PADDING, decode, encode, reverse_complement
from deeprules.errors import InputError
from deeprules.pretrain.masked_bases import (
    MaskedBatches,
    base_targets,
    build_network,
    mask_bases,
    masked_accuracy,
    train_masked,
)
from deeprules.pretrain.masked_windows import cut_windows
from deeprules.simulate.planted_motifs import CODES

UNIT = encode(["ACCTGATTG"])[0]


def repeats(n=300, length=36):
    """Windows of one repeated word, each from another place of it."""
    starts = np.arange(n) % len(UNIT)
    word = np.tile(UNIT, length // len(UNIT) + 2)
    return np.stack([word[start : start + length] for start in starts])


def noise(n=300, length=36, shares=(0.25, 0.25, 0.25, 0.25)):
    return CODES[np.random.default_rng(5).choice(4, p=shares, size=(n, length))]


def test_a_repeated_word_is_learnt_far_beyond_its_composition():
    _, found = train_masked(repeats(), 0.15, max_epochs=3, steps=12, seed=1)
    assert found["guess"] == pytest.approx(3 / 9, abs=0.1)
    assert found["accuracy"] > 0.9
    assert found["gain_lower"] > 0.4


@pytest.mark.parametrize("shares", [(0.25, 0.25, 0.25, 0.25), (0.55, 0.15, 0.15, 0.15)])
def test_nothing_is_learnt_of_random_bases(shares):
    windows = noise(3000, shares=shares)
    _, found = train_masked(windows, 0.15, max_epochs=2, steps=12, seed=1)
    assert found["gain_lower"] < 0
    assert found["accuracy"] < found["guess"] + 0.05
    assert found["guess"] == pytest.approx(max(shares), abs=0.06)


@pytest.mark.usefixtures("uncompiled_fits")
def test_the_same_seed_gives_the_same_network_and_another_length_runs():
    (one, first), (two, second) = (
        train_masked(repeats(60), 0.15, max_epochs=1, steps=2, seed=4) for _ in range(2)
    )
    assert first == second
    codes = repeats(3, 100)
    np.testing.assert_array_equal(one.predict(codes, verbose=0), two.predict(codes, verbose=0))
    assert one.predict(codes, verbose=0).shape == (3, 100, 4)
    assert one.get_layer("bases").input is one.layers[-2].output
    assert [layer.name for layer in build_network().layers if "conv" in layer.name] == [
        "convolution_1",
        "convolution_2",
        "convolution_3",
    ]


def test_only_known_bases_are_masked():
    codes = np.stack(encode(["ACGTNRNACGTACGT"] * 400))
    codes[:, 6] = PADDING
    masked, is_masked = mask_bases(codes, 0.3, np.random.default_rng(1))
    assert not is_masked[:, 4:7].any()
    assert is_masked[:, :4].mean() == pytest.approx(0.3, abs=0.03)
    assert (masked[is_masked] == 15).all()
    np.testing.assert_array_equal(masked[~is_masked], codes[~is_masked])
    np.testing.assert_array_equal(base_targets(codes[:1, :4]), [[0, 1, 2, 3]])


def test_batches_are_drawn_from_their_rows_on_either_strand_and_anew_each_epoch():
    windows = noise(50)
    batches = MaskedBatches(windows, np.arange(10), 0.2, steps=3, seed=1)
    assert len(batches) == 3
    masked, targets, weights = batches[1]
    again = batches[1]
    np.testing.assert_array_equal(masked, again[0])
    batches.on_epoch_end()
    assert (masked != batches[1][0]).any()
    bases = CODES[targets]
    known = {decode(row) for row in windows[:10]}
    turned = {decode(reverse_complement(row)) for row in windows[:10]}
    seen = {decode(row) for row in bases}
    assert seen <= known | turned and seen & known and seen & turned
    assert set(np.unique(weights)) == {np.float32(0), np.float32(5)}
    assert ((masked == 15) == (weights > 0)).all()


def test_accuracy_counts_masked_bases_alone():
    codes = np.stack(encode(["AAAC", "AAAG"]))
    is_masked = np.array([[1, 0, 0, 1], [1, 0, 0, 1]], dtype=bool)
    predicted = np.array([[0, 3, 3, 1], [0, 3, 3, 0]])
    found = masked_accuracy(codes, is_masked, predicted, codes)
    assert found["n_masked"] == 4
    assert found["accuracy"] == 0.75 and found["guess"] == 0.5 and found["gain"] == 0.25
    # Windows gain 1 and 0 of 2 masked bases each: the residuals are 1/2 and -1/2.
    assert found["gain_lower"] == pytest.approx(0.25 - 1.96 * np.sqrt(0.5 * 2) / 4)


def test_too_few_windows_are_refused():
    with pytest.raises(InputError, match="There are 5 windows"):
        train_masked(noise(5), 0.15, 1, 1, 1)


def fasta(path, records):
    text = "".join(f">{name}\n{sequence}\n" for name, sequence in records)
    with gzip.open(path, "wt") if path.suffix == ".gz" else open(path, "w") as file:
        file.write(text)
    return path


def cut(path, length):
    count = cut_windows(path, length, path.with_suffix(".npy"))
    windows = np.load(path.with_suffix(".npy"), mmap_mode="r")
    assert windows.shape == (count, length) and windows.dtype == np.uint8
    return [decode(row) for row in windows]


@pytest.mark.parametrize("name", ["a.fa", "a.fa.gz"])
def test_sequences_are_cut_in_their_middle_and_short_ones_padded(tmp_path, name):
    records = [("long", "AACCCCGGGGT"), ("short", "ACT"), ("unknown", "NNNAAAAC"), ("empty", "")]
    assert cut(fasta(tmp_path / name, records), 4) == ["ACCC", "CGGG", "ACT-", "AAAC"]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([("a", "ACGX")], "a, base 4: 'X' is no base"),
        ([("a", "NNNN")], "holds no window"),
        ([("a", "ACG\0")], "line 2: it has bytes of zero"),
        ([("a", "ACGT>b")], "'>' is no base"),
        ([], "the file is empty"),
    ],
)
def test_a_file_without_bases_is_refused_and_nothing_is_left(tmp_path, records, message):
    path = fasta(tmp_path / "a.fa", records)
    with pytest.raises(InputError, match=message):
        cut_windows(path, 4, tmp_path / "windows.npy")
    assert list(tmp_path.iterdir()) == [path]
