"""What batch correction does: how well the batch is still told, where nothing was learnt from."""

from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd

from deeprules.data import Partition
from deeprules.explore.batch_effects import predict_category
from deeprules.explore.principal_components import principal_components
from deeprules.fit.batch_directions import batch_steps

BEFORE, AFTER = "batch in tune", "batch in tune, corrected"


def corrected_predictions(
    train: Partition, tune: Partition, settings: Mapping, seed: int
) -> list[dict]:
    """How well the batch of tune is predicted before and after a correction learnt from train.

    One row each, as in the table of batch predictions; none where the data are not corrected, or
    tune has too few of two batches to tell.
    """
    found = []
    for step in batch_steps(train, train.features):
        for target, rows in ((BEFORE, tune.features), (AFTER, step.transform(tune.features))):
            scores = principal_components(
                rows, "tabular", settings["kmer"], settings["components"], seed
            ).scores
            groups = tune.examples["group"] if tune.dataset.has_group else None
            prediction = predict_category(
                scores, tune.examples["batch"], groups, settings["permutations"], seed
            )
            found += [{"target": target, **asdict(prediction)}] if prediction else []
    return found


def sentence(rows: list[dict]) -> str:
    """What correction does, in words; empty where it is not known."""
    told = {row["target"]: row["balanced_accuracy"] for row in rows}
    if not {BEFORE, AFTER} <= told.keys():
        return ""
    return (
        f"Learnt from train, batch correction takes the balanced accuracy with which the batch of "
        f"tune is predicted from {told[BEFORE]:.2f} to {told[AFTER]:.2f} (by chance "
        f"{rows[0]['chance']:.2f})."
    )


def as_table(rows: list[dict], of_all: pd.DataFrame) -> pd.DataFrame:
    """The table of batch predictions with these rows."""
    return pd.concat([of_all, pd.DataFrame(rows, columns=of_all.columns)]) if rows else of_all
