"""A simulated genome and the peaks in it: motifs in order, in places that are rich in GC."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.encoding import LETTERS
from deeprules.errors import InputError
from deeprules.simulate import planted_motifs
from deeprules.simulate.simulated_design import names

BLOCK = 1000
"""Bases of a chromosome that share a GC content."""
_LETTERS = np.frombuffer(LETTERS.encode(), dtype=np.uint8)


def simulate_genome(**parameters) -> pd.DataFrame:
    """The genome of `simulate_peaks` under the same parameters: columns name and sequence."""
    genome = simulated_places(**parameters).genome
    return pd.DataFrame(
        {
            "name": [f"chr{number + 1}" for number in range(len(genome))],
            "sequence": [_LETTERS[codes].tobytes().decode() for codes in genome],
        }
    )


def simulate_peaks(**parameters) -> pd.DataFrame:
    """Peaks as a peak caller gives them; the schema describes the parameters.

    Returns
    -------
    Table with the ten columns of narrowPeak, one row a peak; the summit lies in the middle of the
    motifs, which stand in order and at a set distance on either strand.
    """
    return simulated_places(**parameters).peaks


@dataclass(frozen=True)
class Simulated:
    """A genome and what lies in it.

    Attributes
    ----------
    genome : codes (chromosomes, bases)
    peaks : as a peak caller gives them, see `simulate_peaks`
    places : chromosome (index, as `row`) and start of the `width` bases of each peak
    sites : motif instances, see `planted_motifs`: row (of the peak), motif, start (from that of the
        peak's place) and reverse
    matrices : base probabilities (W, 4) of each motif
    """

    genome: np.ndarray
    peaks: pd.DataFrame
    places: pd.DataFrame
    sites: pd.DataFrame
    matrices: list[np.ndarray]


def simulated_places(
    *,
    rng: np.random.Generator,
    n: int,
    chromosomes: int,
    bases: int,
    width: int,
    motifs: int,
    motif_length: int,
    motif_information: float,
    spacing: list[int],
    gc: list[float],
    gc_preference: float,
    **_,
) -> Simulated:
    """The genome, its peaks, and where their motifs are; parameters of variants change nothing."""
    slots = bases // (2 * width)
    longest = motifs * motif_length + (motifs - 1) * spacing[1]
    if n > chromosomes * slots or longest > width or gc[0] > gc[1] or spacing[0] > spacing[1]:
        raise InputError(
            f"simulate: {n:,} peaks of {width:,} bases need {2 * n * width:,} bases of genome, and "
            f"motifs with their spacing {longest:,} of {width:,} bases; `gc` and `spacing` are "
            "[smallest, largest]."
        )
    content = np.repeat(rng.uniform(*gc, (chromosomes, bases // BLOCK + 1)), BLOCK, axis=1)
    content = content[:, :bases]
    strong = rng.random((chromosomes, bases)) < content
    second = rng.random((chromosomes, bases)) < 0.5
    codes = planted_motifs.CODES[np.where(strong, 1 + second, 3 * second)]
    places = _places(rng, content, n, slots, width, gc_preference)
    inside = (places["row"].to_numpy()[:, None], places["start"].to_numpy()[:, None])
    inside = (inside[0], inside[1] + np.arange(width))
    matrices = [
        planted_motifs.motif_matrix(rng.integers(4, size=motif_length), motif_information)
        for _ in range(motifs)
    ]
    windows = codes[inside]
    shape = (width, motifs, motif_length)
    sites = planted_motifs.arranged(rng, np.arange(n), *shape, spacing, 0.5)
    planted_motifs.plant(rng, windows, sites, matrices)
    codes[inside] = windows
    middle = sites.groupby("row")["start"].agg(["min", "max"]).sum(axis=1) + motif_length
    peaks = _as_narrow_peaks(rng, places, (middle // 2).to_numpy(), width, bases)
    return Simulated(codes, peaks, places, sites, matrices)


def _places(rng, content, n, slots, width, preference) -> pd.DataFrame:
    """Chromosome and start of each peak, in order; none overlaps another."""
    row, slot = np.divmod(np.arange(len(content) * slots), slots)
    weights = np.exp(preference * content[row, slot * 2 * width])
    chosen = np.sort(rng.choice(len(row), n, replace=False, p=weights / weights.sum()))
    start = slot[chosen] * 2 * width + rng.integers(0, width, n)
    return pd.DataFrame({"row": row[chosen], "start": start})


def _as_narrow_peaks(rng, places, summit, width, bases) -> pd.DataFrame:
    """The places as a peak caller reports them: wider or narrower, around the summit."""
    at = places["start"].to_numpy() + summit
    start = np.maximum(at - rng.integers(width // 3, width, len(at)), 0)
    end = np.minimum(at + rng.integers(width // 3, width, len(at)), bases)
    return pd.DataFrame(
        {
            "chromosome": [f"chr{row + 1}" for row in places["row"]],
            "start": start,
            "end": end,
            "name": names("peak", np.arange(len(at))),
            "score": 1000,
            "strand": ".",
            "signal": np.round(rng.lognormal(2, 0.5, len(at)), 3),
            "p": -1,
            "q": -1,
            "summit": at - start,
        }
    )
