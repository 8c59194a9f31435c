"""Slices of tune and test; of several labels those of the examples of which each is known."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.evaluate.similarity import reference, sampled_rows
from deeprules.evaluate.slice_scores import COLUMNS, Scored, slice_table
from deeprules.evaluate.slice_summary import summarise_slices
from deeprules.evaluate.slices import confidence_slices, data_slices
from deeprules.seeds import derived_seed
from deeprules.statistics.metrics import metric_of_one
from deeprules.statistics.predictions import of_label
from deeprules.statistics.significance import holm_adjusted
from deeprules.wording import listed

MAX_EXAMPLES, MIN_EXAMPLES = 10_000, 2_000
"""Examples of a partition whose slices are scored, drawn at random from more: the first for two
classes or for values; fewer for many classes, each of which is ranked, but not below the second."""
MAX_REPLICATES = 1000
MIN_KNOWN = 40
"""Examples that a label is known of, twice as many as a slice that is tested has."""
SHOWN = 10
"""Labels named in a sentence."""


def slices_of_parts(
    train: Partition, parts: Mapping, kinds: Mapping[str, str], settings
) -> tuple[dict, dict]:
    """The table of slices with its summary, and how near the partitions are to train.

    Of several labels, `column` begins with the name of the one that a slice is scored by.

    Parameters
    ----------
    parts : {`tune` and `test`: the partition, and {model: predictions}}
    kinds : {model: kind}
    settings : `deeprules.evaluate.evaluation.Settings`

    Returns
    -------
    slices and slice_summary; {partition: similarity (N,) to train, number (N,) of each group}.
    """
    near = reference(train, derived_seed(settings.seed, 1))
    tables, looked, nearest = [], {}, {}
    for number, (name, (whole, predictions)) in enumerate(parts.items(), start=2):
        seed = derived_seed(settings.seed, number)
        n_ranked = max(1, len(whole.dataset.classes) - 1, len(whole.dataset.labels))
        most = max(MIN_EXAMPLES, MAX_EXAMPLES // n_ranked)
        rows = sampled_rows(len(whole), most, seed)
        part = whole.subset(rows)
        looked[name] = (len(rows), len(whole))
        predictions = {model: values[rows] for model, values in predictions.items()}
        similarity, groups = near.nearest(part.features), group_numbers(part)
        nearest[name] = similarity, np.arange(len(part)) if groups is None else groups
        tables.append(_slices_of(name, part, predictions, similarity, kinds, settings, seed))
    table = pd.concat(tables, ignore_index=True)
    summary = summarise_slices(table, near.facts, looked)
    summary["notes"] += _labels_left_out(parts["test"][0], table)
    return {"slices": table, "slice_summary": summary}, nearest


def _slices_of(name, whole: Partition, predictions, similarity, kinds, settings, seed):
    """The table of slices of a partition; of several labels of each, all p values adjusted."""
    tables = []
    for label, rows, part, values in of_each_label(whole, predictions, MIN_KNOWN):
        groups, task = group_numbers(part), part.dataset.task
        objective = metric_of_one(task, settings.objective)
        data = Scored(task, part.labels, groups, values, objective)
        shared = data_slices(part, similarity[rows])
        slices = {
            model: shared + (confidence_slices(one) if one.ndim == 2 else [])
            for model, one in values.items()
        }
        replicates = min(settings.bootstrap, MAX_REPLICATES)
        table = slice_table(name, data, kinds, slices, replicates, seed)
        tables.append(table.assign(column=label + table["column"]))
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(tables, ignore_index=True)
    return table.assign(adjusted=holm_adjusted(table["p_value"]))


def _labels_left_out(test: Partition, table: pd.DataFrame) -> list[str]:
    """A note on labels that are known of too few examples to have slices."""
    told = tuple(table.loc[table["partition"] == "test", "column"].unique())
    names = test.dataset.labels
    absent = [name for name in names if not any(one.startswith(f"{name}: ") for one in told)]
    more = f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
    few = f"Labels that are known of fewer than {MIN_KNOWN} of these test examples have no slices"
    return [f"{few}: {listed(absent[:SHOWN])}{more}."] if absent else []


def of_each_label(
    part: Partition, predictions: Mapping[str, np.ndarray], least: int = 1
) -> Iterator[tuple[str, np.ndarray, Partition, dict[str, np.ndarray]]]:
    """Of several labels, what each is by itself; of a single one, all as it is.

    Parameters
    ----------
    predictions : {model: predictions of N examples}
    least : examples that a label has to be known of

    Yields
    ------
    The name and a colon, for what is told of the label (empty for a single one); the K rows that it
    is known of; these examples with it alone; {model: predictions of these}.
    """
    if not part.dataset.has_several_labels:
        yield "", np.arange(len(part)), part, dict(predictions)
    for number, name in enumerate(part.dataset.labels):
        known = np.flatnonzero(np.isfinite(part.labels[:, number]))
        if len(known) >= least:
            asked = part.dataset.task, part.labels
            found = {
                model: of_label(*asked, values, number)[2] for model, values in predictions.items()
            }
            yield f"{name}: ", known, part.of_label(number), found


def group_numbers(part: Partition) -> np.ndarray | None:
    """Number (N,) of each example's group; None if no group has several examples."""
    if not part.dataset.has_group:
        return None
    names, numbers = np.unique(part.examples["group"].astype(str), return_inverse=True)
    return numbers if len(names) < len(part) else None
