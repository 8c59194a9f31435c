"""Predictions of a fit as tables, written and read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.data import Dataset, Partition
from deeprules.files import read_table


def prediction_table(part: Partition, predictions: np.ndarray) -> pd.DataFrame:
    """Columns id, label and `p_<class>` for each class or label, or `prediction` for a value.

    Of several values it is `prediction_<label>`.
    """
    table = part.examples[["id", "label"]].copy()
    names = prediction_columns(part.dataset)
    columns = [predictions] if predictions.ndim == 1 else predictions.T
    return table.assign(**dict(zip(names, columns, strict=True)))


def prediction_columns(dataset: Dataset) -> list[str]:
    """Columns of a table of predictions that hold them."""
    if dataset.labels:
        kinds = zip(dataset.are_classes, dataset.labels, strict=True)
        return [f"p_{name}" if is_class else f"prediction_{name}" for is_class, name in kinds]
    return [f"p_{name}" for name in dataset.classes] or ["prediction"]


def prediction_values(table: pd.DataFrame, dataset: Dataset) -> np.ndarray:
    """Probabilities (N, C) or values (N,) from a table that `prediction_table` made."""
    values = table[prediction_columns(dataset)].to_numpy()
    return values if dataset.outputs else values[:, 0]


def final_predictions(
    paths: Sequence[str | Path], parts: dict[str, Partition]
) -> dict[str, np.ndarray]:
    """What final fits predict for examples of train and tune, in the order of these.

    Parameters
    ----------
    paths : `predictions.parquet` of F fits
    parts : partitions by name, or some of their examples

    Returns
    -------
    For each partition, probabilities (F, N, C) or values (F, N).
    """
    tables = [read_table(path).set_index(["partition", "id"]) for path in paths]
    return {
        name: np.stack(
            [
                prediction_values(one.loc[name].loc[part.examples["id"]], part.dataset)
                for one in tables
            ]
        )
        for name, part in parts.items()
    }
