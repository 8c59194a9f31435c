"""The score that is explained: log odds, or the value of a regression as it is."""

import numpy as np
import pandas as pd

EPSILON = 1e-6
"""Probabilities are kept this far from 0 and 1: nearer, 32 bits say little of their odds."""


def log_odds(predictions: np.ndarray, task: str, target: int) -> np.ndarray:
    """Score (N,) of what a model predicts: probabilities (N, C), or values (N,) as they are."""
    if task == "regression":
        return predictions
    share = np.clip(predictions[:, target], EPSILON, 1 - EPSILON)
    return np.log(share) - np.log1p(-share)


def scores_of(network, codes: np.ndarray, examples: pd.DataFrame, target: int) -> np.ndarray:
    """Scores (N,) that a fitted network gives codes (N, L) and their rows of examples."""
    return log_odds(network.predict(codes, examples), network.model.name, target)
