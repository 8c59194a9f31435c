"""Does a pretrained model help? Each model that uses one against its twin without its weights.

A twin has the same architecture and started from random weights, or kept them; it names the same
pretrained model. Both are scored on the same bootstrap replicates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deeprules.files import finite_or_none
from deeprules.statistics.bootstrap import BootstrappedScores
from deeprules.statistics.intervals import Interval
from deeprules.statistics.metrics import METRIC_LABELS
from deeprules.wording import format_interval

HELPS, NULL, HURTS, UNKNOWN = "helps", "no gain shown", "hurts", "not compared"


@dataclass(frozen=True)
class TransferPair:
    """A model that uses a pretrained one, and its twin (None if no twin was entered).

    `twin_of` is the module of such a twin.
    """

    pretrained: str
    way: str
    model: str
    scratch: str | None
    twin_of: str


def transfer_pairs(models: Mapping[str, Mapping]) -> list[TransferPair]:
    """Every model that uses a pretrained one with every twin that names the same.

    Parameters
    ----------
    models : {model: {"module", "pretrained", "way", "twin_of"}} of the models that name a
        pretrained one; `twin_of`, the module of its twin, is empty for a twin itself
    """
    found = []
    for model, entry in models.items():
        pretrained, twin_of = entry["pretrained"], entry["twin_of"]
        twins = [
            name
            for name, other in models.items()
            if other["module"] == twin_of and other["pretrained"] == pretrained
        ]
        for twin in (twins or [None]) if twin_of else ():
            found.append(TransferPair(pretrained, entry["way"], model, twin, twin_of))
    return found


def twins(pairs: list[TransferPair]) -> list[tuple[str, str]]:
    """(model, twin) of every pair that has both."""
    return [(pair.model, pair.scratch) for pair in pairs if pair.scratch]


def transfer_record(
    pairs: list[TransferPair], scored: BootstrappedScores, metric: str
) -> dict[str, list[dict]]:
    """The content of `transfer.json`.

    Returns
    -------
    {"pretrained": [{"pretrained", "way", "model", "scratch", "metric", "difference", "lower",
    "upper", "outcome", "sentence"}]}. The difference is positive where the pretrained model is
    better; the outcome is `helps` only if `lower` is above 0, `hurts` if `upper` is below 0, else
    `no gain shown`, and `not compared` where there is no twin.
    """
    return {"pretrained": [_one_record(pair, scored, metric) for pair in pairs]}


def _one_record(pair: TransferPair, scored: BootstrappedScores, metric: str) -> dict:
    gain = scored.gain(pair.model, pair.scratch, metric) if pair.scratch else None
    numbers = (gain.value, gain.lower, gain.upper) if gain else (np.nan,) * 3
    names = ("difference", "lower", "upper")
    return {
        **{name: value for name, value in vars(pair).items() if name != "twin_of"},
        "metric": metric,
        **dict(zip(names, map(finite_or_none, numbers), strict=True)),
        "outcome": transfer_outcome(gain),
        "sentence": transfer_sentence(pair, gain, metric),
    }


def transfer_outcome(gain: Interval | None) -> str:
    """`helps`, `no gain shown`, `hurts` or, without a twin, `not compared`."""
    if gain is None:
        return UNKNOWN
    if gain.lower > 0:
        return HELPS
    return HURTS if gain.upper < 0 else NULL


def transfer_sentence(pair: TransferPair, gain: Interval | None, metric: str) -> str:
    """One comparison in words."""
    subject = f"Pretrained `{pair.pretrained}`, {pair.way} (`{pair.model}`)"
    if gain is None:
        return (
            f"{subject}, was not compared: no model with module `{pair.twin_of}` and "
            f"`pretrained: {pair.pretrained}` was entered."
        )
    found = {HELPS: "helps", NULL: "shows no gain", HURTS: "hurts"}[transfer_outcome(gain)]
    return (
        f"{subject}, {found}: {METRIC_LABELS[metric]} on test differs by {format_interval(gain)} "
        f"from that of its twin without the pretrained weights, `{pair.scratch}`."
    )
