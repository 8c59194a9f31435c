"""Simulated sequences with several labels, by motifs that the labels share or not."""

import numpy as np
import pandas as pd

from deeprules.encoding import LETTERS
from deeprules.errors import InputError
from deeprules.simulate import planted_motifs
from deeprules.simulate.simulated_design import exact_share, flip, names

PAIR = 2
"""Motifs that a label holds by: all of them, in order and at a distance."""
LOWEST, RISE = 5.0, 2.0
"""Mean of a value where its rule does not hold, and how much higher it is where it does."""
_LETTERS = np.frombuffer(LETTERS.encode(), dtype=np.uint8)


def simulate_labels(
    *,
    rng: np.random.Generator,
    n: int,
    length: int,
    labels: int,
    values: int,
    truth: str,
    missing: float,
    positive_share: float,
    motif_length: int,
    motif_information: float,
    spacing: list[int],
    label_noise: float,
    batches: int,
) -> pd.DataFrame:
    """Sequences with several labels; the schema describes the parameters.

    A label holds where its two motifs stand in order; elsewhere they stand otherwise or alone. A
    value is higher there by `RISE`, beside noise with a standard deviation of 1.

    Returns
    -------
    Table with the columns id, sequence, mark_1 and so on (`yes`, `no`, or empty where it is
    missing at random), level_1 and so on (numbers, or empty), and batch, which says nothing.
    """
    widest = PAIR * motif_length + spacing[1]
    rules = 1 if truth == "shared" else labels + values
    if rules * widest > length:
        raise InputError(
            f"simulate: the motifs of {rules} rules take {rules * widest} bases but `length` is "
            f"{length}."
        )
    codes = planted_motifs.CODES[rng.integers(4, size=(n, length))]
    holds = [
        _plant(rng, codes, rule, rules, positive_share, motif_length, motif_information, spacing)
        for rule in range(rules)
    ]
    letters = _LETTERS[codes].tobytes().decode()
    table = pd.DataFrame(
        {
            "id": names("sequence", np.arange(n)),
            "sequence": [letters[i : i + length] for i in range(0, n * length, length)],
        }
    )
    for label in range(labels):
        present = flip(rng, holds[min(label, rules - 1)], label_noise)
        cells = np.where(present, "yes", "no").astype(object)
        table[f"mark_{label + 1}"] = np.where(rng.random(n) < missing, "", cells)
    for value in range(values):
        level = LOWEST + RISE * holds[min(labels + value, rules - 1)] + rng.normal(size=n)
        cells = np.array([f"{one:.3f}" for one in level], dtype=object)
        table[f"level_{value + 1}"] = np.where(rng.random(n) < missing, "", cells)
    return table.assign(batch=names("batch", rng.integers(batches, size=n), digits=1))


def _plant(rng, codes, rule, rules, share, width, information, spacing) -> np.ndarray:
    """Plant the motifs of one rule into its part of the sequences; which of them (N,) it holds in.

    Where it does not hold, half have both motifs otherwise, and half one of them.
    """
    n, length = codes.shape
    part = length // rules
    own = codes[:, rule * part : (rule + 1) * part]
    matrices = [
        planted_motifs.motif_matrix(rng.integers(4, size=width), information) for _ in range(PAIR)
    ]
    holds = exact_share(rng, n, share)
    is_decoy = ~holds & (rng.random(n) < 0.5)
    pair = (part, PAIR, width)
    sites = [
        planted_motifs.arranged(rng, np.flatnonzero(holds), *pair, spacing, 0.0),
        planted_motifs.misarranged(rng, np.flatnonzero(is_decoy), *pair, spacing, 0.0),
        planted_motifs.scattered(rng, (~holds & ~is_decoy).astype(int), *pair, 0.0),
    ]
    planted_motifs.plant(rng, own, pd.concat(sites, ignore_index=True), matrices)
    return holds
