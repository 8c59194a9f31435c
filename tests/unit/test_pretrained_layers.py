"""The input of a pretrained model as layers gives what numpy gives, in every combination."""

from itertools import product

import keras
import numpy as np
import pytest

from deeprules.encoding import LETTERS
from deeprules.pretrained.kipoi_inputs import model_inputs
from deeprules.pretrained.pretrained_layers import MeanOverWindows, PretrainedInput

AXES = ("length_channel", "channel_length", "channel_length_1", "channel_1_length", "codes")
LENGTHS = (("crop", 9), ("crop", None), ("pad", 17), ("tile", 5), ("tile", 12))
COMBINATIONS = product(
    ("ACGT", "TGCA", "ATCG"),
    AXES,
    ("shares", "zero"),
    ("as_given", "reverse_complement"),
    LENGTHS,
)


@pytest.fixture(scope="module")
def codes():
    return np.random.default_rng(0).integers(len(LETTERS), size=(6, 12)).astype(np.uint8)


@pytest.mark.parametrize(("channels", "axes", "ambiguous", "strand", "lengths"), list(COMBINATIONS))
def test_layers_and_numpy_agree(codes, channels, axes, ambiguous, strand, lengths):
    policy, length = lengths
    settings = {"channels": channels, "axes": axes, "ambiguous": ambiguous, "strand": strand}
    settings["length"] = length
    expected = model_inputs(codes, {"input": settings, "lengths": policy})
    found = keras.ops.convert_to_numpy(PretrainedInput(settings, policy)(codes))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


def test_the_layers_are_saved_with_a_network(codes, tmp_path):
    settings = {"channels": "ACGT", "axes": "length_channel", "ambiguous": "zero"}
    settings |= {"strand": "as_given", "length": 5}
    inputs = keras.Input((12,), dtype="uint8")
    hidden = keras.layers.Flatten()(PretrainedInput(settings, "tile")(inputs))
    model = keras.Model(inputs, MeanOverWindows(3)(keras.layers.Dense(2)(hidden)))
    expected = model.predict(codes, verbose=0)
    assert expected.shape == (6, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").predict(codes, verbose=0)
    np.testing.assert_array_equal(loaded, expected)


def test_windows_are_averaged_within_a_sequence():
    activations = np.array([[1.0, 10], [3, 30], [5, 50], [7, 70]], dtype=np.float32)
    found = keras.ops.convert_to_numpy(MeanOverWindows(2)(activations))
    np.testing.assert_array_equal(found, [[2, 20], [6, 60]])
