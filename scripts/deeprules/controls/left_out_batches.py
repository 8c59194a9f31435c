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
from deeprules.controls.scorable_batches import batch_notes
from deeprules.data import Partition
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed

TUNE_SHARE = 0.2
"""Share of what is not held out that stops the training of a network."""

DRAW = 5
"""What numbers the seeds of this control."""
COLUMNS = ["model", "kind", "batch", "split", "train", "held_out", "metric", "score", "lower"]
COLUMNS += ["upper", "note"]


def leave_batches_out(
    chosen: ChosenModel, part: Partition, most: int, seed: int, replicates: int
) -> pd.DataFrame:
    """Fit a model on all but one batch, for each of the `most` largest that can be left out.

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
    notes = batch_notes(batches, part.labels, part.dataset)
    wanted = [batch for batch, note in notes.items() if not note][:most]
    rows = []
    for number, (batch, note) in enumerate(notes.items()):
        head = {**chosen.facts, "batch": batch}
        held = np.flatnonzero(batches == batch)
        if note:
            rows.append({**head, "held_out": len(held), "note": note})
        if batch not in wanted:
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
