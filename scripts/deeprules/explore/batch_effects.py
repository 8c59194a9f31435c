"""Batch effects: what goes with the principal components, and whether batch can be predicted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy import sparse
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

FOLDS = 5

SHRINKAGE = 0.1
"""Weight of equal variances without correlation in the covariance within a category."""


@dataclass(frozen=True)
class Prediction:
    """How well a category is predicted by cross-validation.

    Attributes
    ----------
    balanced_accuracy, chance : mean recall over the levels, and its value without skill
    p_value : by permutation
    n_folds : folds of the cross-validation
    """

    balanced_accuracy: float
    chance: float
    p_value: float
    n_folds: int


def variance_shares(scores: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share of the variance of each column of scores (N, K) that a covariate (N,) explains: (K,).

    Eta squared (between-level sum of squares over total) for integers, which are codes of levels
    from 0 without gaps; r squared for floats.
    """
    centred = scores - scores.mean(axis=0)
    total = np.square(centred).sum(axis=0)
    if values.dtype.kind == "f":
        deviations = values - values.mean()
        return np.square(deviations @ centred) / (deviations @ deviations) / total
    ones = np.ones(len(values))
    levels = sparse.coo_matrix((ones, (values, np.arange(len(values))))).tocsr()
    sums = levels @ centred
    return (np.square(sums) / np.bincount(values)[:, None]).sum(axis=0) / total


def shuffled(values: np.ndarray, groups: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Permute a covariate (N,) between examples, or between groups where it is theirs.

    A covariate that is the same for all examples of a group has as many independent values as
    there are groups: permuting examples would make chance look too narrow.
    """
    if groups is None:
        return rng.permutation(values)
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    of_group = values[first]
    if (of_group[group] != values).any():
        return rng.permutation(values)
    return rng.permutation(of_group)[group]


def permutation_p_value(observed: np.ndarray, permuted: np.ndarray) -> np.ndarray:
    """One-sided p-values of statistics (...) given their values under B permutations (B, ...).

    (1 + number of permutations at least as extreme) / (1 + B), which is never 0 (Phipson & Smyth
    2010, doi:10.2202/1544-6115.1585).
    """
    extreme = (permuted >= observed - 1e-12).sum(axis=0)
    return (1 + extreme) / (1 + len(permuted))


def _numbers(groups: pd.Series) -> np.ndarray:
    """Groups by number, in the order of their names: sorted once, not with each permutation."""
    return pd.factorize(groups, sort=True)[0]


def component_association(
    scores: pd.DataFrame,
    covariates: pd.DataFrame,
    groups: pd.Series | None,
    permutations: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Share of the variance of each component that goes with each covariate, with p-values.

    Parameters
    ----------
    scores : component scores, a column a component
    covariates : their values for the same examples; numbers are tested as numbers, all else as
        categories; an example with a missing value is left out of that test
    groups : group of each example, within which a covariate may be constant (see `shuffled`)
    permutations : permutations behind each p-value

    Returns
    -------
    component, covariate, kind (`categorical` or `numeric`), variance_share, p_value; a covariate
    with a single value has no rows.
    """
    tables = []
    for name in covariates:
        known = covariates[name].notna().to_numpy()
        column = covariates[name][known]
        if column.nunique() < 2:
            continue
        numeric = is_numeric_dtype(column)
        values = column.to_numpy(dtype=np.float64) if numeric else pd.factorize(column)[0]
        matrix = scores[known].to_numpy()
        members = None if groups is None else _numbers(groups[known])
        observed = variance_shares(matrix, values)
        permuted = [
            variance_shares(matrix, shuffled(values, members, rng)) for _ in range(permutations)
        ]
        tables.append(
            pd.DataFrame(
                {
                    "component": scores.columns,
                    "covariate": name,
                    "kind": "numeric" if numeric else "categorical",
                    "variance_share": observed,
                    "p_value": permutation_p_value(observed, np.array(permuted)),
                }
            )
        )
    columns = ["component", "covariate", "kind", "variance_share", "p_value"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def nearest_level(scores: np.ndarray, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Level of each of the others (M, K), by linear discriminants learnt from scores (N, K).

    Levels (N,) are codes from 0. The pooled covariance is shrunk towards a multiple of the
    identity (Friedman 1989, doi:10.1080/01621459.1989.10478752, with one covariance for all): it
    can be inverted however few examples there are, and a fit costs little with many levels.
    """
    present, levels, counts = np.unique(levels, return_inverse=True, return_counts=True)
    members = sparse.coo_matrix((np.ones(len(levels)), (levels, np.arange(len(levels))))).tocsr()
    means = (members @ scores) / counts[:, None]
    within = scores - means[levels]
    covariance = within.T @ within / len(levels)
    variance = np.trace(covariance) / len(covariance) or 1.0
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * variance * np.eye(len(covariance))
    weights = np.linalg.solve(shrunk, means.T)
    offsets = np.log(counts / len(levels)) - (means.T * weights).sum(axis=0) / 2
    return present[np.argmax(others @ weights + offsets, axis=1)]


def balanced_accuracy(levels: np.ndarray, predicted: np.ndarray) -> float:
    """Mean recall over levels (N,), codes from 0 without gaps.

    That of scikit-learn takes longer to check its input than to count, hundreds of times.
    """
    sizes = np.bincount(levels)
    return np.mean(np.bincount(levels[predicted == levels], minlength=len(sizes)) / sizes)


def predict_category(
    scores: np.ndarray,
    categories: pd.Series,
    groups: pd.Series | None,
    permutations: int,
    seed: int,
) -> Prediction | None:
    """Predict a category from scores (N, K) by linear discriminants, in cross-validation.

    Folds are stratified; groups are not split between them. Levels with fewer than two examples
    (or groups) are left out; None if fewer than two levels remain. The p-value compares the
    balanced accuracy with that of the whole procedure on permuted categories (Ojala & Garriga
    2010, Journal of Machine Learning Research 11:1833).
    """
    members = pd.Series(range(len(categories)), categories.index) if groups is None else groups
    sizes = members.groupby(categories.to_numpy()).nunique()
    used = categories.isin(sizes.index[sizes >= 2]).to_numpy()
    if categories[used].nunique() < 2:
        return None
    scores = StandardScaler().fit_transform(scores[used])
    levels = pd.factorize(categories[used])[0]
    members = None if groups is None else _numbers(groups[used])
    n_folds = int(min(FOLDS, sizes[sizes >= 2].min()))
    splitter = StratifiedKFold if groups is None else StratifiedGroupKFold
    folds = list(splitter(n_folds, shuffle=True, random_state=seed).split(scores, levels, members))

    def accuracy(target: np.ndarray) -> float:
        predicted = np.empty_like(target)
        for train, test in folds:
            predicted[test] = nearest_level(scores[train], target[train], scores[test])
        return balanced_accuracy(target, predicted)

    observed = accuracy(levels)
    rng = np.random.default_rng(seed)
    permuted = [accuracy(shuffled(levels, members, rng)) for _ in range(permutations)]
    return Prediction(
        balanced_accuracy=float(observed),
        chance=1 / len(np.unique(levels)),
        p_value=float(permutation_p_value(observed, np.array(permuted))),
        n_folds=n_folds,
    )
