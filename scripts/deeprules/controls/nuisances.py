"""What a network should not need to know of an example: its batch, covariates and composition."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from deeprules.data import Partition
from deeprules.encoding import gc_content, lengths_of

MIN_OF_A_LEVEL = 5
"""Examples of a level, in train and in tune, below which it is left out."""
MAX_LEVELS = 20
"""Levels of a category that are kept, the most frequent of train."""


@dataclass(frozen=True)
class Nuisance:
    """A category or a value of each example, to be predicted.

    Attributes
    ----------
    kind : `category` or `value`
    levels : names of the categories; empty for a value
    train, tune : codes of levels (-1: left out) or numbers (NaN: not known), one an example
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    train: np.ndarray
    tune: np.ndarray

    def rows(self, partition: str) -> np.ndarray:
        """Numbers of the examples of `train` or `tune` that are used."""
        values = getattr(self, partition)
        return np.flatnonzero(values >= 0 if self.kind == "category" else np.isfinite(values))


def nuisances(train: Partition, tune: Partition) -> list[Nuisance]:
    """Batch, covariates and composition, where there is something to predict.

    Composition is the GC share and the length of a sequence, or the sum of a row. A category needs
    two levels with `MIN_OF_A_LEVEL` examples in both partitions; a value must vary in both.
    """
    columns = [
        (name, *(part.examples[name] for part in (train, tune))) for name in train.dataset.metadata
    ]
    measured = zip(composition(train).items(), composition(tune).values(), strict=True)
    columns += [(name, pd.Series(one), pd.Series(other)) for (name, one), other in measured]
    found = []
    for name, *values in columns:
        numeric = is_numeric_dtype(values[0]) and not is_bool_dtype(values[0])
        make = _value if numeric and name != "batch" else _category
        found.append(make(name, *values))
    return [nuisance for nuisance in found if nuisance]


def composition(part: Partition) -> dict[str, np.ndarray]:
    """`GC share` and `length` of sequences, or `row total` of rows of a matrix: (N,) each.

    The GC share is `gc_content` (NaN where no base is known), the length that without padding. A
    total is of the features as they are stored, without missing values.
    """
    features = np.asarray(part.features)
    if part.dataset.modality == "tabular":
        return {"row total": np.nansum(features, axis=1, dtype=np.float64)}
    lengths = lengths_of(features).astype(np.float64)
    return {"GC share": gc_content(features), "length": lengths}


def _category(name, train, tune):
    """A category as codes of the levels that both partitions hold often enough."""
    counts, others = train.value_counts(), tune.value_counts()
    shared = [
        level
        for level, n in counts.items()
        if n >= MIN_OF_A_LEVEL and others.get(level, 0) >= MIN_OF_A_LEVEL
    ]
    levels = sorted(shared[:MAX_LEVELS], key=str)
    if len(levels) < 2:
        return None
    codes = (pd.Index(levels).get_indexer(values) for values in (train, tune))
    return Nuisance(name, "category", tuple(map(str, levels)), *codes)


def _value(name, train, tune):
    """A number, if it varies in both partitions."""
    if train.nunique() < 2 or tune.nunique() < 2:
        return None
    return Nuisance(name, "value", (), *(v.to_numpy(np.float64) for v in (train, tune)))
