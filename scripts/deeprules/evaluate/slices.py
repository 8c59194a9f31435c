"""Slices of a partition in which a model may fail: what they are called and who is in them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.encoding import gc_content, lengths_of
from deeprules.statistics.metrics import METRIC_LABELS

MAX_LEVELS = 20
"""Values of a column that are slices of their own; rarer ones are put together."""
QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
UNKNOWN, OTHERS = "not known", "all others"
OF_VALUES = ("r2", "pearson", "spearman")
"""Metrics of the quarters of the measured values."""


@dataclass(frozen=True)
class Slice:
    """Some examples of a partition.

    Attributes
    ----------
    kind : `class`, `value`, `batch`, `group_size`, `covariate`, `chromosome`, `gc`, `length`,
        `similarity` or `confidence`
    column : what the slices of one kind are made by, as it is written
    name : the slice among those of its column
    member : bool (N,)
    metric : what it is scored by; empty for the objective, where that is defined
    """

    kind: str
    column: str
    name: str
    member: np.ndarray
    metric: str = ""


def data_slices(part: Partition, similarity: np.ndarray) -> list[Slice]:
    """Every slice that does not depend on a model.

    Parameters
    ----------
    part : N examples
    similarity : (N,) to the nearest training example

    Returns
    -------
    Slices by class or measured value, batch, group size, covariates, chromosome, base composition,
    length and similarity, as far as the data have them; numbers in quarters of (nearly) equal size.
    """
    by_column = [
        Slice(kind, column, name, member)
        for kind, column, values in _columns(part, similarity)
        for name, member in levels(values)
    ]
    return [*_value_slices(part), *by_column]


def _value_slices(part: Partition) -> Iterator[Slice]:
    """Quarters of the measured values of a regression, once for each of `OF_VALUES`."""
    if part.dataset.task == "regression":
        for metric in OF_VALUES:
            column = f"measured value, by {METRIC_LABELS[metric]}"
            for name, member in levels(pd.Series(part.labels)):
                yield Slice("value", column, name, member, metric)


def confidence_slices(probabilities: np.ndarray) -> list[Slice]:
    """Slices by the largest probability, for probabilities (N, C)."""
    largest = pd.Series(probabilities.max(axis=1))
    return [Slice("confidence", "confidence", *found) for found in levels(largest)]


def _columns(part: Partition, similarity: np.ndarray) -> Iterator[tuple[str, str, pd.Series]]:
    """Kind, column and values (N,) of all that slices are made by."""
    dataset, examples = part.dataset, part.examples
    if dataset.is_classification:
        yield "class", "class", examples["label"].astype(str)
    if dataset.has_batch:
        yield "batch", "batch", examples["batch"].astype(str)
    if dataset.has_group:
        yield "group_size", "group size", examples.groupby("group")["group"].transform("size")
    for name in dataset.covariates:
        yield "covariate", name, examples[name]
    if "chromosome" in examples and "chromosome" not in dataset.covariates:
        yield "chromosome", "chromosome", examples["chromosome"]
    if dataset.modality == "sequence":
        yield "gc", "GC content", pd.Series(gc_content(part.features))
        yield "length", "length", pd.Series(lengths_of(part.features))
    yield "similarity", "similarity to train", pd.Series(similarity)


def levels(values: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    """Names and members (N,) of the slices by one column; none where it has a single value."""
    values = values.reset_index(drop=True)
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if is_number and values.nunique() > len(QUARTERS):
        names = _quarters(values)
    else:
        names = _numbers_shown(values) if is_number else values.map(str, na_action="ignore")
    names = names.astype(object).where(values.notna(), UNKNOWN)
    counts = names.value_counts()
    if len(counts) > MAX_LEVELS + 1:
        names = names.where(names.isin(counts.index[:MAX_LEVELS]), OTHERS)
    if names.nunique() > 1:
        for name in dict.fromkeys(names[values.sort_values().index]):
            yield name, (names == name).to_numpy()


def _numbers_shown(values: pd.Series) -> pd.Series:
    """Few different numbers as text, with more digits where six do not tell them apart."""
    short = values.map("{:g}".format, na_action="ignore")
    if short.nunique() == values.nunique():
        return short
    return values.map("{:.15g}".format, na_action="ignore")


def _quarters(values: pd.Series) -> pd.Series:
    """The quarter that each number lies in, with its range; equal numbers share a quarter."""
    edges = np.quantile(values.dropna(), [0.25, 0.5, 0.75])
    quarter = pd.Series(np.searchsorted(edges, values, side="left"))
    ranges = values.groupby(quarter).agg(["min", "max"])
    names = {
        place: f"{QUARTERS[place]}, {low:.3g} to {high:.3g}"
        for place, low, high in ranges.itertuples()
    }
    return quarter.map(names)
