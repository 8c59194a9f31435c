"""Byte codes as the input that a pretrained model takes, by its contract (numpy alone).

`deeprules.pretrained.pretrained_layers` does the same as layers of a network.
"""

from __future__ import annotations  # an old framework may come with an old Python

import json
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from deeprules.encoding import BASE_SHARES, PADDING, reverse_complement
from deeprules.errors import InputError

CODES = "codes"
"""The input of our own networks: the byte codes themselves."""
BASES = "ACGT"
METHOD = "maximum over positions, mean over windows"
"""How activations are brought to one width; to be changed with the method."""


@dataclass(frozen=True)
class Windows:
    """Which bases of each sequence a model sees.

    Attributes
    ----------
    length : bases of a window
    starts : first base of each window, in the sequence padded by `padding`
    padding : bases added before and after the sequence
    """

    length: int
    starts: tuple[int, ...]
    padding: tuple[int, int] = (0, 0)


def plan_windows(data_length: int, length: int | None, policy: str) -> Windows:
    """Windows of a model's `length` on sequences of `data_length` bases.

    Parameters
    ----------
    length : bases that the model takes; None for any number
    policy : what to do if the data are of another length: `crop` (the centre), `pad` (both sides)
        or `tile` (as few windows as cover the sequence, evenly spaced)

    Raises
    ------
    InputError if the policy does not fit the lengths.
    """
    if policy not in ("crop", "pad", "tile"):
        raise ValueError(f"unknown policy {policy!r}")
    if length is None or length == data_length:
        return Windows(data_length, (0,))
    if policy == "pad" and data_length < length:
        before = (length - data_length) // 2
        return Windows(length, (0,), (before, length - data_length - before))
    if policy == "pad" or data_length < length:
        wanted = "`crop` or `tile`" if data_length > length else "`pad`"
        raise InputError(
            f"The sequences have {data_length} bases and the pretrained model takes {length}; "
            f"`lengths: {policy}` does not fit that. Give {wanted}."
        )
    if policy == "crop":
        return Windows(length, ((data_length - length) // 2,))
    count = -(-data_length // length)
    starts = np.round(np.linspace(0, data_length - length, count)).astype(int)
    return Windows(length, tuple(starts.tolist()))


def base_table(settings: dict) -> np.ndarray:
    """The row (4) of each code, `float32` (16, 4), in the model's channel order.

    `settings` are those of the contract's `input`. An ambiguous letter shares 1 out among its
    bases (`ambiguous: shares`) or is 0 (`zero`); padding is 0.
    """
    channels, ambiguous = settings["channels"], settings["ambiguous"]
    if tuple(channels) not in permutations(BASES):
        raise InputError(f"`channels: {channels}` is not an order of the letters {BASES}.")
    if ambiguous not in ("shares", "zero"):
        raise InputError(f"`ambiguous: {ambiguous}` is neither `shares` nor `zero`.")
    table = BASE_SHARES[:, [BASES.index(base) for base in channels]]
    return np.where(table == 1, table, 0).astype(np.float32) if ambiguous == "zero" else table


def axis_order(axes: str) -> tuple[bool, tuple[int, ...]]:
    """Whether the channels come before the positions, and which axes of a batch have size 1.

    `axes` names those of one example: `channel_1_length` is (True, (2,)).
    """
    names = axes.split("_")
    if sorted(name for name in names if name != "1") != ["channel", "length"]:
        raise InputError(
            f"`axes: {axes}` must name length and channel once each, and 1 for an axis of size 1."
        )
    extra = tuple(place for place, name in enumerate(names, start=1) if name == "1")
    return names.index("channel") < names.index("length"), extra


def is_reversed(settings: dict) -> bool:
    """Whether the model wants the other strand."""
    if settings["strand"] not in ("as_given", "reverse_complement"):
        raise InputError(f"`strand: {settings['strand']}` is not a strand.")
    return settings["strand"] == "reverse_complement"


def contract_identity(contract: dict) -> str:
    """A text that differs as soon as the same codes can have other activations."""
    names = ["folder_sha256", "layer", "input", "lengths"]
    names += [name for name in ("pooling", "random_weights") if name in contract]
    return json.dumps(
        {**{name: contract[name] for name in names}, "method": METHOD}, sort_keys=True
    )


def model_inputs(codes: np.ndarray, contract: dict) -> np.ndarray:
    """What a pretrained model takes, from byte codes.

    Parameters
    ----------
    codes : `uint8` (N, L), see `deeprules.encoding`
    contract : content of `contract.json`

    Returns
    -------
    `float32` one-hot bases with the axes that the contract says, (N x windows, ...); the windows
    of one sequence follow each other. For a model that takes codes, `uint8` (N x windows, length).

    Raises
    ------
    InputError if the length of the data does not fit the model.
    """
    settings = contract["input"]
    windows = plan_windows(codes.shape[1], settings["length"], contract["lengths"])
    strand = reverse_complement(codes) if is_reversed(settings) else codes
    padded = np.pad(strand, ((0, 0), windows.padding), constant_values=PADDING)
    places = np.add.outer(windows.starts, np.arange(windows.length))
    seen = padded[:, places].reshape(-1, windows.length)
    if settings["axes"] == CODES:
        return seen
    bases = base_table(settings)[seen]
    channel_first, extra = axis_order(settings["axes"])
    bases = bases.transpose(0, 2, 1) if channel_first else bases
    return np.ascontiguousarray(np.expand_dims(bases, extra))
