"""The leakage ladder of one model: refitted on every rung, scored on what the rung holds out."""

import numpy as np
import pandas as pd

from deeprules.controls.development import score_rows, scored
from deeprules.data import Development, Partition
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed

BINS = {"below 50%": 0.5, "50 to 70%": 0.7, "70 to 90%": 0.9, "90 to 100%": np.inf}
"""Bins of identity to the nearest training example, by what each ends below."""
NO_HIT = "none found"

FIT = 4
"""What numbers the seed of the fits: that of every rung is the same."""
SCORE_COLUMNS = ["model", "kind", "rung", "train", "held_out", "metric", "score", "lower", "upper"]
IDENTITY_COLUMNS = ["model", "kind", "identity", "n", "metric", "score", "lower", "upper"]


def climb_ladder(
    chosen: ChosenModel,
    part: Partition,
    splits: pd.DataFrame,
    nearest: pd.DataFrame,
    seed: int,
    replicates: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit a model on each rung, once.

    Parameters
    ----------
    part : the development data
    splits : rung, id, partition (see `deeprules.controls.rungs.draw_rungs`)
    nearest : id and identity to train of the held-out examples of the random rung; may be empty
    replicates : bootstrap replicates of the intervals

    Returns
    -------
    Scores on the held-out part of each rung (`SCORE_COLUMNS`), and those of the random rung by
    identity to the nearest training example (`IDENTITY_COLUMNS`).

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    rows, by_identity = [], []
    for rung, split in splits.groupby("rung", sort=False):
        partition = part.examples["id"].map(split.set_index("id")["partition"]).to_numpy()
        train, tune, held = (
            part.subset(np.flatnonzero(partition == name)) for name in ("train", "tune", "held_out")
        )
        predictions = predict_held_out(chosen, train, tune, held, derived_seed(seed, FIT), rung)
        scores = scored(held, predictions, replicates, seed)
        sizes = {"rung": rung, "train": len(train), "held_out": len(held)}
        rows += score_rows(chosen.facts | sizes, scores)
        if rung == "random" and len(nearest):
            identity = held.examples["id"].map(nearest.set_index("id")["identity"]).to_numpy()
            by_identity = _by_identity(chosen.facts, held, predictions, identity, replicates, seed)
    return (
        pd.DataFrame(rows, columns=SCORE_COLUMNS),
        pd.DataFrame(by_identity, columns=IDENTITY_COLUMNS),
    )


def predict_held_out(
    chosen: ChosenModel,
    train: Partition,
    tune: Partition,
    held: Partition,
    seed: int,
    what: str,
) -> np.ndarray:
    """Predictions (N, C) or (N,) for `held` of the model, fitted anew; `what` names the split.

    Raises
    ------
    InputError
        If the fit gives no usable model.
    """
    split = f"the split `{what}` of the development data"
    remedy = "leave the control out (`controls: ladder`, `left_out_batches`)"
    model = chosen.refit(Development(train, tune), seed, split, remedy)
    return model.predict(held.features, held.examples)


def identity_bin(identity: np.ndarray) -> np.ndarray:
    """Name of the bin (N,) of each identity (0..1; NaN where nothing similar was found)."""
    names = np.array([*BINS, NO_HIT], dtype=object)
    place = np.digitize(identity, list(BINS.values())[:-1])
    return names[np.where(np.isnan(identity), len(BINS), place)]


def _by_identity(head, held, predictions, identity, replicates, seed) -> list[dict]:
    """Scores in every bin; NaN where a bin lacks a class or holds nothing."""
    bins, rows = identity_bin(identity), []
    for name in (*BINS, NO_HIT):
        inside = np.flatnonzero(bins == name)
        facts = {**head, "identity": name, "n": len(inside)}
        if not len(inside):
            continue
        found = scored(held.subset(inside), predictions[inside], replicates, seed)
        rows += score_rows(facts, found)
    return rows
