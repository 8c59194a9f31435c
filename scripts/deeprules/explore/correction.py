"""What batch correction does, side by side: how well a batch is told, and scores on a new one."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeprules.data import Development, Partition
from deeprules.explore.batch_effects import predict_category
from deeprules.explore.principal_components import principal_components
from deeprules.fit.batch_directions import batch_steps
from deeprules.fit.median_imputer import MedianImputer

COLUMNS = ["measure", "batch", "n", "chance", "without", "corrected"]
TOLD = "balanced accuracy of the batch in tune"
NEW = {True: "balanced accuracy on a new batch", False: "correlation on a new batch"}
"""What is measured of the label, for classes and for values."""

MAX_BATCHES = 5
"""Batches that are left out, the largest that can be."""
MAX_ROWS = 2000
"""Examples that a linear model is fitted on, and as many that it is scored on."""
MIN_OF_A_CLASS = 5
PENALTY = 100.0


def correction_table(
    train: Partition, tune: Partition, settings: Mapping, seed: int
) -> pd.DataFrame:
    """What a correction does to examples that it was not learnt from.

    The batch of tune is predicted before and after a correction that was learnt from train. Then
    each of the largest batches is left out: a correction is learnt from the others, and a ridge
    regression of the label is fitted on them, with it and without.

    Returns
    -------
    A row a measure and batch, see `COLUMNS`; none where the data are not corrected.
    """
    rows = []
    if train.dataset.batch_correction != "none":
        rows += _told(train, tune, settings, seed)
        rows += _on_new_batches(Development(train, tune).joined(), seed)
    return pd.DataFrame(rows, columns=COLUMNS)


def _told(train: Partition, tune: Partition, settings: Mapping, seed: int) -> Iterator[dict]:
    """How well the batch of tune is told; nothing where tune has too few of two batches."""
    (step,) = batch_steps(train, train.features)
    groups = tune.examples["group"] if tune.dataset.has_group else None
    found = []
    for rows in (tune.features, step.transform(tune.features)):
        components = principal_components(
            rows, "tabular", settings["kmer"], settings["components"], seed
        )
        found.append(predict_category(components.scores, tune.examples["batch"], groups, 0, seed))
    if None in found:
        return
    without, corrected = (one.balanced_accuracy for one in found)
    head = {"measure": TOLD, "batch": "all", "n": len(tune), "chance": found[0].chance}
    yield {**head, "without": without, "corrected": corrected}


def _on_new_batches(part: Partition, seed: int) -> Iterator[dict]:
    """Scores on batches that neither the correction nor the model has seen."""
    if part.dataset.has_several_labels:
        return  # Its measures are of one label.
    rng, batches = np.random.default_rng(seed), part.examples["batch"]
    n_found, classes = 0, part.dataset.classes
    for batch in batches.value_counts().index:
        if n_found == MAX_BATCHES:
            return
        is_new = (batches == batch).to_numpy()
        known, new = (_drawn(part, rows, rng) for rows in (~is_new, is_new))
        if not _can_be_scored(known, new):
            continue
        n_found += 1
        (step,) = batch_steps(known, known.features)
        yield {
            "measure": NEW[part.dataset.is_classification],
            "batch": batch,
            "n": len(new),
            "chance": 1 / len(classes) if classes else 0.0,
            "without": _score(known, new, known.features, new.features),
            "corrected": _score(
                known, new, step.transform(known.features), step.transform(new.features)
            ),
        }


def _drawn(part: Partition, chosen: np.ndarray, rng: np.random.Generator) -> Partition:
    return part.subset(np.sort(rng.permutation(np.flatnonzero(chosen))[:MAX_ROWS]))


def _can_be_scored(known: Partition, new: Partition) -> bool:
    """Whether batches are left to correct by, and labels on both sides."""
    if known.examples["batch"].nunique() < 2 or len(new) < MIN_OF_A_CLASS:
        return False
    if not known.dataset.is_classification:
        return all(np.ptp(part.labels) > 0 for part in (known, new))
    n_classes = len(known.dataset.classes)
    counts = [np.bincount(part.labels, minlength=n_classes).min() for part in (known, new)]
    return counts[0] >= MIN_OF_A_CLASS and counts[1] > 0


def _score(known: Partition, new: Partition, rows: np.ndarray, others: np.ndarray) -> float:
    """Balanced accuracy, or correlation, of a ridge regression on `others`."""
    steps = MedianImputer(), StandardScaler()
    if known.dataset.is_classification:
        model = make_pipeline(*steps, RidgeClassifier(PENALTY, class_weight="balanced"))
        predicted = model.fit(rows, known.labels).predict(others)
        return float(balanced_accuracy_score(new.labels, predicted))
    predicted = make_pipeline(*steps, Ridge(PENALTY)).fit(rows, known.labels).predict(others)
    if np.ptp(predicted) == 0:
        return 0.0
    return float(np.corrcoef(new.labels, predicted)[0, 1])


def sentence(table: pd.DataFrame) -> str:
    """What correction does, in words; empty where it is not known."""
    told = table[table["measure"] == TOLD]
    new = table[table["measure"] != TOLD]
    words = [
        f"Learnt from train, batch correction takes the balanced accuracy with which the batch of "
        f"tune is predicted from {row.without:.2f} to {row.corrected:.2f} (by chance "
        f"{row.chance:.2f})."
        for row in told.itertuples()
    ]
    if len(new):
        of = f"mean of {len(new)} batches" if len(new) > 1 else "of one batch"
        words.append(
            f"The {new['measure'].iloc[0]} is {new['without'].mean():.2f} without it and "
            f"{new['corrected'].mean():.2f} with it ({of}; a linear model)."
        )
    return " ".join(words)


def warnings_of(table: pd.DataFrame) -> list[str]:
    """A warning where correction costs more than it brings."""
    new = table[table["measure"] != TOLD]
    lost = (new["without"] - new["corrected"]).mean() if len(new) else 0
    if lost <= 0:
        return []
    return [
        f"Batch correction lowers the {new['measure'].iloc[0]} by {lost:.2f} in a linear model: "
        "without `data: batch_correction` new batches are predicted better."
    ]
