"""Known answers for the Keras layers."""

import keras
import numpy as np
import pytest

from deeprules.encoding import PADDING, encode, reverse_complement
from deeprules.layers import (
    OneHotBases,
    RandomReverseComplement,
    RandomShift,
    ReverseComplement,
    Standardise,
)


@pytest.fixture
def codes():
    rng = np.random.default_rng(0)
    return rng.choice(np.array([1, 2, 4, 8, 15], dtype=np.uint8), size=(64, 20))


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_one_hot_bases_share_one_out_among_the_bases_of_a_letter():
    codes = np.append(encode(["ACGTNR"])[0], PADDING)[None].astype(np.uint8)
    expected = np.vstack([np.eye(4), [[0.25] * 4], [[0.5, 0, 0.5, 0]], [[0] * 4]])
    np.testing.assert_array_equal(as_array(OneHotBases()(codes))[0], expected)


def test_the_reverse_complement_of_one_hot_bases_is_that_of_the_codes(codes):
    one_hot = OneHotBases()
    np.testing.assert_array_equal(
        as_array(ReverseComplement()(one_hot(codes))), as_array(one_hot(reverse_complement(codes)))
    )


def test_random_reverse_complement_turns_about_half_of_the_training_sequences(codes):
    layer = RandomReverseComplement(seed=1)
    np.testing.assert_array_equal(as_array(layer(codes)), codes)
    turned = as_array(layer(codes, training=True))
    same = (turned == codes).all(axis=1)
    flipped = (turned == reverse_complement(codes)).all(axis=1)
    assert (same | flipped).all()
    assert 16 < flipped.sum() < 48


def test_random_shift_moves_training_sequences_and_pads(codes):
    layer = RandomShift(3, seed=1)
    np.testing.assert_array_equal(as_array(layer(codes)), codes)
    moved = as_array(layer(codes, training=True))
    padded = np.pad(codes, ((0, 0), (3, 3)), constant_values=PADDING)
    offsets = [
        next(o for o in range(7) if (row == wide[o : o + 20]).all())
        for row, wide in zip(moved, padded, strict=True)
    ]
    assert set(offsets) == set(range(7))


def test_standardise_fills_centres_and_scales_by_train():
    train = np.array([[1, 5, np.nan], [3, 5, 2], [5, 5, 4]], dtype=np.float32)
    layer = Standardise().adapt(train)
    result = as_array(layer(train))
    np.testing.assert_allclose(result[:, 0], [-1.224745, 0, 1.224745], atol=1e-5)
    np.testing.assert_array_equal(result[:, 1], 0)
    assert result[0, 2] == pytest.approx(0, abs=1e-6)


def test_standardise_keeps_its_constants_when_saved(tmp_path):
    rows = keras.Input((2,))
    train = np.random.default_rng(0).normal(5, 3, size=(50, 2)).astype(np.float32)
    model = keras.Model(rows, Standardise().adapt(train)(rows))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(train, verbose=0), model.predict(train, verbose=0))
