"""Where simulated motifs go, and writing them into sequences.

Sites are a table with one row a motif instance: row (of the sequence), motif (index), start
(0-based, on the forward strand) and reverse (whether it lies on the reverse strand).
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from deeprules.encoding import COMPLEMENT

CODES = np.array([1, 2, 4, 8], dtype=np.uint8)
"""Codes of A, C, G, T."""


def motif_matrix(consensus: np.ndarray, information: float) -> np.ndarray:
    """Base probabilities (W, 4) of a motif with `information` bits at each position.

    The consensus base has probability p and the others share the rest evenly; p solves
    2 + p log2 p + (1 - p) log2((1 - p) / 3) = information (Schneider & Stephens 1990,
    Nucleic Acids Research 18:6097, without the small-sample correction).
    """

    def excess(share: float) -> float:
        other = 1 - share
        return 2 + share * np.log2(share) + other * np.log2(other / 3) - information

    share = 1.0 if information >= 2 else brentq(excess, 0.25, 1 - 1e-12)
    matrix = np.full((len(consensus), 4), (1 - share) / 3)
    matrix[np.arange(len(consensus)), consensus] = share
    return matrix


def no_sites() -> pd.DataFrame:
    """An empty table of sites."""
    return _sites(np.array([], dtype=int), np.zeros((0, 1), dtype=int), np.zeros((0, 1), bool))


def scattered(
    rng: np.random.Generator,
    counts: np.ndarray,
    length: int,
    motifs: int,
    width: int,
    reverse_share: float,
) -> pd.DataFrame:
    """`counts` (N) copies a sequence of motifs drawn at random, anywhere, without overlap."""
    row, start = _scatter(rng, counts, length, width)
    return pd.DataFrame(
        {
            "row": row,
            "motif": rng.integers(motifs, size=len(row)),
            "start": start,
            "reverse": rng.random(len(row)) < reverse_share,
        }
    )


def arranged(
    rng: np.random.Generator,
    rows: np.ndarray,
    length: int,
    motifs: int,
    width: int,
    spacing: list[int],
    reverse_share: float,
) -> pd.DataFrame:
    """Every motif once in each of `rows`, in order, `spacing` apart, all on one strand."""
    gaps = rng.integers(spacing[0], spacing[1] + 1, size=(len(rows), motifs - 1))
    offsets = np.cumsum(np.pad(gaps + width, ((0, 0), (1, 0))), axis=1)
    start = offsets + rng.integers(0, length - offsets[:, -1:] - width + 1)
    reverse = rng.random((len(rows), 1)) < reverse_share
    return _sites(rows, np.where(reverse, length - width - start, start), reverse)


def misarranged(
    rng: np.random.Generator,
    rows: np.ndarray,
    length: int,
    motifs: int,
    width: int,
    spacing: list[int],
    reverse_share: float,
) -> pd.DataFrame:
    """Every motif once in each of `rows`, in an order, distance or strand that `arranged` lacks."""
    start = np.zeros((len(rows), motifs), dtype=int)
    reverse = np.zeros((len(rows), motifs), dtype=bool)
    redraw = np.ones(len(rows), dtype=bool)
    while redraw.any():
        counts = np.full(int(redraw.sum()), motifs)
        placed = _scatter(rng, counts, length, width)[1].reshape(-1, motifs)
        start[redraw] = rng.permuted(placed, axis=1)
        reverse[redraw] = rng.random(placed.shape) < reverse_share
        redraw = _is_arranged(start, reverse, width, spacing)
    return _sites(rows, start, reverse)


def plant(
    rng: np.random.Generator, codes: np.ndarray, sites: pd.DataFrame, matrices: list[np.ndarray]
) -> None:
    """Write one draw from its motif over each site of `codes` (N, L), in place."""
    for motif, matrix in enumerate(matrices):
        chosen = sites[sites["motif"] == motif]
        draws = rng.random((len(chosen), len(matrix), 1))
        instances = CODES[(draws > np.cumsum(matrix, axis=1)[:, :3]).sum(axis=2)]
        reverse = chosen["reverse"].to_numpy()
        instances[reverse] = COMPLEMENT[instances[reverse, ::-1]]
        columns = chosen["start"].to_numpy()[:, None] + np.arange(len(matrix))
        codes[chosen["row"].to_numpy()[:, None], columns] = instances


def describe(sites: pd.DataFrame, n: int) -> list[str]:
    """The sites of each of `n` sequences as `motif:start:strand`, separated by `;`."""
    ordered = sites.sort_values(["row", "start"])
    text = (
        (ordered["motif"] + 1).astype(str)
        + ":"
        + ordered["start"].astype(str)
        + ordered["reverse"].map({True: ":-", False: ":+"}).astype(str)
    )
    joined = text.groupby(ordered["row"].to_numpy()).agg(";".join)
    return joined.reindex(range(n), fill_value="").tolist()


def _scatter(
    rng: np.random.Generator, counts: np.ndarray, length: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and starts of `counts` sites a row that don't overlap, at random."""
    most = int(counts.max(initial=0))
    used = np.arange(most) < counts[:, None]
    # Place points on what the sites leave free, then make room for each site in turn.
    free = length - counts[:, None] * width
    points = rng.integers(0, free + 1, size=used.shape)
    starts = np.sort(np.where(used, points, length), axis=1) + np.arange(most) * width
    return np.nonzero(used)[0], starts[used]


def _is_arranged(
    start: np.ndarray, reverse: np.ndarray, width: int, spacing: list[int]
) -> np.ndarray:
    same_strand = (reverse == reverse[:, :1]).all(axis=1)
    gaps = np.where(reverse[:, :1], -1, 1) * np.diff(start, axis=1) - width
    in_range = ((gaps >= spacing[0]) & (gaps <= spacing[1])).all(axis=1)
    return same_strand & in_range


def _sites(rows: np.ndarray, start: np.ndarray, reverse: np.ndarray) -> pd.DataFrame:
    """One row a site, from arrays (rows, motifs)."""
    motif = np.broadcast_to(np.arange(start.shape[1]), start.shape)
    return pd.DataFrame(
        {
            "row": np.repeat(rows, start.shape[1]),
            "motif": motif.ravel(),
            "start": start.ravel(),
            "reverse": np.broadcast_to(reverse, start.shape).ravel(),
        }
    )
