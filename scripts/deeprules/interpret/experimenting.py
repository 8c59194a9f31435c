"""All experiments with the motifs of a network, and what follows from them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deeprules.interpret.experiments import (
    BACKGROUNDS,
    EFFECT_COLUMNS,
    Asked,
    backgrounds,
    effect_row,
    insertion,
    removal,
)
from deeprules.interpret.explained import INTERPRET, NULL, Explained
from deeprules.interpret.findings import by_strength, judge_motifs
from deeprules.interpret.motif import Motif
from deeprules.interpret.spacing import PAIR_COLUMNS, best_arrangements, pair_scores
from deeprules.seeds import derived_seed

PAIR_BACKGROUNDS = 50
"""Backgrounds of pairs, which are tried at many distances."""
ALL_FITS = "all fits"


def motif_target(motif: Motif, explained: Explained) -> int:
    """The class of most sequences that hold a motif."""
    targets = explained.targets[[site["row"] for site in motif.sites]]
    return int(np.bincount(targets).argmax())


def try_motifs(
    motifs: list[Motif],
    null_motifs: list[Motif],
    networks: Sequence,
    null: object,
    explained: Explained,
    others: Explained,
    seed: int,
) -> pd.DataFrame:
    """Put every motif into backgrounds and take it out where it stands, and judge each.

    Parameters
    ----------
    networks : the fits of the network; `null` is the one fitted to shuffled labels
    explained : the sequences that the motifs' sites are of
    others : sequences that backgrounds are made of

    Returns
    -------
    `EFFECT_COLUMNS`; network is `all fits`, `seed <k>` or `shuffled labels`. What follows stands in
    the motifs' facts.
    """
    given = backgrounds(others, BACKGROUNDS, _random(seed, 2))
    rows = []
    for motif in motifs:
        target = motif_target(motif, explained)
        asked: Mapping = {ALL_FITS: Asked(networks, target), NULL: Asked([null], target)}
        asked |= {f"seed {k}": Asked([one], target) for k, one in enumerate(networks, 1)}
        for name, ask in asked.items():
            changes = insertion(motif, ask, given, _random(seed, 3))
            rows.append(effect_row(motif, "inserted", name, changes))
        changes = removal(motif, asked[ALL_FITS], explained, _random(seed, 4))
        rows.append(effect_row(motif, "removed", ALL_FITS, changes))
    for motif in null_motifs:
        ask = Asked([null], motif_target(motif, explained))
        changes = insertion(motif, ask, given, _random(seed, 3))
        rows.append(effect_row(motif, "inserted", NULL, changes))
    effects = pd.DataFrame(rows, columns=EFFECT_COLUMNS)
    of_null = effects.loc[effects["network"] == NULL, "effect"].abs()
    judge_motifs(motifs, null_motifs, effects, float(of_null.max()) if len(of_null) else 0.0)
    return effects


def try_pairs(
    motifs: list[Motif], networks: Sequence, explained: Explained, others: Explained, seed: int
) -> tuple[pd.DataFrame, list[dict]]:
    """Scores of pairs of the strongest findings, and the best arrangement of each pair."""
    strongest = by_strength(motifs)
    if len(strongest) < 2:
        return pd.DataFrame(columns=PAIR_COLUMNS), []
    given = backgrounds(others, PAIR_BACKGROUNDS, _random(seed, 5))
    target = motif_target(strongest[0], explained)
    alike = [one for one in strongest if motif_target(one, explained) == target]
    pairs = pair_scores(alike, Asked(networks, target), given)
    return pairs, best_arrangements(pairs)


def _random(seed: int, use: int) -> np.random.Generator:
    """The same draws for every motif and network, so that they can be compared."""
    return np.random.default_rng(derived_seed(seed, INTERPRET, use))
