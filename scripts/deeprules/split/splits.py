"""Splits a data set into train, tune and test."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.split.intervals import overlap_leaks
from deeprules.split.partitions import PARTITIONS
from deeprules.split.sharing import share_out, strata_of
from deeprules.split.split_warnings import (
    off_target,
    separated,
    tied,
    uneven_classes,
)
from deeprules.split.strategies import STRATEGIES, says
from deeprules.split.units import Units, find_units

COLUMNS = (
    "id",
    "label",
    "group",
    "canonical_hash",
    "chromosome",
    "start",
    "end",
)
"""Columns of the table of examples that every split looks at, as far as they exist."""

HELD_OUT = ("test", "tune")
"""Partitions whose units can be named; train is the rest."""

LISTED = 12
"""Classes or labels that a partition lacks, named in an error."""

TRAIN_BATCHES = 3
"""Batches that have to be left to train for tune to be made of whole batches as test is."""


def columns_of(strategy: str, dataset: Dataset) -> tuple[str, ...]:
    """Columns of the table of examples that a split by a strategy looks at."""
    return (*COLUMNS, *dataset.label_columns[1:], *(says(strategy, "COLUMNS") or ()))


@dataclass(frozen=True)
class Split:
    """A partition for each example: `assignment` (id, partition, unit) and split.json's facts."""

    assignment: pd.DataFrame
    summary: dict


def split_examples(examples: pd.DataFrame, dataset: Dataset, split: Mapping, seed: int) -> Split:
    """Share examples out between train, tune and test.

    Groups and copies of one content are never separated, whatever the strategy; classes (or
    quantile bins of values) are stratified as far as that allows. Given partitions
    (`predefined`) are taken as they are, with a warning where they separate either; where they are
    train and test alone, tune is drawn from train, with groups and copies kept whole.

    Parameters
    ----------
    examples : the examples to share out, with `COLUMNS`; with `homology`, also the cluster of each
    dataset : facts of the data set
    split : `split` of the resolved configuration
    seed : the same seed and the same examples give the same split

    Raises
    ------
    InputError
        If the settings contradict themselves or the data, or a partition would lack a class.
    """
    _check_settings(split)
    examples = examples.reset_index(drop=True)
    strategy = STRATEGIES[split["strategy"]]
    if hasattr(strategy, "given"):
        partition = _with_tune(strategy.given(examples), examples, dataset, split, seed)
        unit = examples["group" if dataset.has_group else "id"].to_numpy()
        warnings = [*separated(examples), *strategy.warnings(examples, partition)]
    else:
        units = find_units(examples, split["strategy"], split["block_size"])
        partition = _draw(examples, units, dataset, split, seed)
        unit = units.names[units.codes]
        warnings = [*tied(units, split["strategy"]), *off_target(partition, split)]
        del units
        if hasattr(strategy, "warnings"):
            warnings += strategy.warnings(examples, partition)
    _check_partitions(examples, partition, dataset)
    warnings += overlap_leaks(examples, partition)
    if dataset.classes:
        warnings += uneven_classes(examples["label"], partition)
    # By number, as millions of strings would each be an object on their way into the table.
    number = np.argmax([partition == name for name in PARTITIONS], axis=0)
    text = pd.array(PARTITIONS, dtype="str").take(number)
    assignment = pd.DataFrame({"id": examples["id"], "partition": text, "unit": unit})
    summary = {
        "strategy": split["strategy"],
        "seed": seed,
        "shares": _wanted(split),
        "sizes": _sizes(examples, partition, dataset),
        "warnings": warnings,
    }
    return Split(assignment, summary)


def _wanted(split: Mapping) -> dict[str, float | None]:
    """The share that was asked for each partition; None where its examples are named or given."""
    is_given = says(split["strategy"], "given")
    return {
        name: None if is_given or split.get(name) else share
        for name, share in split["shares"].items()
    }


def _check_settings(split: Mapping) -> None:
    """Refuse settings that no data could satisfy."""
    strategy = split["strategy"]
    total = sum(split["shares"].values())
    if abs(total - 1) > 1e-6:
        raise InputError(f"split: shares add up to {total:g}. Make them add up to 1.")
    if not (split["test"] or split["tune"]):
        return
    if not says(strategy, "UNITS_HAVE_NAMES"):
        named = [name for name in STRATEGIES if says(name, "UNITS_HAVE_NAMES")]
        raise InputError(
            f"split: test and tune name units, which strategy: {strategy} does not have. Empty "
            f"them, or use one of the strategies {', '.join(named)}."
        )
    key = STRATEGIES[strategy].key
    tune = {key(name) for name in split["tune"]}
    both = sorted({str(name) for name in split["test"] if key(name) in tune})
    if both:
        raise InputError(f"split: test and tune both name {', '.join(both)}. Name it in one.")


def _draw(
    examples: pd.DataFrame, units: Units, dataset: Dataset, split: Mapping, seed: int
) -> np.ndarray:
    """The partition of each example: the named units first, the others at random."""
    partition = _named(examples, units, split)
    free = partition == ""
    shares = {
        name: split["shares"][name]
        for name in (*HELD_OUT, "train")
        if name == "train" or not split[name]
    }
    # Of millions of examples no copy is made where no unit is named.
    codes = units.codes if free.all() else units.codes[free]
    is_tune_open = says(split["strategy"], "TUNE_WITHIN") and split["test"] and not split["tune"]
    if is_tune_open and len(np.unique(codes)) <= TRAIN_BATCHES:
        codes = _within_batches(examples[free])
    n_units = np.count_nonzero(np.bincount(codes))  # of millions, sooner than numpy.unique
    if n_units < len(shares):
        raise InputError(
            f"split: {' and '.join(shares)} need a unit each, but strategy: "
            f"{split['strategy']} leaves {n_units}. {' '.join(tied(units, split['strategy']))} "
            f"Add data or choose a strategy or `data: group` with smaller units."
        )
    total = sum(shares.values())
    shares = {name: share / total for name, share in shares.items()}
    strata = strata_of(examples[dataset.label_columns][free], dataset, min(shares.values()))
    partition[free] = share_out(codes, strata, shares, seed)
    if is_tune_open and not _serves(partition, units, examples, dataset):
        partition[free] = share_out(_within_batches(examples[free]), strata, shares, seed)
    return partition


def _with_tune(
    partition: np.ndarray, examples: pd.DataFrame, dataset: Dataset, split: Mapping, seed: int
) -> np.ndarray:
    """Given partitions; where none of them is tune, its share of train and tune is drawn."""
    train = partition == "train"
    if (partition == "tune").any() or not train.any():
        return partition
    rows = examples[train].reset_index(drop=True)
    units = find_units(rows, "stratified", None)
    if len(units) < len(HELD_OUT):
        return partition
    wanted = {name: split["shares"][name] for name in ("tune", "train")}
    shares = {name: share / sum(wanted.values()) for name, share in wanted.items()}
    strata = strata_of(rows, dataset, min(shares.values()))
    drawn = partition.astype("<U5")
    drawn[train] = share_out(units.codes, strata, shares, seed)
    return drawn


def _within_batches(examples: pd.DataFrame) -> np.ndarray:
    """Units of a draw from within the batches that test leaves, where these are too few."""
    return find_units(examples.reset_index(drop=True), "stratified", None).codes


def _serves(partition: np.ndarray, units: Units, examples: pd.DataFrame, dataset: Dataset) -> bool:
    """Whether whole batches for tune leave enough of them, and every class, on both sides."""
    parts = [examples[partition == name] for name in ("train", "tune")]
    in_both = not any(lacking(part, dataset) for part in parts)
    return in_both and len(np.unique(units.codes[partition == "train"])) >= TRAIN_BATCHES


def _named(examples: pd.DataFrame, units: Units, split: Mapping) -> np.ndarray:
    """`test` or `tune` for each example whose unit the settings name, empty for the others."""
    partition = np.zeros(len(examples), dtype="<U5")
    if not (split["test"] or split["tune"]):
        return partition
    strategy = STRATEGIES[split["strategy"]]
    key, column = strategy.key, strategy.names(examples)
    names = {key(name): where for where in HELD_OUT for name in split[where]}
    keys = column.map(key)
    present = set(keys)
    unknown = sorted(
        str(name) for where in HELD_OUT for name in split[where] if key(name) not in present
    )
    if unknown:
        known = column.drop_duplicates().sort_values().tolist()
        raise InputError(
            f"split: test and tune name {', '.join(unknown)}, which the data do not hold. The "
            f"column {split['strategy']!r} has: {', '.join(known[:20])}"
            f"{' ...' if len(known) > 20 else ''}."
        )
    partition[:] = keys.map(names).fillna("").to_numpy()
    mixed = pd.Series(partition).groupby(units.codes).transform("nunique") > 1
    if mixed.any():
        raise InputError(
            f"split: groups or copies of one content tie the {split['strategy']} units "
            f"{', '.join(column[mixed].drop_duplicates().sort_values().head(20))} together, but "
            f"test and tune take them apart. Name all of them for one partition, set "
            f"`data: duplicates` to drop, or choose another `data: group`."
        )
    return partition


def lacking(held: pd.DataFrame, dataset: Dataset) -> list[str]:
    """Classes without an example among some, or labels of which nothing is known to tell apart."""
    present = set(held["label"]) if dataset.classes else ()
    found = [label for label in dataset.classes if label not in present]
    columns = zip(dataset.labels, dataset.label_columns[1:], dataset.are_classes, strict=True)
    for name, column, is_class in columns:
        if not is_class:
            found += [f"two values of {name}"] * (held[column].nunique() < 2)
            continue
        for value, what in ((1, "presence"), (0, "absence")):
            found += [f"{what} of {name}"] * (not (held[column] == value).any())
    if dataset.labels and len(found) > LISTED:
        return [*found[:LISTED], f"{len(found)} such in all"]
    return found


def _check_partitions(examples: pd.DataFrame, partition: np.ndarray, dataset: Dataset) -> None:
    """Refuse a partition without every class, or without two values to tell apart."""
    faults, labels = [], examples[dataset.label_columns]
    for name in PARTITIONS:
        held = labels[partition == name]
        missing = lacking(held, dataset)
        if held.empty:
            faults.append(f"{name} is empty")
        elif missing:
            faults.append(f"{name} has no example of {', '.join(missing)}")
        elif held["label"].nunique() < 2:
            faults.append(f"{name} has a single value")
    if faults:
        raise InputError(
            f"split: {'; '.join(faults)}. Choose other shares, smaller units or (named units, "
            f"given partitions) others, merge small classes with `data: classes`, or leave them "
            f"out with `data: min_class_size`."
            + (" Leave labels out that few examples are known of." if dataset.labels else "")
        )


def _sizes(examples: pd.DataFrame, partition: np.ndarray, dataset: Dataset) -> dict[str, dict]:
    """Number of examples, groups and labels of each partition."""
    columns = [*dataset.label_columns, *(["group"] if dataset.has_group else [])]
    counted = examples[columns]
    return {name: _size(counted[partition == name], dataset) for name in PARTITIONS}


def _size(examples: pd.DataFrame, dataset: Dataset) -> dict:
    """Number of examples, groups and labels of a partition."""
    sizes = examples["label"].value_counts() if dataset.classes else {}
    counts = {name: int(sizes[name]) for name in dataset.classes}
    columns = zip(dataset.labels, dataset.label_columns[1:], dataset.are_classes, strict=True)
    for name, column, is_class in columns:
        known = examples[column]
        counts[name] = int((known == 1).sum() if is_class else known.count())
    groups = examples["group"].nunique() if dataset.has_group else None
    return {"n": len(examples), "groups": groups, "labels": counts}
