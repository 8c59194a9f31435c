"""Leave one batch out: what a model scores on a batch that it has never seen.

Beside it stands a random split of the same sizes, with as many examples of each class held out,
so that the two differ in the batch alone. Source: Soneson, Gerster and Delorenzi 2014, PLoS One
9:e100335.
"""

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.model_selection import train_test_split

from deeprules.control import Cost, Terms, predict_held_out, score_rows, scored
from deeprules.data import Dataset, Development, Partition
from deeprules.files import finite_or_none
from deeprules.fit.chosen_model import ChosenModel
from deeprules.seeds import derived_seed
from deeprules.statistics.drops import score_drop
from deeprules.statistics.intervals import LEVEL
from deeprules.statistics.metrics import LOWER_IS_BETTER, METRIC_LABELS
from deeprules.wording import format_bounds

REPEATED = "batches left out"
NEEDS = ("batch",)

MIN_OF_A_CLASS = 5
"""Examples of each class without which the batches that are left cannot be trained on."""

MIN_HELD_OUT = 2
"""Examples below which a batch has no score."""

TUNE_SHARE = 0.2
"""Share of what is not held out that stops the training of a network."""

DRAW = 5
"""What numbers the seeds of this control."""
COLUMNS = ["model", "kind", "batch", "split", "train", "held_out", "metric", "score", "lower"]
COLUMNS += ["upper", "note"]


def run(chosen: ChosenModel, development: Development, terms: Terms) -> pd.DataFrame:
    """Fit a model on all but one batch, for each of the `terms.repeats` largest that allow it.

    Returns
    -------
    A row a batch, split (`batch` or `random`) and metric, see `COLUMNS`. A batch that cannot be
    scored has one row, without a split, whose note says why.

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    part = development.joined()
    batches = part.examples["batch"]
    notes = batch_notes(batches, part.labels, part.dataset)
    wanted = [batch for batch, note in notes.items() if not note][: terms.repeats]
    rows = []
    for number, (batch, note) in enumerate(notes.items()):
        head = {**chosen.facts, "batch": batch}
        held = np.flatnonzero(batches == batch)
        if note:
            rows.append({**head, "held_out": len(held), "note": note})
        if batch not in wanted:
            continue
        rng = np.random.default_rng(derived_seed(terms.seed, DRAW, number))
        for split, outside in (("batch", held), ("random", _matched(part, held, rng))):
            rest = np.setdiff1d(np.arange(len(part)), outside)
            train, tune = _inner(part, rest, derived_seed(terms.seed, DRAW, number, 1))
            out = part.subset(outside)
            fit_seed = derived_seed(terms.seed, DRAW, number, 2)
            what = f"batch {batch} left out" if split == "batch" else "random"
            predictions = predict_held_out(chosen, train, tune, out, fit_seed, what)
            facts = {**head, "split": split, "train": len(train), "held_out": len(out), "note": ""}
            rows += score_rows(facts, scored(out, predictions, terms.replicates, terms.seed))
    return pd.DataFrame(rows, columns=COLUMNS)


def batch_notes(batches: pd.Series, labels: np.ndarray, dataset: Dataset) -> dict[str, str]:
    """Why each batch cannot be left out, the largest batch first; empty where it can.

    Parameters
    ----------
    batches, labels : of all examples (N,), see `deeprules.data.Partition.labels`
    """
    labels = np.asarray(labels)
    return {
        batch: _undefined(labels, np.asarray(batches == batch), dataset)
        for batch in batches.value_counts().index
    }


def _undefined(labels: np.ndarray, is_held: np.ndarray, dataset: Dataset) -> str:
    """Why one batch cannot be scored; empty if it can."""
    if dataset.has_several_labels:
        return _unknown(labels, is_held, dataset)
    if not dataset.is_classification:
        few = is_held.sum() < MIN_HELD_OUT or np.ptp(labels[is_held]) == 0
        if few or (~is_held).sum() < MIN_OF_A_CLASS:
            return "Undefined: too few different values in the batch or outside it."
        return ""
    n_classes = len(dataset.classes)
    inside, outside = (
        np.bincount(labels[rows], minlength=n_classes) for rows in (is_held, ~is_held)
    )
    missing = [name for name, n in zip(dataset.classes, inside, strict=True) if not n]
    if missing:
        return f"Undefined: the batch has no example of {', '.join(missing)}."
    few = [name for name, n in zip(dataset.classes, outside, strict=True) if n < MIN_OF_A_CLASS]
    if few:
        return f"Undefined: the other batches have too few examples of {', '.join(few)}."
    return ""


def _unknown(labels: np.ndarray, is_held: np.ndarray, dataset: Dataset) -> str:
    """Why one batch cannot be scored, of several labels; empty if it can."""
    for rows, of_values, where in (
        (is_held, MIN_HELD_OUT, "the batch has"),
        (~is_held, MIN_OF_A_CLASS, "the other batches have"),
    ):
        of_classes = 1 if rows is is_held else MIN_OF_A_CLASS
        both = np.minimum((labels[rows] == 0).sum(axis=0), (labels[rows] == 1).sum(axis=0))
        known = np.isfinite(labels[rows]).sum(axis=0)
        few = np.where(dataset.are_classes, both < of_classes, known < of_values)
        if few.any():
            kinds = {
                "with and without": dataset.are_classes,
                "with a value of": ~dataset.are_classes,
            }
            said = [
                f"{what} {', '.join(np.array(dataset.labels)[few & kind])}"
                for what, kind in kinds.items()
                if (few & kind).any()
            ]
            return f"Undefined: {where} too few examples {', '.join(said)}."
    return ""


def _matched(part: Partition, held: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many rows of each class at random as are held out, ascending; or just as many rows."""
    if not part.dataset.classes:
        return np.sort(rng.choice(len(part), len(held), replace=False))
    chosen = [
        rng.choice(np.flatnonzero(part.labels == label), n, replace=False)
        for label, n in enumerate(np.bincount(part.labels[held]))
    ]
    return np.sort(np.concatenate(chosen))


def _inner(part: Partition, rows: np.ndarray, seed: int) -> tuple[Partition, Partition]:
    """Train and tune among the rows that are not held out."""
    strata = part.labels[rows] if part.dataset.classes else None
    train, tune = train_test_split(rows, test_size=TUNE_SHARE, stratify=strata, random_state=seed)
    return part.subset(np.sort(train)), part.subset(np.sort(tune))


def summarise(
    table: pd.DataFrame, development: Development, terms: Terms
) -> tuple[pd.DataFrame, dict]:
    """The mean drop of each model from random splits to batches left out.

    Returns
    -------
    The table, and `models`: model, kind, batches (those scored), undefined (names of the others),
    by_batch ({batch: drop}), drop (mean over batches; None if no batch was scored), lower and upper
    (Student's t interval over batches, of a single batch that of its examples, see `score_drop`;
    None where it is undefined), sentence.
    """
    models = []
    for (model, kind), rows in table.groupby(["model", "kind"], sort=False):
        found = _drops(rows[rows["metric"] == terms.objective], terms.objective)
        drops = {batch: drop for batch, (drop, *_) in found.items()}
        names = list(dict.fromkeys(rows["batch"]))
        entry = {
            "model": model,
            "kind": kind,
            "batches": len(drops),
            "undefined": [name for name in names if name not in drops],
            "by_batch": drops,
        }
        mean = _mean(list(found.values()))
        sentence = _sentence({**entry, **mean}, terms.objective)
        mean = {name: finite_or_none(value) for name, value in mean.items()}
        models.append({**entry, **mean, "sentence": sentence})
    return table, {"models": models}


def cost(development: Development, terms: Terms) -> Cost:
    """A fit without the batch and one on its random split; one repeat that says if none can go."""
    batches = pd.concat([part.examples["batch"] for part in development], ignore_index=True)
    labels = np.concatenate([part.labels for part in development])
    notes = batch_notes(batches, labels, development.train.dataset)
    scorable = sum(not note for note in notes.values())
    return Cost(min(terms.settings, max(scorable, 1)), 2 if scorable else 0)


def _drops(rows: pd.DataFrame, objective: str) -> dict[str, tuple[float, float, float]]:
    """How much worse each batch is scored than its random split, where both are defined.

    Each drop comes with the bounds of its interval over the examples that were held out.
    """
    found = {}
    for batch, both in rows.dropna(subset=["score"]).groupby("batch", sort=False):
        scores = both.set_index("split")[["score", "lower", "upper"]].T
        if {"random", "batch"} <= {*scores}:
            drop = score_drop(scores["random"], scores["batch"], objective in LOWER_IS_BETTER)
            found[batch] = tuple(map(float, drop))
    return found


def _mean(drops: list[tuple[float, float, float]]) -> dict[str, float]:
    """Mean with its interval over batches; a single drop with its own; NaN without any."""
    if len(drops) < 2:
        drop, lower, upper = drops[0] if drops else (np.nan, np.nan, np.nan)
        return {"drop": drop, "lower": lower, "upper": upper}
    values = np.array(drops)[:, 0]
    mean = float(values.mean())
    margin = float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values))
    return {"drop": mean, "lower": mean - margin, "upper": mean + margin}


def _sentence(entry: dict, objective: str) -> str:
    """The drop of a model in words."""
    model, n, label = entry["model"], entry["batches"], METRIC_LABELS[objective]
    left = f" {len(entry['undefined'])} batches could not be scored." if entry["undefined"] else ""
    left = left.replace("1 batches", "1 batch")
    if not n:
        return f"`{model}`: no batch could be scored when it was left out."
    over = f"mean of {n} batches" if n > 1 else "a single batch, which says nothing of others"
    drop = format_bounds(entry["drop"], entry["lower"], entry["upper"])
    return (
        f"{drop}: what `{model}` loses in {label} on a batch that it has never seen, "
        f"against a random split of the same sizes ({over}).{left}"
    )
