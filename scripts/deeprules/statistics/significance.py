"""Tests of whether two models differ on the same test examples, and their correction for many."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

TEST_COLUMNS = ["network", "versus", "test", "difference", "p_value", "adjusted"]


@dataclass(frozen=True)
class Difference:
    """A difference between two models with its standard error and two-sided p value."""

    value: float
    standard_error: float
    p_value: float


def paired_tests(
    labels: np.ndarray, fits: dict[str, list[np.ndarray]], kinds: dict[str, str]
) -> pd.DataFrame:
    """Every network against every other kind of model, by the first fit of each; binary tasks.

    Parameters
    ----------
    labels : (N,) 0 or 1
    fits : {model: predictions (N, 2) of each fit}
    kinds : {model: `network`, `baseline` or `nuisance`}

    Returns
    -------
    One row a pair and test: network, versus, test (`delong` for AUROC, `mcnemar` for right and
    wrong decisions), difference (of AUROC, or of accuracy), p_value, adjusted (Holm's, over the
    pairs of a test).
    """
    is_positive = labels == 1
    rows = []
    for network in (name for name, kind in kinds.items() if kind == "network"):
        for versus in (name for name, kind in kinds.items() if kind != "network"):
            scores = [fits[name][0][:, 1] for name in (network, versus)]
            right = [(score > 0.5) == is_positive for score in scores]
            area = delong_test(is_positive, *scores)
            rows.append([network, versus, "delong", area.value, area.p_value])
            accuracy = float(right[0].mean() - right[1].mean())
            rows.append([network, versus, "mcnemar", accuracy, mcnemar_test(*right)])
    table = pd.DataFrame(rows, columns=TEST_COLUMNS[:-1])
    table["adjusted"] = table.groupby("test")["p_value"].transform(holm_adjusted)
    return table


def delong_test(is_positive: np.ndarray, first: np.ndarray, second: np.ndarray) -> Difference:
    """Difference of two correlated AUROCs, that of `first` less that of `second`.

    Parameters
    ----------
    is_positive : (N,) bool
    first, second : (N,) scores of the same examples, higher for positive ones

    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837, by the ranks of Sun and Xu
    2014, IEEE Signal Processing Letters 21:1389.
    """
    is_positive = np.asarray(is_positive, dtype=bool)
    n_positive, n_negative = is_positive.sum(), (~is_positive).sum()
    if min(n_positive, n_negative) < 2:
        return Difference(np.nan, np.nan, np.nan)
    of_positives, of_negatives = [], []
    for scores in (first, second):
        ranks = stats.rankdata(scores)
        positives, negatives = scores[is_positive], scores[~is_positive]
        of_positives.append((ranks[is_positive] - stats.rankdata(positives)) / n_negative)
        of_negatives.append(1 - (ranks[~is_positive] - stats.rankdata(negatives)) / n_positive)
    value = np.mean(of_positives[0]) - np.mean(of_positives[1])
    contrast = np.array([1, -1])
    covariance = np.cov(of_positives) / n_positive + np.cov(of_negatives) / n_negative
    error = float(np.sqrt(max(contrast @ covariance @ contrast, 0)))
    if error == 0:
        return Difference(float(value), 0.0, 1.0 if value == 0 else 0.0)
    return Difference(float(value), error, float(2 * stats.norm.sf(abs(value) / error)))


def mcnemar_test(first_is_right: np.ndarray, second_is_right: np.ndarray) -> float:
    """Exact two-sided p value that two models are right equally often, from where they disagree.

    Source: McNemar 1947, Psychometrika 12:153, with the exact binomial distribution.
    """
    only_first = int((first_is_right & ~second_is_right).sum())
    only_second = int((second_is_right & ~first_is_right).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(stats.binomtest(only_first, only_first + only_second).pvalue)


def holm_adjusted(p_values: np.ndarray) -> np.ndarray:
    """P values adjusted for as many tests as there are; NaN stays and does not count.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p_values), np.nan)
    defined = np.flatnonzero(~np.isnan(p_values))
    order = defined[np.argsort(p_values[defined])]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted
