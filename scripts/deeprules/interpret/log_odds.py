"""The score that is explained: log odds, or the value of a regression as it is."""

import numpy as np
import pandas as pd

from deeprules.statistics.log_odds import log_odds


def scores_of(network, codes: np.ndarray, examples: pd.DataFrame, target: int) -> np.ndarray:
    """Scores (N,) that a fitted network gives codes (N, L) and their rows of examples."""
    return log_odds(network.predict(codes, examples), network.model.name)[:, target]
