"""Whether two tables of predictions are the same."""

from pathlib import Path

import numpy as np
import pandas as pd


def read_predictions(path: str | Path) -> pd.DataFrame:
    """A table of predictions without the sentences at its head."""
    return pd.read_csv(path, sep="\t", comment="#", dtype={"id": str})


def largest_difference(found: pd.DataFrame, expected: pd.DataFrame) -> float:
    """Largest difference of two tables of predictions, relative to values above 1.

    Infinite where names, rows or missing values differ.
    """
    if list(found) != list(expected) or len(found) != len(expected):
        return np.inf
    gap = 0.0
    for name in expected:
        if not found[name].isna().equals(expected[name].isna()):
            return np.inf
        if pd.api.types.is_float_dtype(expected[name]):
            scale = expected[name].abs().clip(lower=1)
            differs = ((found[name] - expected[name]).abs() / scale).max()
            gap = max(gap, 0.0 if np.isnan(differs) else float(differs))
        elif not found[name].equals(expected[name]):
            return np.inf
    return gap
