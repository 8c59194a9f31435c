"""How much each base moves a network's score: integrated gradients, and saturation mutagenesis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.encoding import BASE_SHARES, PADDING
from deeprules.fit.models import FittedNetwork
from deeprules.interpret.log_odds import scores_of
from deeprules.interpret.one_hot import BASES, one_hot
from deeprules.interpret.split_network import SplitNetwork

NODES = (8, 24, 64, 192)
"""Places on the way from a reference to a sequence, tried one after another until it adds up."""
TOLERANCE = 0.01
"""Share of the gap in score that attributions may miss before more places are taken."""
GRADIENT_BATCH = 512
MUTANTS = 20_000
"""Mutants that are predicted at a time."""


@dataclass(frozen=True)
class Attributions:
    """What integrated gradients give for N sequences.

    Attributes
    ----------
    hypothetical : `float32` (N, L, 4): the score of each base at each place, its mean over the four
        subtracted (Majdandzic et al. 2023, Genome Biology 24:109)
    scores : (N,) of the sequences
    gaps : (N,) the score of a sequence minus the mean score of its references
    errors : (N,) what the attributions add up to, minus the gap
    """

    hypothetical: np.ndarray
    scores: np.ndarray
    gaps: np.ndarray
    errors: np.ndarray

    def of_bases(self, codes: np.ndarray) -> np.ndarray:
        """Score of each base that is there: (N, L); an ambiguous one has none."""
        return (self.hypothetical * one_hot(codes)).sum(axis=2)


def integrated_gradients(
    split: SplitNetwork,
    codes: np.ndarray,
    references: np.ndarray,
    examples: pd.DataFrame,
    target: int,
    tried: Sequence[int] = NODES,
) -> Attributions:
    """Integrated gradients (Sundararajan et al. 2017, ICML) over several references a sequence.

    The integral is taken by Gauss and Legendre; where it does not add up to the gap in score, again
    with more places.

    Parameters
    ----------
    codes : (N, L)
    references : (N, R, L), see `shuffled_references`
    examples : rows of the table of examples, for a network that reads covariates
    target : class whose log odds are the score
    tried : numbers of places, one after another
    """
    n, n_references, length = references.shape
    scores = split.scores(codes, examples, target)
    repeated = examples.iloc[np.repeat(np.arange(n), n_references)]
    of_references = split.scores(references.reshape(-1, length), repeated, target)
    gaps = scores - of_references.reshape(n, n_references).mean(axis=1)
    hypothetical = np.zeros((n, length, 4), dtype=np.float32)
    errors, rows = np.full(n, np.inf), np.arange(n)
    for nodes in tried:
        given = codes[rows], references[rows], examples.iloc[rows]
        hypothetical[rows], added = _integrated(split, *given, target, nodes)
        errors[rows] = added - gaps[rows]
        rows = np.flatnonzero(np.abs(errors) > TOLERANCE * np.abs(gaps))
        if not len(rows):
            break
    return Attributions(hypothetical, scores, gaps, errors)


def _integrated(split, codes, references, examples, target, nodes):
    """Hypothetical scores (N, L, 4), and what those of the bases that are there add up to (N,)."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    places, weights = (places.astype(np.float32) + 1) / 2, weights.astype(np.float32) / 2
    n, n_references, length = references.shape
    hypothetical = np.zeros((n, length, 4), dtype=np.float32)
    added, each = np.zeros(n), n_references * nodes
    step = max(1, GRADIENT_BATCH // each)
    for start in range(0, n, step):
        rows = np.arange(start, min(start + step, n))
        ends = BASE_SHARES[codes[rows]][:, None]
        begins = BASE_SHARES[references[rows]]
        way = (ends - begins)[:, :, None]
        points = begins[:, :, None] + places[:, None, None] * way
        gradients = split.gradients(
            points.reshape(-1, length, 4), examples.iloc[np.repeat(rows, each)], target
        ).reshape(len(rows), n_references, nodes, length, 4)
        mean = np.einsum("p,nrplb->nrlb", weights, gradients)
        mean -= mean.mean(axis=3, keepdims=True)
        known = (codes[rows] != PADDING)[:, :, None]
        from_base = mean - (mean * begins).sum(axis=3, keepdims=True)
        hypothetical[rows] = from_base.mean(axis=1) * known
        added[rows] = (mean * way[:, :, 0]).sum(axis=(2, 3)).mean(axis=1)
    return hypothetical, added


def saturation_mutagenesis(
    network: FittedNetwork, codes: np.ndarray, examples: pd.DataFrame, target: int
) -> np.ndarray:
    """Change of the score when one base becomes another: `float32` (N, L, 4) for codes (N, L).

    It is 0 for the base that is there and where a base is not known. Mutants of several sequences
    are predicted together, as that is cheapest.
    """
    codes = np.asarray(codes)
    n, length = codes.shape
    changes = np.zeros((n, length, 4), dtype=np.float32)
    before = scores_of(network, codes, examples, target)
    step = max(1, MUTANTS // (3 * length))
    for start in range(0, n, step):
        some = codes[start : start + step]
        is_mutant = (one_hot(some) == 0) & (one_hot(some).sum(axis=2, keepdims=True) > 0)
        rows, places, bases = np.nonzero(is_mutant)
        mutants = some[rows]
        mutants[np.arange(len(rows)), places] = BASES[bases]
        rows = rows + start
        scores = scores_of(network, mutants, examples.iloc[rows], target)
        changes[rows, places, bases] = scores - before[rows]
    return changes
