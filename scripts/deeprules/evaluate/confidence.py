"""How far a single prediction can be trusted: calibrated probabilities and neighbours in train.

Everything is fitted on train and tune; the test set only judges it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from sklearn.neighbors import NearestNeighbors

from deeprules.evaluate.curves import calibration
from deeprules.statistics.metrics import scores

SMALLEST = 1e-7
"""Probabilities below this count as this: no prediction is infinitely sure."""
SCALES, SHIFTS = (0.05, 20.0), (-10.0, 10.0)
"""Bounds of the calibration; without them a tune partition without an error has no best fit."""
NEIGHBOURS = 25
USUAL = 0.99
"""Share of tune whose neighbours count as near."""


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling with a shift for each class.

    Networks and most baselines weigh the classes equally, so that their probabilities refer to
    classes of equal size: the shifts take them to the shares in the data, which a temperature alone
    can't. For two classes this is Platt scaling. Source: bias-corrected temperature scaling,
    Alexandari, Kundaje and Shrikumar 2020, ICML; Guo et al. 2017, ICML.

    Attributes
    ----------
    scale : factor of the log probabilities, one over the temperature; below 1 for a model that is
        too sure
    shifts : (C,) added to them
    """

    scale: float
    shifts: np.ndarray

    @classmethod
    def fit(cls, labels: np.ndarray, probabilities: np.ndarray) -> "Calibration":
        """The calibration with the lowest log loss, for labels (N,) and probabilities (N, C)."""
        logs = _logs(probabilities)
        actual = np.eye(logs.shape[1])[labels]

        def loss(values):
            calibrated = special.log_softmax(values[0] * logs + values[1:], axis=1)
            surplus = (np.exp(calibrated) - actual) / len(labels)
            gradient = np.append((surplus * logs).sum(), surplus.sum(axis=0))
            return -(calibrated * actual).sum() / len(labels), gradient

        start = np.append(1.0, np.zeros(logs.shape[1]))
        bounds = [SCALES, *[SHIFTS] * logs.shape[1]]
        best = optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
        return cls(float(best[0]), best[1:] - best[1:].mean())

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (N, C)."""
        return special.softmax(self.scale * _logs(probabilities) + self.shifts, axis=1)


def _logs(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.clip(probabilities, SMALLEST, 1))


def calibration_scores(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """`brier`, `log_loss` and `ece` of probabilities (N, C).

    The expected calibration error is the mean difference of the largest probability and the
    accuracy in ten bins of (nearly) equal size (Guo et al. 2017).
    """
    task = "binary" if probabilities.shape[1] == 2 else "multiclass"
    is_right = probabilities.argmax(axis=1) == labels
    bins = calibration(is_right, probabilities.max(axis=1))
    gaps = (bins["mean_predicted"] - bins["observed"]).abs()
    found = scores(task, labels, probabilities)
    return {
        "brier": found["brier"],
        "log_loss": found["log_loss"],
        "ece": float(np.average(gaps, weights=bins["n"])),
    }


class DeepNeighbours:
    """Agreement of a prediction with its nearest training examples in a network's hidden layer.

    The share of the k nearest training examples whose class is the predicted one (deep k-nearest
    neighbours: Papernot and McDaniel 2018, arXiv:1803.04765). A neighbour that lies farther away
    than the neighbours of nearly all of tune counts as one that does not agree, so that examples
    unlike any in train get a low confidence (distances: Sun et al. 2022, ICML).

    Parameters
    ----------
    hidden : outputs (N, D) of the hidden layer for training examples
    labels : their class indices (N,)
    hidden_tune : outputs (M, D) for tune
    """

    def __init__(self, hidden: np.ndarray, labels: np.ndarray, hidden_tune: np.ndarray):
        self.labels = np.asarray(labels)
        self.search = NearestNeighbors(
            n_neighbors=min(NEIGHBOURS, len(hidden)), algorithm="brute"
        ).fit(hidden)
        farthest = self.search.kneighbors(hidden_tune)[0][:, -1]
        self.radius = float(np.quantile(farthest, USUAL))

    def agreement(self, hidden: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Confidence (N,) in 0..1, for outputs (N, D) and predicted class indices (N,)."""
        distances, rows = self.search.kneighbors(hidden)
        agrees = self.labels[rows] == np.asarray(predicted)[:, None]
        return (agrees & (distances <= self.radius)).mean(axis=1)
