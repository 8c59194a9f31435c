"""Byte codes as the input of a pretrained model: known answers and faults."""

import numpy as np
import pytest

from deeprules.encoding import encode
from deeprules.errors import InputError
from deeprules.pretrained.kipoi_inputs import model_inputs, plan_windows

INPUT = {
    "channels": "ACGT",
    "axes": "length_channel",
    "ambiguous": "shares",
    "length": None,
    "strand": "as_given",
}


def inputs(*sequences, lengths="crop", **settings):
    contract = {"input": {**INPUT, **settings}, "lengths": lengths}
    return model_inputs(np.stack(encode(sequences)), contract)


def test_bases_are_one_hot_in_the_order_of_the_channels():
    np.testing.assert_array_equal(inputs("ACGT")[0], np.eye(4))
    np.testing.assert_array_equal(inputs("TGCA", channels="TGCA")[0], np.eye(4))
    assert inputs("ACGT").dtype == np.float32


def test_ambiguous_letters_share_or_are_zero():
    np.testing.assert_array_equal(inputs("NRA")[0], [[0.25] * 4, [0.5, 0, 0.5, 0], [1, 0, 0, 0]])
    zero = inputs("NRA", ambiguous="zero")[0]
    np.testing.assert_array_equal(zero, [[0] * 4, [0] * 4, [1, 0, 0, 0]])
    padding = np.zeros((1, 3), dtype=np.uint8)
    for ambiguous in ("shares", "zero"):
        contract = {"input": {**INPUT, "ambiguous": ambiguous}, "lengths": "crop"}
        assert not model_inputs(padding, contract).any()


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ("length_channel", (2, 5, 4)),
        ("channel_length", (2, 4, 5)),
        ("channel_length_1", (2, 4, 5, 1)),
        ("channel_1_length", (2, 4, 1, 5)),
        ("1_length_channel", (2, 1, 5, 4)),
        ("length_1_channel", (2, 5, 1, 4)),
    ],
)
def test_axes_are_those_the_contract_names(axes, shape):
    found = inputs("ACGTA", "TTTTT", axes=axes)
    assert found.shape == shape
    plain = inputs("ACGTA", "TTTTT")
    order = (0, 2, 1) if axes.startswith("channel") else (0, 1, 2)
    np.testing.assert_array_equal(found.squeeze(), plain.transpose(order))


def test_a_network_of_ours_takes_the_codes_themselves():
    found = inputs("ACGTN", axes="codes", length=3)
    np.testing.assert_array_equal(found, [[2, 4, 8]])
    assert found.dtype == np.uint8


def test_the_other_strand_is_the_reverse_complement():
    np.testing.assert_array_equal(inputs("AAGT", strand="reverse_complement"), inputs("ACTT"))


def test_crop_takes_the_centre():
    np.testing.assert_array_equal(inputs("TTACGTT", length=3), inputs("ACG"))


def test_pad_adds_zeros_on_both_sides():
    found = inputs("ACG", length=6, lengths="pad")[0]
    np.testing.assert_array_equal(found[1:4], inputs("ACG")[0])
    assert not found[[0, 4, 5]].any()


def test_tiles_cover_the_sequence_evenly_and_stay_together():
    found = inputs("AACCGGTT", "TTTTTTTT", length=3, lengths="tile")
    assert found.shape == (6, 3, 4)
    np.testing.assert_array_equal(found[:3], inputs("AAC", "CCG", "GTT"))
    assert plan_windows(8, 3, "tile").starts == (0, 2, 5)
    assert plan_windows(9, 3, "tile").starts == (0, 3, 6)
    for data_length in range(3, 40):
        seen = {
            start + k for start in plan_windows(data_length, 3, "tile").starts for k in (0, 1, 2)
        }
        assert seen == set(range(data_length))


@pytest.mark.parametrize(
    ("data", "policy", "advice"),
    [("ACG", "crop", "pad"), ("ACG", "tile", "pad"), ("ACGTACGT", "pad", "crop")],
)
def test_a_length_that_the_policy_does_not_fit_is_refused(data, policy, advice):
    with pytest.raises(InputError, match=f"{len(data)} bases.*takes 5.*: {policy}`.*{advice}"):
        inputs(data, length=5, lengths=policy)


@pytest.mark.parametrize(
    "settings",
    [{"channels": "ACGG"}, {"axes": "length_4"}, {"ambiguous": "n"}, {"strand": "both"}],
)
def test_a_contract_that_makes_no_sense_is_refused(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        inputs("ACG", **settings)


def test_an_unknown_policy_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="stretch"):
        plan_windows(5, 4, "stretch")
