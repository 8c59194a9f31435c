"""In how many fits of a network a motif is seen, and in how many sequences."""

import numpy as np
from scipy.stats import binom

from deeprules.interpret.motif import Motif
from deeprules.interpret.one_hot import one_hot

PLACE = 10
"""Bases within which sites count as in one place."""
HIGH = 0.9
"""Quantile of a fit's scores of all windows above which its scores of a motif's sites must lie."""


def seen_in(motif: Motif, codes: np.ndarray, hypothetical: np.ndarray) -> list[bool]:
    """Whether each fit sees a motif: its median score at the sites is among the highest tenth.

    Parameters
    ----------
    codes : (N, L)
    hypothetical : scores of each fit (fits, N, L, 4)
    """
    sign = np.sign(motif.contributions.sum()) or 1.0
    rows = np.array([site["row"] for site in motif.sites])
    starts = np.array([site["start"] for site in motif.sites])
    bases = one_hot(codes)
    found = []
    for scores in hypothetical:
        sums = np.pad(np.cumsum(sign * (scores * bases).sum(axis=2), axis=1), ((0, 0), (1, 0)))
        windows = sums[:, motif.width :] - sums[:, : -motif.width]
        at_sites = np.median(windows[rows, starts])
        found.append(bool(at_sites > max(np.quantile(windows, HIGH), 0)))
    return found


def describe_motif(motif: Motif, codes: np.ndarray, hypothetical: np.ndarray) -> None:
    """Enter into a motif's facts how often it was found and where: sites, sequences, share, fits.

    `sites_there` of its sites begin from `from_base` to `to_base` (from 1), the `PLACE` bases where
    most do; `is_placed` is whether so many would by chance with a probability below 1%.
    """
    rows = {site["row"] for site in motif.sites}
    places = codes.shape[1] - motif.width + 1
    starts = np.bincount([site["start"] for site in motif.sites], minlength=places)
    there = np.convolve(starts, np.ones(PLACE, dtype=int))
    last = int(there.argmax())
    chance = binom.sf(there[last] - 1, len(motif.sites), min(1, PLACE / places))
    seen = seen_in(motif, codes, hypothetical)
    motif.facts |= {
        "sites": len(motif.sites),
        "sequences": len(rows),
        "share": len(rows) / len(codes),
        "fits_with_it": sum(seen),
        "fits": len(seen),
        "sites_there": int(there[last]),
        "from_base": max(last - PLACE + 1, 0) + 1,
        "to_base": min(last + 1, places),
        "is_placed": bool(chance * places < 0.01),
        "length": codes.shape[1],
        "sign": "raises" if motif.contributions.sum() > 0 else "lowers",
    }
