"""Attributions of all fits of a network, and of the same network fitted to shuffled labels."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from deeprules.fit.models import FittedNetwork
from deeprules.interpret.attributions import (
    REFINEMENTS,
    TOLERANCE,
    integrated_gradients,
    saturation_mutagenesis,
)
from deeprules.interpret.both_sides import both_sides
from deeprules.interpret.explained import INTERPRET, Explained
from deeprules.interpret.log_odds import scores_of
from deeprules.interpret.one_hot import one_hot
from deeprules.interpret.references import shuffled_references
from deeprules.interpret.split_network import SplitNetwork
from deeprules.seeds import derived_seed

REFERENCES = 4
"""Dinucleotide shuffles of each sequence."""
MUTATED = 50
"""Sequences that are mutated at every base, to see whether both ways say the same."""


def explain(networks: Sequence, explained: Explained, seed: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Attributions of each network, the null one last, for the same sequences and references.

    By integrated gradients, or by saturation mutagenesis for a network that makes no one-hot bases
    of which there could be gradients.

    Returns
    -------
    Hypothetical scores (networks, N, L, 4), `float32`, and a table of all networks and sequences:
    network (its number from 0), id, partition, target, score, gap, error (both missing without
    gradients), mutagenesis (rank correlation of both ways over the bases of a sequence; missing
    where only one was made).
    """
    rng = np.random.default_rng(derived_seed(seed, INTERPRET, 1))
    references = shuffled_references(explained.codes, REFERENCES, rng)
    hypothetical = np.zeros((len(networks), *explained.codes.shape, 4), dtype=np.float32)
    tables = []
    for number, (network, split) in enumerate(_in_turn(networks)):
        for target, rows in explained.by_target():
            given = explained.codes[rows], references[rows], explained.examples.iloc[rows]
            # Shuffled labels leave gaps in score that are hardly more than what is rounded.
            is_null = number == len(networks) - 1
            refinements, mutated = 0 if is_null else REFINEMENTS, MUTATED if number == 0 else 0
            scores, table = _explained(network, split, *given, target, refinements, mutated)
            hypothetical[number, rows] = scores
            tables.append(table.assign(network=number, target=target))
    return hypothetical, pd.concat(tables, ignore_index=True)


def _in_turn(networks: Sequence) -> Iterator[tuple[FittedNetwork, SplitNetwork | None]]:
    """Each network, and its part from one-hot bases on.

    They are fits of one architecture: the first is given the weights of each, as to trace what it
    computes takes longer than most of that.
    """
    first = both_sides(networks[0])
    split, own = SplitNetwork.of(first), first.model.get_weights()
    yield first, split
    for network in networks[1:]:
        first.model.set_weights(both_sides(network).model.get_weights())
        yield first, split
    first.model.set_weights(own)


def _explained(network, split, codes, references, examples, target, refinements, mutated):
    """Hypothetical scores of some sequences, and their rows of the table."""
    table = examples[["id", "partition"]].copy()
    if split is None:
        changes = saturation_mutagenesis(network, codes, examples, target)
        table["score"] = scores_of(network, codes, examples, target)
        missing = dict.fromkeys(("gap", "error", "mutagenesis"), np.nan)
        return changes - changes.mean(axis=2, keepdims=True), table.assign(**missing)
    found = integrated_gradients(split, codes, references, examples, target, refinements)
    table["score"], table["gap"], table["error"] = found.scores, found.gaps, found.errors
    alike = np.full(len(codes), np.nan)
    if mutated:
        some = slice(0, mutated)
        changes = saturation_mutagenesis(network, codes[some], examples[some], target)
        alike[some] = _correlations(found.of_bases(codes)[some], changes, codes[some])
    return found.hypothetical, table.assign(mutagenesis=alike)


def _correlations(scores, changes, codes) -> np.ndarray:
    """Rank correlation of attributions and mean losses by mutation, over a sequence's bases."""
    losses = -changes.sum(axis=2) / 3
    known = one_hot(codes).any(axis=2)
    pairs = zip(scores, losses, known, strict=True)
    return np.array([pd.Series(a[k]).corr(pd.Series(b[k]), "spearman") for a, b, k in pairs])


def completeness(table: pd.DataFrame) -> float:
    """Share of sequences, over all fits, whose attributions add up to 1% of the gap in score.

    NaN for a network without gradients.
    """
    table = table[table["network"] < table["network"].max()].dropna(subset="error")
    return float((table["error"].abs() <= TOLERANCE * table["gap"].abs()).mean())
