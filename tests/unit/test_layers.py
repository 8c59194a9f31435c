"""Known answers for the Keras layers."""

import keras
import numpy as np
import pytest

from deeprules.encoding import PADDING, encode, reverse_complement
from deeprules.layers import (
    OneHotBases,
    PiecewiseLinear,
    RandomReverseComplement,
    RandomShift,
    ReverseComplement,
    RotaryAttention,
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


def test_piecewise_linear_tells_how_far_a_value_is_through_each_bin():
    train = np.stack([np.arange(9.0), np.full(9, 3.0)], axis=1).astype(np.float32)
    layer = PiecewiseLinear(2).adapt(train)
    rows = np.array([[-1, 2], [2, 3], [6, 4], [99, 3], [np.nan, np.nan]], dtype=np.float32)
    expected = [[0, 0, 0, 0], [0.5, 0, 0, 0], [1, 0.5, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]]
    np.testing.assert_allclose(as_array(layer(rows)), expected)
    again = PiecewiseLinear.from_config(layer.get_config())
    again.build((None, 2))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(as_array(again(rows)), as_array(layer(rows)))


def attention(shift=0, turned=False):
    """What two marks among zeros, 5 places apart, see: the output (T, F) at the first of them."""
    keras.utils.set_random_seed(1)
    layer = RotaryAttention(2, 8)
    rows = np.zeros((1, 30, 6), dtype=np.float32)
    first, second = np.eye(6)[:2] if not turned else np.eye(6)[1::-1]
    rows[0, 3 + shift], rows[0, 8 + shift] = first, second
    return as_array(layer(rows))[0], 3 + shift


def test_attention_knows_distance_and_order_and_not_the_place():
    seen, place = attention()
    moved, other = attention(shift=10)
    np.testing.assert_allclose(moved[other], seen[place], atol=1e-5)
    reversed_, place = attention(turned=True)
    # The mark that was second, seen from itself: the first one stands behind it, not before.
    assert np.abs(reversed_[place] - seen[place + 5]).max() > 1e-4


def test_attention_equals_its_formula():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2, 7, 6)).astype(np.float32)
    layer = RotaryAttention(1, 4)
    found = as_array(layer(rows))
    queries, keys, values, gather = (as_array(weight) for weight in layer.weights)
    angles = np.arange(7)[:, None] * 10_000.0 ** -(np.arange(2) / 2)

    def turned(vectors):
        pairs = (vectors[..., :2] + 1j * vectors[..., 2:]) * np.exp(1j * angles)
        return np.concatenate([pairs.real, pairs.imag], axis=-1)

    fit = turned(rows @ queries) @ turned(rows @ keys).swapaxes(1, 2) / 2
    shares = np.exp(fit) / np.exp(fit).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found, shares @ (rows @ values) @ gather, atol=1e-5)
