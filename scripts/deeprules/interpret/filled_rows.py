"""Rows of a table without gaps, and how each of their features goes with a score."""

import numpy as np


def medians(rows: np.ndarray) -> np.ndarray:
    """Median of each feature (P,) of rows (N, P), NaN where missing; 0 where all are."""
    return np.nan_to_num(np.nanmedian(rows, axis=0))


def filled(rows: np.ndarray, median: np.ndarray | None = None) -> np.ndarray:
    """Rows (N, P) with missing values filled with medians (P,), by default their own."""
    return np.where(np.isnan(rows), medians(rows) if median is None else median, rows)


def going_with(rows: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much each feature of rows (N, P) goes with a score (N, K), and its length when centred.

    Both (P,). The first is comparable between features: the largest of the K products with the
    centred score, over the length.
    """
    centred = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    products = np.abs(centred.T @ (score - score.mean(axis=0))).max(axis=1)
    return products / np.maximum(lengths, 1e-12), lengths
