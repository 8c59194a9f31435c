"""What the files say of an example beside what was measured: its length, its gaps, its place."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.encoding import PADDING
from deeprules.feature_store import is_sparse

BASES = (1, 2, 4, 8)
COLUMNS = {
    "raw_length": "length in the file",
    "given_width": "width of the interval",
    "n_share": "share of N in the file",
    "lower_share": "share of lower-case letters",
    "chromosome": "chromosome",
    "start": "start on the chromosome",
    "strand": "strand",
    "source": "source file",
}
"""Columns of the table of examples that no model is given, and what they are called."""
CHUNK_ROWS = 4096


@dataclass(frozen=True)
class FileFact:
    """A number of each example that is no measurement.

    Attributes
    ----------
    name : in plain words
    is_seen : whether a model can see it in the features
    train, tune : values, one an example
    """

    name: str
    is_seen: bool
    train: np.ndarray
    tune: np.ndarray


def file_facts(train: Partition, tune: Partition) -> list[FileFact]:
    """The facts that vary in train: first those that models can see, then the others."""
    seen = zip(_in_features(train).items(), _in_features(tune).values(), strict=True)
    facts = [FileFact(name, True, one, other) for (name, one), other in seen]
    order = (np.arange(len(part)) / len(part) for part in (train, tune))
    facts.append(FileFact("order of the rows", False, *order))
    for column, name in COLUMNS.items():
        if column in train.examples and column in tune.examples:
            facts.append(FileFact(name, False, *_numbers(train, tune, column)))
    return [fact for fact in facts if len(np.unique(fact.train)) > 1]


def _in_features(part: Partition) -> dict[str, np.ndarray]:
    """Padding and ambiguous letters of sequences, or missing values of rows: counts (N,)."""
    kinds = {"missing values": lambda rows: np.isnan(rows)}
    if part.dataset.modality == "sequence":
        kinds = {
            "padding": lambda rows: rows == PADDING,
            "ambiguous letters": lambda rows: ~np.isin(rows, (*BASES, PADDING)),
        }
    if is_sparse(part.features):  # It has no missing values.
        return {name: np.zeros(len(part)) for name in kinds}
    starts = range(0, len(part), CHUNK_ROWS)
    chunks = [np.asarray(part.features[start : start + CHUNK_ROWS]) for start in starts]
    return {
        name: np.concatenate([count(rows).sum(axis=1) for rows in chunks]).astype(np.float64)
        for name, count in kinds.items()
    }


def _numbers(train: Partition, tune: Partition, column: str) -> list[np.ndarray]:
    """A column as numbers; names become those of their order."""
    columns = [part.examples[column] for part in (train, tune)]
    if not all(map(pd.api.types.is_numeric_dtype, columns)):
        names = pd.Index(sorted(columns[0].dropna().unique()))
        return [names.get_indexer(values).astype(np.float64) for values in columns]
    return [values.to_numpy(dtype=np.float64, na_value=np.nan) for values in columns]
