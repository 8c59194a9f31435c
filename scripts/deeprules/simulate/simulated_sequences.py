"""Simulated sequences with planted motifs, related families and batches of unlike GC content."""

import numpy as np
import pandas as pd

from deeprules.encoding import LETTERS
from deeprules.errors import InputError
from deeprules.simulate import planted_motifs
from deeprules.simulate.simulated_design import (
    balanced_groups,
    class_names,
    confounded_batches,
    exact_share,
    flip,
    logistic_labels,
    names,
)

_LETTERS = np.frombuffer(LETTERS.encode(), dtype=np.uint8)


def simulate_sequences(
    *,
    rng: np.random.Generator,
    n: int,
    length: int,
    positive_share: float,
    truth: str,
    motifs: int,
    motif_length: int,
    motif_information: float,
    strand: str,
    spacing: list[int],
    decoys: float,
    copies: float,
    effect: float,
    label_noise: float,
    gc: list[float],
    batch_confounding: float,
    groups: int | None,
    divergence: float,
    motif_seed: int | None = None,
) -> pd.DataFrame:
    """Sequences with planted motifs; the schema describes the parameters.

    Tasks with one `motif_seed` share their motifs, whatever else differs.

    Returns
    -------
    Table with the columns id, sequence, label (`negative`, `positive`), group, batch, and the
    truth: clean_label (before label noise), arrangement (what was planted) and planted
    (`motif:start:strand`, separated by `;`, start 0-based).
    """
    _check_sequences(truth, length, motifs, motif_length, spacing, gc, batch_confounding)
    reverse_share = 0.5 if strand == "both" else 0.0
    for_motifs = rng if motif_seed is None else np.random.default_rng(motif_seed)
    matrices = [
        planted_motifs.motif_matrix(for_motifs.integers(4, size=motif_length), motif_information)
        for _ in range(motifs)
    ]
    positive = exact_share(rng, n, positive_share)
    sites, arrangement = planted_motifs.no_sites(), np.full(n, "none", dtype=object)
    if truth == "additive":
        hits = np.minimum(rng.poisson(copies, size=n), length // motif_length)
        positive = logistic_labels(rng, effect * hits, positive_share)
        sites = planted_motifs.scattered(rng, hits, length, motifs, motif_length, reverse_share)
        arrangement[hits > 0] = "copies"
    elif truth == "grammar":
        shape = (length, motifs, motif_length)
        arrangement = _arrangements(rng, positive, decoys)
        sites = _grammar(rng, arrangement, shape, spacing, reverse_share)
    batch = confounded_batches(rng, positive, len(gc), batch_confounding)
    group = balanced_groups(rng, n, groups)
    codes = _background(rng, length, group, np.asarray(gc)[batch], divergence)
    planted_motifs.plant(rng, codes, sites, matrices)
    letters = _LETTERS[codes].tobytes().decode()
    return pd.DataFrame(
        {
            "id": names("sequence", np.arange(n)),
            "sequence": [letters[i : i + length] for i in range(0, n * length, length)],
            "label": class_names(flip(rng, positive, label_noise)),
            "group": names("family", group),
            "batch": names("batch", batch, digits=1),
            "clean_label": class_names(positive),
            "arrangement": arrangement,
            "planted": planted_motifs.describe(sites, n),
        }
    )


def _check_sequences(truth, length, motifs, motif_length, spacing, gc, batch_confounding):
    problems = []
    longest = motifs * motif_length + (motifs - 1) * spacing[1]
    if truth == "grammar" and motifs < 2:
        problems.append("`truth: grammar` needs two or more `motifs`")
    if truth == "grammar" and spacing[0] > spacing[1]:
        problems.append(f"`spacing` {spacing} must be [smallest, largest]")
    if truth == "grammar" and longest > length:
        problems.append(f"motifs and spacing take {longest} bases but `length` is {length}")
    if truth == "additive" and motif_length > length:
        problems.append(f"`motif_length` {motif_length} is more than `length` {length}")
    if truth == "batch" and (batch_confounding == 0 or len(gc) < 2):
        problems.append("`truth: batch` needs `batch_confounding` above 0 and two values of `gc`")
    if truth == "none" and batch_confounding > 0:
        problems.append("`truth: none` excludes `batch_confounding`; use `truth: batch`")
    if problems:
        raise InputError(f"simulate: {'; '.join(problems)}.")


def _arrangements(rng: np.random.Generator, positive: np.ndarray, decoys: float) -> np.ndarray:
    is_decoy = rng.random(len(positive)) < decoys
    return np.select([positive, is_decoy], ["grammar", "decoy"], "single").astype(object)


def _grammar(rng, arrangement, shape, spacing, reverse_share) -> pd.DataFrame:
    """Sites in order and at the right distance, in a wrong arrangement, or of one motif alone."""
    rows = {kind: np.nonzero(arrangement == kind)[0] for kind in ("grammar", "decoy")}
    pair = (*shape, spacing, reverse_share)
    alone = (arrangement == "single").astype(int)
    return pd.concat(
        [
            planted_motifs.arranged(rng, rows["grammar"], *pair),
            planted_motifs.misarranged(rng, rows["decoy"], *pair),
            planted_motifs.scattered(rng, alone, *shape, reverse_share),
        ],
        ignore_index=True,
    )


def _background(rng, length, group, gc, divergence) -> np.ndarray:
    """Codes (N, L): copies of one random ancestor a group, a share `divergence` drawn anew.

    Ancestors are uniform numbers that each copy turns into bases at the GC content of its own
    batch, so relatives in different batches differ in composition as well.
    """
    ancestors = rng.random((2, group.max() + 1, length))[:, group]
    is_new = rng.random((len(group), length)) < divergence
    strong, second = np.where(is_new, rng.random(ancestors.shape), ancestors)
    first_base = np.where(strong < gc[:, None], 1, 0)
    return planted_motifs.CODES[np.where(second < 0.5, first_base, 3 - first_base)]
