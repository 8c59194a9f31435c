"""How well an attack tells the members of a training set from others, with intervals.

Scores are higher for members. `lira_scores` is the likelihood-ratio attack of Carlini et al. 2022
(IEEE S&P, doi:10.1109/SP46214.2022.9833649, section V) with the variance pooled over examples, as
they advise for few shadow fits. The lower bound of epsilon is that of Nasr et al. 2021
(arXiv:2101.04535), as `CanaryScoreAuditor.epsilon_clopper_pearson` of jax-privacy 2.0.0 computes it
for a threshold; that package brings JAX with it, so its formula stands here. Its AUROC and TPR are
those of the convex hull of the curve, which lies above chance where there is nothing to find, so
that they are plain here.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

FALSE_POSITIVE_RATES = (0.01, 0.001)
MIN_FALSE_POSITIVES = 10
"""Others that an attack must take for members at a rate, below which the rate says nothing."""
LEVEL = 0.05
SHARES = tuple(np.geomspace(0.002, 0.5, 20))
"""Shares of all scores above which an attack sees members, for the bound of epsilon."""
NARROWEST = 1e-3
"""Least spread of shadow scores, as those of a model may all be the same."""


@dataclass(frozen=True)
class Attack:
    """What an attack reaches: {name: (value, lower, upper)}, NaN for what cannot be told.

    Attributes
    ----------
    values : `auroc`, `tpr_at_0.01` and `tpr_at_0.001` with 95% bootstrap intervals, and `epsilon`:
        its lower bound at 95%, 0 where nothing is shown
    members, others : scores of members and of others behind the rates
    """

    values: dict[str, tuple[float, float, float]]
    members: int
    others: int


def confidence_scores(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Logit (N,) of the probability (N, C) of the true class (N,); Carlini et al., section IV-C."""
    true = probabilities[np.arange(len(labels)), labels].clip(1e-6, 1 - 1e-6)
    return np.log(true) - np.log1p(-true)


def several_confidence_scores(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`confidence_scores` (N,) of several labels (N, T), summed over those that are known."""
    true = np.where(labels == 1, probabilities, 1 - probabilities).clip(1e-6, 1 - 1e-6)
    return np.where(np.isfinite(labels), np.log(true) - np.log1p(-true), 0).sum(axis=1)


def value_scores(predictions: np.ndarray, labels: np.ndarray, spread: float) -> np.ndarray:
    """How near (N,) predicted values are to the true ones, in units of their spread."""
    return -np.log(np.abs(predictions - labels) / spread + 1e-3)


def halves(strata: np.ndarray, pairs: int, seed: int) -> np.ndarray:
    """Who is a member of each fit: bool (2 * pairs, N); fits 2k and 2k + 1 share out all N.

    Each half has half of every stratum (N,), one more or less.
    """
    rng = np.random.default_rng(seed)
    members = np.zeros((2 * pairs, len(strata)), dtype=bool)
    for pair in range(pairs):
        order = rng.permutation(len(strata))
        order = order[np.argsort(strata[order], kind="stable")]
        members[2 * pair, order[rng.integers(2) :: 2]] = True
        members[2 * pair + 1] = ~members[2 * pair]
    return members


def lira_scores(scores: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Log likelihood ratio (K, N) of membership, each fit attacked with all pairs but its own.

    Parameters
    ----------
    scores : (K, N) of `confidence_scores` of every fit on all examples, members or not
    members : (K, N) of `halves`: each example is a member of as many shadows as not
    """
    found = np.empty_like(scores, dtype=float)
    for target in range(len(scores)):
        shadows = np.arange(len(scores)) // 2 != target // 2
        others, inside = scores[shadows], members[shadows]
        log_likelihood = []
        for is_in in (inside, ~inside):
            kept = np.where(is_in, others, np.nan)
            mean = np.nanmean(kept, axis=0)
            spread = max(np.sqrt(np.nanvar(kept, axis=0, ddof=1).mean()), NARROWEST)
            log_likelihood.append(-0.5 * ((scores[target] - mean) / spread) ** 2 - np.log(spread))
        found[target] = log_likelihood[0] - log_likelihood[1]
    return found


def attack(
    scores: np.ndarray, members: np.ndarray, units: np.ndarray, replicates: int, seed: int
) -> Attack:
    """Measure an attack.

    Parameters
    ----------
    scores : (K, N) of K fits on N examples; NaN for an example that a fit has no score for
    members : (K, N), whether an example was a member of a fit
    units : (N,) group of each example; whole groups are drawn for the intervals
    replicates : of the bootstrap
    """
    _, unit_of = np.unique(units, return_inverse=True)
    rng = np.random.default_rng(seed)
    ranked = _Ranked(scores, members)
    drawn = np.array(
        [ranked.rates(_weights(rng, unit_of)) for _ in range(replicates)], dtype=float
    ).reshape(replicates, -1)
    names = ["auroc", *(f"tpr_at_{rate:g}" for rate in FALSE_POSITIVE_RATES)]
    lower, upper = np.nanquantile(drawn, [LEVEL / 2, 1 - LEVEL / 2], axis=0)
    values = {
        name: (float(value), float(low), float(high))
        for name, value, low, high in zip(
            names, ranked.rates(np.ones(len(units))), lower, upper, strict=True
        )
    }
    for rate in FALSE_POSITIVE_RATES:
        if ranked.others * rate < MIN_FALSE_POSITIVES:
            values[f"tpr_at_{rate:g}"] = (np.nan,) * 3
    inside, outside = one_score_each(scores, members, units, rng)
    bound = epsilon_lower_bound(inside, outside)
    values["epsilon"] = (bound, bound, np.nan)
    return Attack(values, ranked.members, ranked.others)


def one_score_each(
    scores: np.ndarray, members: np.ndarray, units: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of members and of others: one of each unit under one fit, drawn at random.

    The bound of epsilon counts independent trials.
    """
    rows = rng.permutation(len(units))
    _, first = np.unique(units[rows], return_index=True)
    rows = rows[first]
    fits = rng.integers(len(scores), size=len(rows))
    chosen, inside = scores[fits, rows], members[fits, rows]
    known = ~np.isnan(chosen)
    return chosen[inside & known], chosen[~inside & known]


def epsilon_lower_bound(inside: np.ndarray, outside: np.ndarray, delta: float = 0.0) -> float:
    """Largest epsilon that scores of members and of others rule out at 95%; 0 for none.

    A model that is (epsilon, delta)-differentially private has TPR <= exp(epsilon) FPR + delta for
    every attack. An attack takes the highest scores for members, as many as one of `SHARES` says.
    """
    if not len(inside) or not len(outside):
        return 0.0
    both = np.sort(np.concatenate([inside, outside]))
    places = len(both) - np.ceil(np.array(SHARES) * len(both)).astype(int)
    bounds = [
        epsilon_at((inside >= cut).sum(), len(inside), (outside >= cut).sum(), len(outside), delta)
        for cut in both[places]
    ]
    return max(bounds)


def epsilon_at(true: int, members: int, false: int, others: int, delta: float = 0.0) -> float:
    """Epsilon that true and false positives of one threshold rule out, at 95% for all `SHARES`.

    Both rates are taken at their Clopper-Pearson bounds.
    """
    alpha = LEVEL / 2 / len(SHARES)
    lower = beta.ppf(alpha, true, members - true + 1) if true else 0.0
    upper = beta.ppf(1 - alpha, false + 1, others - false) if false < others else 1.0
    return float(max(np.log(lower - delta) - np.log(upper), 0.0)) if lower > delta else 0.0


class _Ranked:
    """Scores in order, from which the rates under any weights of the examples follow."""

    def __init__(self, scores: np.ndarray, members: np.ndarray):
        known = ~np.isnan(scores)
        examples = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)[known]
        values, is_member = scores[known], members[known]
        order = np.argsort(-values, kind="stable")
        self.examples, self.is_member = examples[order], is_member[order]
        # Equal scores are one threshold: only the last of them is a point of the curve.
        self.last = np.flatnonzero(np.diff(values[order], append=-np.inf))
        self.members, self.others = int(is_member.sum()), int((~is_member).sum())

    def rates(self, weights: np.ndarray) -> list[float]:
        """AUROC, and TPR at each of the rates, with examples weighted (N,)."""
        weight = weights[self.examples]
        true = np.cumsum(weight * self.is_member)[self.last]
        false = np.cumsum(weight * ~self.is_member)[self.last]
        if not true[-1] or not false[-1]:
            return [np.nan] * (1 + len(FALSE_POSITIVE_RATES))
        tpr = np.concatenate([[0.0], true / true[-1]])
        fpr = np.concatenate([[0.0], false / false[-1]])
        auroc = float(((tpr[1:] + tpr[:-1]) / 2 * np.diff(fpr)).sum())
        return [auroc, *np.interp(FALSE_POSITIVE_RATES, fpr, tpr)]


def _weights(rng: np.random.Generator, unit_of: np.ndarray) -> np.ndarray:
    """How often each example is drawn, whole units at a time."""
    n = unit_of.max() + 1
    return np.bincount(rng.integers(n, size=n), minlength=n)[unit_of].astype(float)
