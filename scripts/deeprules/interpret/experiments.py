"""What a network's score does when a motif is put into a sequence, or taken out of one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from deeprules.encoding import reverse_complement
from deeprules.interpret.explained import Explained
from deeprules.interpret.log_odds import scores_of
from deeprules.interpret.motif import Motif
from deeprules.interpret.one_hot import BASES
from deeprules.interpret.references import shuffled_references

BACKGROUNDS = 100
"""Dinucleotide-shuffled sequences that each motif is put into, and sites it is taken out of."""
REPLACEMENTS = 4
"""Shuffles that the bases which replace a motif are taken from."""
EFFECT_COLUMNS = ["motif", "experiment", "network", "effect", "lower", "upper", "n"]


class Asked:
    """Networks asked for the score of one class: mean over the fits."""

    def __init__(self, networks: Sequence, target: int):
        self.networks, self.target = networks, target

    def __call__(self, codes: np.ndarray, examples: pd.DataFrame) -> np.ndarray:
        """Scores (N,) of codes (N, L) and their rows of the table of examples."""
        found = [scores_of(one, codes, examples, self.target) for one in self.networks]
        return np.mean(found, axis=0)


def consensus_codes(motif: Motif) -> np.ndarray:
    """Codes (W,) of the most frequent bases."""
    return BASES[motif.matrix.argmax(axis=1)]


def backgrounds(others: Explained, n: int, rng: np.random.Generator) -> Explained:
    """`n` dinucleotide shuffles of sequences, each drawn anew."""
    rows = np.resize(np.arange(len(others)), n)
    shuffles = shuffled_references(others.codes[rows], 1, rng)[:, 0]
    return Explained(shuffles, others.examples.iloc[rows], others.targets[rows])


def insertion(motif: Motif, ask: Asked, given: Explained, rng: np.random.Generator) -> np.ndarray:
    """Change of the score (N,) when a motif is put into backgrounds, where its sites lie."""
    sites = [motif.sites[place] for place in rng.integers(len(motif.sites), size=len(given))]
    word = consensus_codes(motif)
    changed = given.codes.copy()
    for row, site in enumerate(sites):
        put(changed[row], word, site["start"], site["reverse"])
    return ask(changed, given.examples) - ask(given.codes, given.examples)


def put(codes: np.ndarray, word: np.ndarray, start: int, reverse: bool) -> None:
    """Write a word (W,) into one sequence (L,), in place."""
    codes[start : start + len(word)] = reverse_complement(word) if reverse else word


def removal(motif: Motif, ask: Asked, explained: Explained, rng: np.random.Generator) -> np.ndarray:
    """Change of the score (N,) when a motif's sites become bases of the shuffled sequence.

    Up to `BACKGROUNDS` sequences that hold it, each without all of its sites.
    """
    rows = np.unique([site["row"] for site in motif.sites])
    rows = np.sort(rng.permutation(rows)[:BACKGROUNDS])
    codes, examples = explained.codes[rows], explained.examples.iloc[rows]
    shuffles = shuffled_references(codes, REPLACEMENTS, rng)
    changed = np.repeat(codes[:, None], REPLACEMENTS, axis=1)
    place_of = {int(row): place for place, row in enumerate(rows)}
    for site in motif.sites:
        if site["row"] in place_of:
            one = place_of[site["row"]]
            span = slice(site["start"], site["start"] + motif.width)
            changed[one, :, span] = shuffles[one, :, span]
    repeated = examples.iloc[np.repeat(np.arange(len(rows)), REPLACEMENTS)]
    without = ask(changed.reshape(-1, codes.shape[1]), repeated).reshape(len(rows), REPLACEMENTS)
    return without.mean(axis=1) - ask(codes, examples)


def effect_row(motif: Motif, experiment: str, network: str, changes: np.ndarray) -> list:
    """A row of `EFFECT_COLUMNS`: mean change with its 95% interval over sequences."""
    mean, half = float(changes.mean()), 0.0
    if len(changes) > 1:
        half = 1.96 * float(changes.std(ddof=1)) / np.sqrt(len(changes))
    return [motif.name, experiment, network, mean, mean - half, mean + half, len(changes)]
