"""What goes into a pretrained model: its axes, channels and length, from all that is known.

The configuration comes first, then the model itself; what neither says is assumed, with a warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deeprules.errors import InputError
from deeprules.pretrained.kipoi_inputs import CODES

ONE_HOT = (
    *("length_channel", "channel_length"),
    *("length_channel_1", "length_1_channel", "channel_length_1", "channel_1_length"),
    *("1_length_channel", "1_channel_length"),
)
"""Orders of the axes of one one-hot sequence, `1` for an axis of size 1."""

READER = "kipoiseq."
"""Readers of this package give channels ACGT and an unknown base as 0.25 each, unless told."""


@dataclass
class Settled:
    """Settings of the input, and how they were come by.

    Attributes
    ----------
    settings : channels, axes, ambiguous, length (None for any) and strand
    checks, warnings : sentences
    """

    settings: dict
    checks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def settle_input(
    name: str, given: Mapping, shape: tuple[int | None, ...], dtype: str | None, content: Mapping
) -> Settled:
    """The input of a model, complete.

    Parameters
    ----------
    name : of the model, for messages
    given : `input` of the configuration, None for what the model should say
    shape : of one input, without the batch
    dtype : of the input, if known; whole numbers (`uint8`) are byte codes
    content : the model.yaml

    Raises
    ------
    InputError
        If the model takes no DNA, or the configuration contradicts it.
    """
    axes = _axes(name, given["axes"], shape, dtype)
    settled = Settled({"channels": "ACGT", "axes": axes, "ambiguous": "shares"})
    length = shape[0] if axes == CODES else shape[axes.split("_").index("length")]
    settled.settings["length"] = _length(name, given["length"], length)
    settled.settings["strand"] = given["strand"] or "as_given"
    bases = settled.settings["length"] or "any number of"
    settled.checks.append(f"Its input has the shape {shape}: axes {axes}, {bases} bases.")
    if axes == CODES:
        settled.checks.append("It takes byte codes and turns them into bases itself.")
    else:
        _settle_bases(settled, given, _stated_by_reader(content))
    return settled


def _axes(name: str, given: str | None, shape: tuple, dtype: str | None) -> str:
    """The order of the axes that fits a shape."""
    is_codes = len(shape) == 1 and dtype is not None and dtype.startswith(("uint", "int"))
    fitting = [CODES] if is_codes else [axes for axes in ONE_HOT if _fits(axes, shape)]
    if given is not None:
        loose = [axes for axes in ONE_HOT if _fits(axes, shape, unknown=True)]
        if given in [*fitting, *loose] or (given == CODES and len(shape) == 1):
            return given
        raise InputError(
            f"pretrained.{name}.input.axes: `{given}` does not fit the model, whose input has the "
            f"shape {shape} (without the batch). Give axes that fit"
            f"{f': {_or(fitting)}' if fitting else ''}."
        )
    if not fitting:
        raise InputError(
            f"pretrained.{name}: the model's input has the shape {shape} (without the batch), and "
            "no axis of it is one of 4 channels: it does not take one-hot DNA. Use another model, "
            "or state `input: axes` if the shape leaves sizes open."
        )
    if len(fitting) > 1:
        raise InputError(
            f"pretrained.{name}: the shape {shape} of the model's input fits {_or(fitting)}. State "
            "which it is under `input: axes`."
        )
    return fitting[0]


def _fits(axes: str, shape: tuple, unknown: bool = False) -> bool:
    """Whether sizes agree with the names of axes; `unknown` lets an open size be the channels."""
    names = axes.split("_")
    allowed = {"1": (1,), "channel": (4, None) if unknown else (4,)}
    return len(names) == len(shape) and all(
        name == "length" or size in allowed[name] for name, size in zip(names, shape, strict=True)
    )


def _length(name: str, given: int | None, length: int | None) -> int | None:
    if None not in (given, length) and given != length:
        raise InputError(
            f"pretrained.{name}.input.length: is {given}, but the model takes {length} bases. "
            "Leave it out, or correct it."
        )
    return given or length


def _stated_by_reader(content: Mapping) -> dict:
    """Channels and ambiguous bases that the folder's own reader of sequences gives."""
    reader = content.get("default_dataloader")
    if not isinstance(reader, Mapping) or not str(reader.get("defined_as")).startswith(READER):
        return {}
    options = reader.get("default_args") or {}
    neutral = options.get("neutral_value", 0.25)
    stated = {"channels": options.get("alphabet", "ACGT")}
    return {**stated, "ambiguous": "zero" if neutral == 0 else "shares"}


def _settle_bases(settled: Settled, given: Mapping, stated: Mapping) -> None:
    """Channels and ambiguous bases, and where each of them is known from."""
    for key, words in (
        ("channels", "The order of its channels"),
        ("ambiguous", "How it takes an unknown base"),
    ):
        value = given[key] or stated.get(key) or settled.settings[key]
        settled.settings[key] = value
        if given[key]:
            settled.checks.append(f"{words}: {value}, as the configuration says.")
        elif key in stated:
            settled.checks.append(f"{words}: {value}, as its reader of sequences says.")
        else:
            settled.warnings.append(
                f"{words} is not stated by the model; {value} is assumed. If it is known, state it "
                f"under `input: {key}`."
            )


def _or(names) -> str:
    return " or ".join(f"`{name}`" for name in names)
