"""Random shares of train, each contained in the next larger one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.split.sharing import label_strata

MIN_OF_A_CLASS = 5
"""Examples that each class (or a regression as a whole) has in the smallest share, if train has."""


@dataclass(frozen=True)
class Share:
    """A part of train.

    Attributes
    ----------
    share : the share that was asked for
    rows : row numbers of its examples, ascending
    is_raised : whether it holds more than was asked for, so that no class is left out
    """

    share: float
    rows: np.ndarray
    is_raised: bool


def nested_shares(train: Partition, shares: Sequence[float], seed: int) -> list[Share]:
    """Random shares of train, each contained in the next larger one.

    Groups stay whole. Units (groups, or else examples) are shuffled within their class or
    quantile bin, groups by the class that they hold most of, and taken from all classes in step;
    with several labels they are taken in any order.
    A share that would hold fewer than `MIN_OF_A_CLASS` examples of a class is raised to the
    smallest that does not; shares that are then equal are given once.
    """
    strata = np.zeros(len(train), dtype=np.int64)
    if not train.dataset.has_several_labels:
        labels = pd.Series(train.labels)
        strata = label_strata(labels, train.dataset.is_classification, smallest_share=1.0)
    column = train.examples["group"] if train.dataset.has_group else np.arange(len(train))
    unit_of = pd.factorize(np.asarray(column))[0]
    place = _unit_places(unit_of, strata, np.random.default_rng(seed))[unit_of]
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place))
    classes = train.labels
    if not train.dataset.is_classification:
        are_classes = train.dataset.are_classes if train.dataset.labels else False
        classes = np.where(np.isnan(classes) | are_classes, classes, 0)
    each = np.asarray(classes)[order].reshape(len(order), -1).T
    least = max(_least_units(one, place[order]) for one in each)
    found = []
    for share in sorted(shares):
        wanted = int(np.abs(ends - share * len(train)).argmin())
        rows = np.sort(order[: ends[max(wanted, least)]])
        if not found or len(rows) > len(found[-1].rows):
            found.append(Share(share, rows, least > wanted))
    return found


def _unit_places(unit_of, strata, generator) -> np.ndarray:
    """Place (U,) of each unit in an order whose every beginning is stratified."""
    counts = np.zeros((unit_of.max() + 1, strata.max() + 1), dtype=np.int64)
    np.add.at(counts, (unit_of, strata), 1)
    stratum = (counts / counts.sum(axis=0)).argmax(axis=1)
    units = pd.DataFrame({"stratum": stratum, "size": counts.sum(axis=1)})
    shuffled = units.iloc[generator.permutation(len(units))]
    by_stratum = shuffled.groupby("stratum")["size"]
    reached = (by_stratum.cumsum() - shuffled["size"] / 2) / by_stratum.transform("sum")
    places = np.empty(len(units), dtype=np.int64)
    places[reached.sort_values(kind="stable").index] = np.arange(len(units))
    return places


def _least_units(classes: np.ndarray, place: np.ndarray) -> int:
    """The first place at which every class has enough examples; both arrays in that order."""
    found = []
    for name in np.unique(classes[~pd.isna(classes)]):
        rows = np.flatnonzero(classes == name)
        found.append(place[rows[min(MIN_OF_A_CLASS, len(rows)) - 1]])
    return int(max(found))
