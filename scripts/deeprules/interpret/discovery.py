"""Motifs among attributions, by TF-MoDISco, and which known motifs they look like, by Tomtom.

TF-MoDISco compiles itself where it is first used, for twenty seconds of core time.
"""

import os
import warnings

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from deeprules.interpret.agreement import describe_motif
from deeprules.interpret.findings import Q_LEVEL
from deeprules.interpret.known_motifs import KnownMotifs
from deeprules.interpret.likeness_by_chance import false_discovery_by_chance
from deeprules.interpret.motif import MIN_SEQUENCES, Motif
from deeprules.interpret.one_hot import one_hot
from deeprules.interpret.tomtom import tomtom

WINDOW, FLANK, CORE = 9, 5, 15
"""Bases of a peak of attributions, those taken on either side, and the most informative part."""
MIN_SITES = 20
TRIM = 0.25
"""Share of the highest score of a position from which on a position belongs to a motif."""
BESIDE = 2
MATCHES = 3
"""Known motifs that are listed for a motif."""
MATCH_COLUMNS = ["motif", "known", "p_value", "q_value", "offset", "overlap", "reverse"]


def keep_compiled(threads: int) -> None:
    """Compile TF-MoDISco once for all runs: beside its files, or into the user's cache.

    It keeps what it compiles only in a process without another thread, and so before a log is
    started, which watches the run in one. It uses as many threads as it is given.
    """
    os.environ["NUMBA_NUM_THREADS"] = str(threads)
    from modiscolite import precompile

    precompile.start()


def find_motifs(codes: np.ndarray, hypothetical: np.ndarray, prefix: str = "motif") -> list[Motif]:
    """Motifs of codes (N, L) with hypothetical scores (N, L, 4), the most frequent first.

    Source: Shrikumar et al. 2018, arXiv:1811.00416. Ends are padded, so that a motif at the end of
    a sequence is seen.
    """
    from modiscolite.tfmodisco import TFMoDISco

    width = ((0, 0), (WINDOW, WINDOW), (0, 0))
    bases, scores = (np.pad(one.astype(float), width) for one in (one_hot(codes), hypothetical))
    scores *= bases.sum(axis=2, keepdims=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of positions that only padding covers
        found = TFMoDISco(
            bases,
            scores,
            sliding_window_size=WINDOW,
            flank_size=FLANK,
            trim_to_window_size=CORE,
            initial_flank_to_add=3,
            min_metacluster_size=MIN_SITES,
            final_min_cluster_size=MIN_SITES,
            max_seqlets_per_metacluster=1000,
            nearest_neighbors_to_compute=100,
            n_leiden_runs=2,
        )
    patterns = [pattern for patterns in found for pattern in patterns or []]
    patterns.sort(key=lambda pattern: -len(pattern.seqlets))
    motifs = [_motif(pattern, len(codes[0])) for pattern in patterns]
    motifs = [motif for motif in motifs if motif]
    for number, motif in enumerate(motifs, 1):
        motif.name = f"{prefix}_{number}"
    return motifs


def _motif(pattern, length: int) -> Motif | None:
    """A pattern, cut to the positions that matter; None if fewer than four do."""
    weight = np.abs(pattern.contrib_scores.sum(axis=1))
    kept = np.flatnonzero(weight >= TRIM * weight.max())
    begin, end = int(kept[0]), int(kept[-1]) + 1
    if end - begin < 4:
        return None
    sites = []
    for seqlet in pattern.seqlets:
        first = seqlet.end - end if seqlet.is_revcomp else seqlet.start + begin
        start = int(first) - WINDOW
        if start >= 0 and start + end - begin <= length:
            site = {"row": int(seqlet.example_idx), "start": start}
            sites.append(site | {"reverse": bool(seqlet.is_revcomp)})
    matrix = pattern.sequence[begin:end] + 1e-4
    matrix /= matrix.sum(axis=1, keepdims=True)
    return Motif("", matrix, pattern.contrib_scores[begin:end], sites) if sites else None


def match_motifs(motifs: list[Motif], known: KnownMotifs, codes: np.ndarray) -> pd.DataFrame:
    """The known motifs most like each motif: `MATCH_COLUMNS`.

    Motifs are compared with `BESIDE` bases on either side, of the sequences (N, L) that they are
    from: those say little to the network, and may belong to what it knows nevertheless.
    p by Tomtom; q by Benjamini and Hochberg over all known motifs that one was compared with, and,
    where one is called alike by that, no less than `false_discovery_by_chance`; then no less than
    by the same over the best q of each motif: of a hundred that mean nothing one has a q of 1%.
    """
    rows, names, matrices = [], list(known.matrices), list(known.matrices.values())
    for motif in motifs if names else ():
        compared = _with_flanks(motif, codes)
        found = tomtom(compared, matrices)
        q = false_discovery_control(found.p_values)
        order = np.argsort(found.p_values, kind="stable")
        if q.min() < Q_LEVEL:
            by_chance = false_discovery_by_chance(compared, matrices, found.p_values)
            q[order] = np.maximum.accumulate(np.maximum(q, by_chance)[order])
        for place in order[:MATCHES]:
            told = [float(found.p_values[place]), float(q[place]), int(found.offsets[place])]
            told += [int(found.overlaps[place]), bool(found.reverse[place])]
            rows.append([motif.name, names[place], *told])
    table = pd.DataFrame(rows, columns=MATCH_COLUMNS)
    if rows:
        best = table.groupby("motif", sort=False)["q_value"].min()
        of_motif = pd.Series(false_discovery_control(best), best.index)
        table["q_value"] = np.maximum(table["q_value"], table["motif"].map(of_motif))
    return table


def _with_flanks(motif: Motif, codes: np.ndarray) -> np.ndarray:
    """Base probabilities of a motif's sites and of `BESIDE` bases on either side of them."""
    padded = np.pad(one_hot(codes), ((0, 0), (BESIDE, BESIDE), (0, 0)), constant_values=0.25)
    found = np.zeros((motif.width + 2 * BESIDE, 4))
    for site in motif.sites:
        bases = padded[site["row"], site["start"] : site["start"] + len(found)]
        found += bases[::-1, ::-1] if site["reverse"] else bases
    return (found + 1e-4) / (found + 1e-4).sum(axis=1, keepdims=True)


def find_all_motifs(
    codes: np.ndarray, of_fits: np.ndarray, of_null: np.ndarray
) -> tuple[list[Motif], list[Motif]]:
    """Motifs of the mean scores of all fits, and those of the network fitted to shuffled labels.

    Both are empty where there are fewer than `MIN_SEQUENCES` sequences.

    Parameters
    ----------
    codes : (N, L)
    of_fits : scores (fits, N, L, 4); `of_null` those of the other network (N, L, 4)
    """
    if len(codes) < MIN_SEQUENCES:
        return [], []
    motifs = find_motifs(codes, of_fits.mean(axis=0))
    for motif in motifs:
        describe_motif(motif, codes, of_fits)
    return motifs, find_motifs(codes, of_null, "null_motif")
