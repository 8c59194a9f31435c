"""Train and tune as one partition, for controls that split the development data anew."""

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.intervals import Interval
from deeprules.statistics.metrics import metrics_of


def joined(train: Partition, tune: Partition) -> Partition:
    """Both partitions as one, in memory, the examples of train first."""
    both = Partition(train.folder, train.dataset)
    both.examples = pd.concat([train.examples, tune.examples], ignore_index=True)
    both.features = np.concatenate([train.features, tune.features])
    return both


def scored(
    part: Partition, predictions: np.ndarray, replicates: int, seed: int
) -> dict[str, Interval]:
    """Every metric of one fit on held-out examples, with its bootstrap interval.

    Groups are resampled whole where they are declared.
    """
    groups = part.examples["group"].to_numpy() if part.dataset.has_group else None
    resampling = choose_resampling(part.dataset.task, part.labels, groups)
    found = bootstrap_scores(
        part.dataset.task, part.labels, {"fit": [predictions]}, resampling, replicates, seed
    )
    return {metric: found.interval("fit", metric) for metric in metrics_of(part.dataset.task)}


def score_rows(head: dict, scores: dict[str, Interval]) -> list[dict]:
    """A row a metric: `head`, metric, score, lower, upper."""
    return [
        {**head, "metric": metric, "score": one.value, "lower": one.lower, "upper": one.upper}
        for metric, one in scores.items()
    ]
