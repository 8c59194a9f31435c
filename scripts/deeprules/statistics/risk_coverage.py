"""How the error falls when only the most confident predictions are kept.

A confidence is as good as its order: a good one puts right predictions before wrong ones. The area
under the risk-coverage curve (AURC) is the mean error over all shares kept (El-Yaniv and Wiener
2010, JMLR 11:1605; Geifman, Uziel and El-Yaniv 2019, ICLR). Examples of equal confidence are kept
in a random order: each stands for the mean error of its equals.
"""

import numpy as np
import pandas as pd

from deeprules.statistics.bootstrap import Resampling, replicate_weights
from deeprules.statistics.intervals import percentile_interval

POINTS = 200
"""Points of a curve in the table, at most."""
KEPT = 0.8
"""Share of the most confident predictions whose error is told beside that of all."""


class RiskCoverage:
    """Errors in the order of a confidence.

    Parameters
    ----------
    confidence : (N,), higher for predictions to keep
    is_wrong : bool (N,)
    """

    def __init__(self, confidence: np.ndarray, is_wrong: np.ndarray):
        _, self.rank = np.unique(-np.asarray(confidence, dtype=float), return_inverse=True)
        self.order = np.argsort(self.rank, kind="stable")
        self.first = np.flatnonzero(np.diff(self.rank[self.order], prepend=-1))
        self.is_wrong = np.asarray(is_wrong, dtype=float)[self.order]

    def risks(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Running weight and error (B, N) of the kept examples, for weights (B, N) of all."""
        weights = weights[:, self.order]
        size = np.diff(np.append(self.first, weights.shape[1]))
        total = np.add.reduceat(weights, self.first, axis=1)
        wrong = np.add.reduceat(weights * self.is_wrong, self.first, axis=1)
        mean = np.divide(wrong, total, out=np.zeros_like(wrong), where=total > 0)
        kept = np.cumsum(weights, axis=1)
        errors = np.cumsum(weights * np.repeat(mean, size, axis=1), axis=1)
        return kept, np.divide(errors, kept, out=np.zeros_like(errors), where=kept > 0)

    def area(self, weights: np.ndarray) -> np.ndarray:
        """AURC (B,) of weighted examples (B, N)."""
        _, risks = self.risks(weights)
        weights = weights[:, self.order]
        return (weights * risks).sum(axis=1) / weights.sum(axis=1)

    def curve(self) -> pd.DataFrame:
        """Error of the most confident predictions: coverage (share kept) and error."""
        kept, risks = self.risks(np.ones((1, len(self.order))))
        rows = np.unique(np.linspace(0, len(self.order) - 1, POINTS).round().astype(int))
        return pd.DataFrame({"coverage": kept[0, rows] / kept[0, -1], "error": risks[0, rows]})

    def error_at(self, share: float) -> float:
        """Error of the given share of the predictions, the most confident ones."""
        _, risks = self.risks(np.ones((1, len(self.order))))
        return float(risks[0, max(0, int(np.ceil(share * len(self.order))) - 1)])


def best_area(is_wrong: np.ndarray) -> float:
    """The smallest possible AURC: that of a confidence that puts every error last."""
    return float(RiskCoverage(~np.asarray(is_wrong, dtype=bool), is_wrong).area(_ones(is_wrong))[0])


def risk_summary(
    confidence: np.ndarray,
    is_wrong: np.ndarray,
    resampling: Resampling,
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """The numbers of one risk-coverage curve.

    Returns
    -------
    Rows metric, value, lower, upper: `error` of all, `error_at_80` of the 80% most confident,
    `aurc`, `gain` (error of all less AURC: what a random order would have and this one has not)
    and `best_aurc`; intervals of `aurc` and `gain` alone.
    """
    curve = RiskCoverage(confidence, is_wrong)
    wrong = np.asarray(is_wrong, dtype=float)
    chunks = replicate_weights(resampling, replicates, np.random.default_rng(seed))
    drawn = [(curve.area(weights), weights @ wrong / weights.sum(axis=1)) for _, weights in chunks]
    areas, errors = (np.concatenate(part) for part in zip(*drawn, strict=True))
    area, error = float(curve.area(_ones(wrong))[0]), float(wrong.mean())
    of_area = percentile_interval(area, areas, area)
    of_gain = percentile_interval(error - area, errors - areas, error - area)
    rows = [
        ["error", error, np.nan, np.nan],
        ["error_at_80", curve.error_at(KEPT), np.nan, np.nan],
        ["aurc", area, of_area.lower, of_area.upper],
        ["gain", error - area, of_gain.lower, of_gain.upper],
        ["best_aurc", best_area(is_wrong), np.nan, np.nan],
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "lower", "upper"])


def _ones(values: np.ndarray) -> np.ndarray:
    """Every example once: (1, N)."""
    return np.ones((1, len(values)))
