"""Shares units out at random so that every partition gets its part of each class."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from deeprules.data import Dataset
from deeprules.errors import InputError

BINS = 10
"""Quantile bins of the values of a regression, at most."""

ORDERS = 50
"""Random orders in which units of several examples are shared out; the best one counts."""

STEPS = 2_000_000
"""Units to share out in all orders together: with very many units, fewer orders are tried."""

CLOSE = 0.02
"""Deviation from every wanted number, relative to it, below which no further order is tried."""


def label_strata(labels: pd.Series, is_classification: bool, smallest_share: float) -> np.ndarray:
    """Number of each example's class, or of the quantile bin of its value (N,), `int32`.

    There are so few bins that two examples of each fit into the smallest partition.
    """
    if not is_classification:
        bins = min(BINS, max(1, int(smallest_share * len(labels)) // 2))
        labels = pd.qcut(labels, bins, labels=False, duplicates="drop")
    return pd.factorize(labels)[0].astype(np.int32)


def strata_of(examples: pd.DataFrame, dataset: Dataset, smallest_share: float) -> np.ndarray:
    """Strata as `share_out` takes them, from a table of examples.

    Those of several labels are the examples in which each is present, absent, or missing; of values
    in which it is above the median, not above it, or missing.
    """
    if dataset.has_several_labels:
        values = examples[dataset.label_columns[1:]].to_numpy(dtype=np.float64)
        is_high = values > np.nanmedian(values, axis=0)
        is_value = np.isfinite(values) & ~dataset.are_classes
        values = np.where(is_value, is_high, values)
        return np.hstack([values == 1, values == 0, np.isnan(values)])
    return label_strata(examples["label"], dataset.is_classification, smallest_share)


def share_out(
    units: np.ndarray, strata: np.ndarray, shares: Mapping[str, float], seed: int
) -> np.ndarray:
    """Give each unit to a partition.

    Parameters
    ----------
    units : number of each example's unit (N,), from 0; at least as many units as partitions
    strata : stratum of each example (N,), from 0, or whether it is in each of several (N, S)
    shares : wanted share of each partition; together 1

    Returns
    -------
    Name of each example's partition (N,).

    Raises
    ------
    InputError
        If there are too few examples to stratify.
    """
    names = np.array(list(shares))
    if len(shares) == 1:
        return np.repeat(names, len(units))
    if strata.ndim == 2:
        units = pd.factorize(units)[0]
        return names[_share_strata(units, strata, shares, seed)][units]
    # So few of a class that proportions would leave a partition without it, but enough for all.
    is_rare = (
        len(shares) <= np.unique(strata, return_counts=True)[1].min() < 1 / min(shares.values())
    )
    if np.bincount(units).max() == 1 and not is_rare:
        return _share_examples(strata, shares, seed)
    units = pd.factorize(units)[0]
    counts = np.zeros((units.max() + 1, strata.max() + 1), dtype=np.int64)
    np.add.at(counts, (units, strata), 1)
    sizes = counts.sum(axis=1)
    choice = _share_units(
        np.column_stack([counts[:, counts.any(axis=0)], sizes]),
        np.array(list(shares.values())),
        np.random.default_rng(seed),
    )
    return names[choice][units]


def _share_strata(units, strata, shares, seed) -> np.ndarray:
    """The partition of each unit (U,), where an example is in several strata (N, S)."""
    counts = np.zeros((units.max() + 1, strata.shape[1]), dtype=np.int64)
    np.add.at(counts, units, strata.astype(np.int64))
    return _share_units(
        np.column_stack([counts[:, counts.any(axis=0)], np.bincount(units)]),
        np.array(list(shares.values())),
        np.random.default_rng(seed),
        rarest_first=True,
    )


def _share_examples(strata: np.ndarray, shares: Mapping[str, float], seed: int) -> np.ndarray:
    """The partition of each example, stratified; the last partition gets the rest."""
    names = list(shares)
    # By number and of few bytes, as of millions of examples several copies are made here.
    partition = np.full(len(strata), len(names) - 1, dtype=np.int8)
    rest = np.arange(len(strata), dtype=np.int32 if len(strata) < 2**31 else np.int64)
    for number, name in enumerate(names[:-1]):
        size = max(1, round(shares[name] * len(strata)))
        try:
            rest, taken = train_test_split(
                rest, test_size=size, stratify=strata[rest], random_state=seed
            )
        except ValueError as error:
            raise InputError(
                f"{name} cannot be stratified: {error} Add examples, merge small classes "
                f"(`data: classes`) or enlarge `split: shares: {name}`."
            ) from error
        partition[taken] = number
    return np.array(names)[partition]


def _share_units(
    counts: np.ndarray,
    shares: np.ndarray,
    rng: np.random.Generator,
    rarest_first: bool = False,
) -> np.ndarray:
    """The partition of each unit (U,), given its examples in each stratum and in all (U, C + 1).

    In random order, each unit goes to the partition that lacks most of it: relative to what the
    partition should hold, summed over the strata with the share of them that the unit has. Of
    several orders the best is the one that leaves the fewest strata out of a partition, then the
    one closest to the wanted numbers (Pearson's chi-squared).

    `rarest_first`: units with the rarest stratum come first, as where strata overlap its examples
    could not be made up for later (iterative stratification, Sechidis et al. 2011).
    """
    totals = counts.sum(axis=0)
    wanted = shares[:, None] * totals
    weights = counts / totals
    rarest = np.where(counts > 0, totals, np.inf).min(axis=1) if rarest_first else None
    best, least = None, (np.inf, np.inf)
    for _ in range(max(1, min(ORDERS, STEPS // len(counts)))):
        lacking = np.ones_like(wanted)
        choice = np.empty(len(counts), dtype=np.intp)
        order = rng.permutation(len(counts))
        if rarest_first:
            order = order[np.argsort(rarest[order], kind="stable")]
        for unit in order:
            partition = np.argmax(lacking @ weights[unit])
            choice[unit] = partition
            lacking[partition] -= counts[unit] / wanted[partition]
        badness = (int((lacking == 1).sum()), float((wanted * lacking**2).sum()))
        if badness < least:
            best, least = choice, badness
        if np.abs(lacking).max() < CLOSE:
            break
    return best
