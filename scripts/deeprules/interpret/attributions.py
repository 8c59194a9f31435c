"""How much each base moves a network's score: integrated gradients, and saturation mutagenesis."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.encoding import BASE_SHARES, PADDING
from deeprules.fit.models import FittedNetwork
from deeprules.interpret.log_odds import scores_of
from deeprules.interpret.one_hot import BASES, one_hot
from deeprules.interpret.split_network import SplitNetwork

PLACES = 8
"""Places on the way from a reference to a sequence that are tried first."""
REFINEMENTS = 5
"""How often these become three times as many, where attributions do not add up: 1,944 at most."""
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
    refinements: int = REFINEMENTS,
) -> Attributions:
    """Integrated gradients (Sundararajan et al. 2017, ICML) over several references a sequence.

    The integral is taken by the midpoint rule. Where attributions do not add up to the gap in
    score, each interval is cut in three, and what was known of its middle is kept.

    Parameters
    ----------
    codes : (N, L)
    references : (N, R, L), see `shuffled_references`
    examples : rows of the table of examples, for a network that reads covariates
    target : class whose log odds are the score
    refinements : how often intervals may be cut
    """
    n, n_references, length = references.shape
    scores = split.scores(codes, examples, target)
    repeated = examples.iloc[np.repeat(np.arange(n), n_references)]
    of_references = split.scores(references.reshape(-1, length), repeated, target)
    gaps = scores - of_references.reshape(n, n_references).mean(axis=1)
    sums, added = np.zeros((n, length, 4), dtype=np.float32), np.zeros(n)
    taken, errors, rows = np.zeros(n), np.full(n, np.inf), np.arange(n)
    for refinement in range(refinements + 1):
        if not len(rows):
            break
        for some, places in _batches(rows, n_references, _new_places(refinement)):
            given = codes[some], references[some], examples.iloc[some]
            of_bases, along = _summed(split, *given, target, places)
            sums[some] += of_bases
            added[some] += along
        taken[rows] = n_references * PLACES * 3**refinement
        errors[rows] = added[rows] / taken[rows] - gaps[rows]
        rows = rows[np.abs(errors[rows]) > TOLERANCE * np.abs(gaps[rows])]
    hypothetical = (sums / taken[:, None, None]).astype(np.float32)
    return Attributions(hypothetical, scores, gaps, errors)


def _new_places(refinement: int) -> np.ndarray:
    """Middles of the intervals between 0 and 1, without those that were known before."""
    n = PLACES * 3**refinement
    numbers = np.arange(n)
    return ((numbers[numbers % 3 != 1] if refinement else numbers) + np.float32(0.5)) / n


def _batches(rows: np.ndarray, n_references: int, places: np.ndarray):
    """Some rows and places at a time, for `GRADIENT_BATCH` gradients or fewer."""
    parts = -(-n_references * len(places) // GRADIENT_BATCH)
    for some_places in np.array_split(places, parts):
        step = max(1, GRADIENT_BATCH // (n_references * len(some_places)))
        for start in range(0, len(rows), step):
            yield rows[start : start + step], some_places


def _summed(split, codes, references, examples, target, places):
    """Sums over references and places: of hypothetical scores (N, L, 4), and along the way (N,)."""
    n, n_references, length = references.shape
    ends, begins = BASE_SHARES[codes][:, None], BASE_SHARES[references]
    way = (ends - begins)[:, :, None]
    points = begins[:, :, None] + places.astype(np.float32)[:, None, None] * way
    each = examples.iloc[np.repeat(np.arange(n), n_references * len(places))]
    gradients = split.gradients(points.reshape(-1, length, 4), each, target)
    sums = gradients.reshape(n, n_references, len(places), length, 4).sum(axis=2)
    sums -= sums.mean(axis=3, keepdims=True)
    from_base = (sums - (sums * begins).sum(axis=3, keepdims=True)).sum(axis=1)
    known = (codes != PADDING)[:, :, None]
    return from_base * known, (sums * way[:, :, 0]).sum(axis=(1, 2, 3))


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
