"""Covariates as numbers, by constants of train."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MIN_OF_A_CATEGORY = 5
"""Training examples of a category that has a column of its own."""
OTHER = "other"


@dataclass(frozen=True)
class CovariateEncoding:
    """How each column of a table becomes numbers.

    A numeric one is standardised, missing values filled with the median. A category becomes one
    column for each value with at least `MIN_OF_A_CATEGORY` training examples, and one for all
    other values, missing ones among them.

    Attributes
    ----------
    columns : a record for each: name, and median, mean and deviation, or categories
    """

    columns: tuple[dict, ...]

    @classmethod
    def of(cls, table: pd.DataFrame) -> "CovariateEncoding":
        """Learn from the covariates of train."""
        return cls(tuple({"name": name, **_learn(table[name])} for name in table.columns))

    @property
    def names(self) -> list[str]:
        """Names of the K numbers of an example."""
        found = []
        for column in self.columns:
            values = [*column["categories"], OTHER] if "categories" in column else None
            name = column["name"]
            found += [name] if values is None else [f"{name}={value}" for value in values]
        return found

    def encode(self, table: pd.DataFrame) -> np.ndarray:
        """`float32` (N, K) for a table with these columns."""
        return np.hstack([_encode(column, table[column["name"]]) for column in self.columns])


def _learn(values: pd.Series) -> dict:
    """Constants of one column."""
    if not _is_numeric(values):
        counts = values.dropna().astype(str).value_counts()
        return {"categories": sorted(counts.index[counts >= MIN_OF_A_CATEGORY])}
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    median = float(np.median(known)) if len(known) else 0.0
    filled = np.where(np.isfinite(numbers), numbers, median)
    return {
        "median": median,
        "mean": float(filled.mean()),
        "deviation": float(filled.std()) or 1.0,
    }


def _encode(column: dict, values: pd.Series) -> np.ndarray:
    """The numbers of one column: (N, 1) or (N, categories + 1)."""
    if "categories" in column:
        text, categories = values.astype(str).where(values.notna()), column["categories"]
        one_hot = np.array([text == one for one in categories], dtype=bool)
        one_hot = one_hot.reshape(len(categories), len(values)).T
        others = ~one_hot.any(axis=1, keepdims=True)
        return np.hstack([one_hot, others]).astype(np.float32)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    filled = np.where(np.isfinite(numbers), numbers, column["median"])
    return ((filled - column["mean"]) / column["deviation"]).astype(np.float32)[:, None]


def _is_numeric(values: pd.Series) -> bool:
    """Whether a column holds numbers; true and false are categories."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
