"""What a user should know of a split: units tied together, sizes, classes and leaks."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from deeprules.split.partitions import PARTITIONS
from deeprules.split.strategies import says
from deeprules.split.units import Units

TOLERANCE = 0.05
"""Deviation of a partition's share of the examples that is worth a warning."""

CLASS_TOLERANCE = 0.1
"""Excess of a class in a partition, as a share of its examples, that is worth a warning."""


def tied(units: Units, strategy: str) -> list[str]:
    """A warning where the strategy's own units could not be kept apart."""
    if says(strategy, "AT_RANDOM") or len(units) == units.n_declared:
        return []
    return [
        f"The {units.n_declared} units of strategy {strategy} form only {len(units)} that can be "
        f"kept apart, because groups, copies of one content or overlapping intervals span them."
    ]


def off_target(partition: np.ndarray, split: Mapping) -> list[str]:
    """Warnings where large units push a partition's size away from its share."""
    if split["test"] or split["tune"]:
        return []
    return [
        f"{name} holds {share:.0%} of the examples instead of {split['shares'][name]:.0%}, "
        f"because its units are not split."
        for name in PARTITIONS
        if abs((share := np.mean(partition == name)) - split["shares"][name]) > TOLERANCE
    ]


def uneven_classes(labels: pd.Series, partition: np.ndarray) -> list[str]:
    """Warnings where a partition's classes are not in the proportions of the whole."""
    overall = labels.value_counts(normalize=True)
    warnings = []
    for name in PARTITIONS:
        share = labels[partition == name].value_counts(normalize=True)
        worst = (share - overall).idxmax()
        if share[worst] - overall[worst] > CLASS_TOLERANCE:
            warnings.append(
                f"{share[worst]:.0%} of {name} are of class {worst}, but {overall[worst]:.0%} of "
                f"all examples: scores that depend on prevalence will differ."
            )
    return warnings


def separated(examples: pd.DataFrame) -> list[str]:
    """Warnings for groups and copies that given partitions separate."""
    columns = {"group": "groups", "canonical_hash": "contents"}
    return [
        f"LEAK: {count} {name} stand in more than one of the given partitions, so test is not "
        f"independent of the training data."
        for column, name in columns.items()
        if column in examples
        and (count := int((examples.groupby(column)["partition"].nunique() > 1).sum()))
    ]
