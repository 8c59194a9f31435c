"""The shuffled-label control: what the same fit reaches when there is nothing to learn.

Labels are permuted among all examples of a partition, or among those of each batch; within a batch
the link between batch and label stays, so that scores above chance come from the batch. Tune is
shuffled as train is: training stops on it. Source: Ojala and Garriga 2010, JMLR 11:1833.
"""

import copy

import numpy as np
import pandas as pd

from deeprules.data import Development, Partition
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed
from deeprules.statistics.metrics import scores

SCHEMES = ("all", "within_batch")
DRAW = 2
"""What numbers the seeds of the permutations, beside those of the fits."""
COLUMNS = ["model", "kind", "scheme", "repeat", "partition", "metric", "score"]


def fit_shuffled(
    chosen: ChosenModel, train: Partition, tune: Partition, repeats: int, seed: int
) -> pd.DataFrame:
    """Fit a model on permuted labels, `repeats` times a scheme.

    Returns
    -------
    Scores on train and tune against the permuted labels: model, kind, scheme (`all`,
    `within_batch` where batches are declared), repeat (1..), partition, metric, score.

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    schemes = SCHEMES if train.dataset.has_batch else SCHEMES[:1]
    rows = []
    for number, scheme in enumerate(schemes):
        for repeat in range(1, repeats + 1):
            draw_seed = derived_seed(seed, repeat, DRAW, number)
            rng = np.random.default_rng(draw_seed)
            parts = {"train": train, "tune": tune}
            parts = {name: shuffled(part, scheme, rng) for name, part in parts.items()}
            what = f"shuffled labels ({scheme}, repeat {repeat})"
            remedy = "leave the control out (`controls: shuffles: 0`)"
            model = chosen.refit(Development(**parts), draw_seed, what, remedy)
            for name, part in parts.items():
                predictions = model.predict(part.features, part.examples)
                found = scores(part.dataset.task, part.labels, predictions)
                rows += [
                    [*chosen.facts.values(), scheme, repeat, name, metric, score]
                    for metric, score in found.items()
                ]
    return pd.DataFrame(rows, columns=COLUMNS)


def shuffled(part: Partition, scheme: str, rng: np.random.Generator) -> Partition:
    """A partition with its labels permuted, all of them or those of each batch among themselves."""
    order = np.arange(len(part))
    if scheme == "all":
        order = rng.permutation(order)
    else:
        for rows in part.examples.groupby("batch", sort=True).indices.values():
            order[rows] = rng.permutation(rows)
    changed = copy.copy(part)
    changed.__dict__.pop("labels", None)
    changed.examples = part.examples.assign(label=part.examples["label"].to_numpy()[order])
    return changed
