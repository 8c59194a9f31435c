"""Leave one batch out: what a model scores on a batch that it has never seen.

Beside it stands a random split of the same sizes, with as many examples of each class held out,
so that the two differ in the batch alone. Source: Soneson, Gerster and Delorenzi 2014, PLoS One
9:e100335.
"""

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from deeprules.controls.development import score_rows, scored
from deeprules.controls.ladder import predict_held_out
from deeprules.data import Partition
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed

TUNE_SHARE = 0.2
"""Share of what is not held out that stops the training of a network."""

LEAST_OF_A_CLASS = 5
"""Examples of each class without which the batches that are left cannot be trained on."""

LEAST_HELD_OUT = 2
"""Examples below which a batch has no score."""

DRAW = 5
"""What numbers the seeds of this control."""
COLUMNS = ["model", "kind", "batch", "split", "train", "held_out", "metric", "score", "lower"]
COLUMNS += ["upper", "note"]


def leave_batches_out(
    chosen: ChosenModel, part: Partition, most: int, seed: int, replicates: int
) -> pd.DataFrame:
    """Fit a model on all but one batch, for each of the `most` largest batches.

    Parameters
    ----------
    part : the development data, with batches

    Returns
    -------
    A row a batch, split (`batch` or `random`) and metric, see `COLUMNS`. A batch that cannot be
    scored has one row, without a split, whose note says why.

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    batches = part.examples["batch"]
    rows = []
    for number, (batch, _) in enumerate(batches.value_counts().head(most).items()):
        head = {**chosen.facts, "batch": batch}
        held = np.flatnonzero(batches == batch)
        note = _undefined(part, held)
        if note:
            rows.append({**head, "held_out": len(held), "note": note})
            continue
        rng = np.random.default_rng(derived_seed(seed, DRAW, number))
        for split, outside in (("batch", held), ("random", _matched(part, held, rng))):
            rest = np.setdiff1d(np.arange(len(part)), outside)
            train, tune = _inner(part, rest, derived_seed(seed, DRAW, number, 1))
            out = part.subset(outside)
            fit_seed = derived_seed(seed, DRAW, number, 2)
            what = f"batch {batch} left out" if split == "batch" else "random"
            predictions = predict_held_out(chosen, train, tune, out, fit_seed, what)
            facts = {**head, "split": split, "train": len(train), "held_out": len(out), "note": ""}
            rows += score_rows(facts, scored(out, predictions, replicates, seed))
    return pd.DataFrame(rows, columns=COLUMNS)


def _undefined(part: Partition, held: np.ndarray) -> str:
    """Why a batch cannot be scored; empty if it can."""
    if not part.dataset.is_classification:
        few = len(held) < LEAST_HELD_OUT or np.ptp(part.labels[held]) == 0
        if few or len(part) - len(held) < LEAST_OF_A_CLASS:
            return "Undefined: too few different values in the batch or outside it."
        return ""
    n_classes = len(part.dataset.classes)
    inside = np.bincount(part.labels[held], minlength=n_classes)
    outside = np.bincount(part.labels, minlength=n_classes) - inside
    missing = [name for name, n in zip(part.dataset.classes, inside, strict=True) if not n]
    if missing:
        return f"Undefined: the batch has no example of {', '.join(missing)}."
    few = [
        name for name, n in zip(part.dataset.classes, outside, strict=True) if n < LEAST_OF_A_CLASS
    ]
    if few:
        return f"Undefined: the other batches have too few examples of {', '.join(few)}."
    return ""


def _matched(part: Partition, held: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many rows of each class at random as are held out, ascending; of values, as many rows."""
    if not part.dataset.is_classification:
        return np.sort(rng.choice(len(part), len(held), replace=False))
    chosen = [
        rng.choice(np.flatnonzero(part.labels == label), n, replace=False)
        for label, n in enumerate(np.bincount(part.labels[held]))
    ]
    return np.sort(np.concatenate(chosen))


def _inner(part: Partition, rows: np.ndarray, seed: int) -> tuple[Partition, Partition]:
    """Train and tune among the rows that are not held out."""
    strata = part.labels[rows] if part.dataset.is_classification else None
    train, tune = train_test_split(rows, test_size=TUNE_SHARE, stratify=strata, random_state=seed)
    return part.subset(np.sort(train)), part.subset(np.sort(tune))
