"""Draws that simulated sequences and simulated expression share: classes, batches, groups."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit


def names(stem: str, numbers: np.ndarray, digits: int = 4) -> list[str]:
    """`stem_0001` and so on, for numbers (N) from 0."""
    return [f"{stem}_{number + 1:0{digits}d}" for number in numbers]


def class_names(positive: np.ndarray) -> np.ndarray:
    """`positive` or `negative` for each example (N)."""
    return np.where(positive, "positive", "negative")


def flip(rng: np.random.Generator, positive: np.ndarray, share: float) -> np.ndarray:
    """Labels (N) of which a share, drawn at random, is turned into the other one."""
    return positive ^ (rng.random(len(positive)) < share)


def exact_share(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """N labels in random order, `share` of them positive."""
    return rng.permutation(n) < round(n * share)


def logistic_labels(rng: np.random.Generator, score: np.ndarray, share: float) -> np.ndarray:
    """Labels from a logistic model whose intercept makes `share` of them positive on average."""
    score = score - score.mean()
    intercept = brentq(lambda shift: expit(score + shift).mean() - share, -1e3, 1e3)
    return rng.random(len(score)) < expit(score + intercept)


def confounded_batches(
    rng: np.random.Generator, positive: np.ndarray, batches: int, confounding: float
) -> np.ndarray:
    """A batch each; for a share `confounding` the class decides: the first or the last."""
    batch = rng.integers(batches, size=len(positive))
    tied = rng.random(len(positive)) < confounding
    return np.where(tied, np.where(positive, batches - 1, 0), batch)


def balanced_groups(rng: np.random.Generator, n: int, groups: int | None) -> np.ndarray:
    """Groups of equal size (give or take one), drawn without regard to class or batch."""
    return rng.permutation(n) % min(groups or n, n)
