"""Whether the data and the budget are fit for a network, said before any search."""

import math

import pandas as pd

from deeprules.data import Dataset, label_column
from deeprules.wording import format_duration

MIN_IN_A_CLASS = 100
"""Examples a class below which a deep network is seldom worth trying (Cho et al. 2015)."""
RARE = 0.1
"""Share of the rarest class below which the data are called imbalanced."""
LONG_HOURS = 24
SHOWN = 10
"""Labels named in a sentence."""


def suitability(
    dataset: Dataset, train: pd.DataFrame, budget: dict, networks: dict[str, dict]
) -> dict:
    """Checks of the training data, and the cost of each network's search and fits.

    Parameters
    ----------
    train : examples of the training partition
    budget : {"trials", "max_epochs", "seeds"}
    networks : {model: result of `overfit_one_batch`}

    Returns
    -------
    {"checks": [{"status": `pass` or `warn`, "sentence"}], "one_batch": one such entry for each
    network, "n_train", "hours": {model: at most}}
    """
    # A network of several labels may see as many examples as one for each, see `fit.fitting.fit`.
    n_seen = int(train[dataset.label_columns[1:] or ["label"]].count().sum())
    hours = {
        model: training_hours(result["seconds_per_step"], result["examples"], n_seen, budget)
        for model, result in networks.items()
    }
    checks = [
        *_label_checks(dataset, train),
        *_width_checks(dataset, len(train)),
        *_cost_checks(hours, budget),
    ]
    learnt = [
        _check(
            True,
            f"`{model}` learnt one batch of {result['examples']} examples by heart in "
            f"{result['steps']} steps.",
        )
        for model, result in networks.items()
    ]
    return {"checks": checks, "one_batch": learnt, "n_train": len(train), "hours": hours}


def training_hours(seconds_per_step: float, examples: int, n_train: int, budget: dict) -> float:
    """Hours of a network's search and final fits on this machine, without early stopping.

    In batches of as many examples as the one that a step was timed with; in larger ones an example
    takes no longer.
    """
    steps = math.ceil(n_train / examples)
    epochs = (budget["trials"] + budget["seeds"]) * budget["max_epochs"]
    return seconds_per_step * steps * epochs / 3600


def _check(passed, sentence):
    return {"status": "pass" if passed else "warn", "sentence": sentence}


def _label_checks(dataset, train):
    """Checks of classes, of values, or of each of several labels."""
    if not dataset.has_several_labels:
        return _class_checks(train["label"]) if dataset.is_classification else _value_checks(train)
    kinds = {True: [], False: []}
    for name, is_class in zip(dataset.labels, dataset.are_classes, strict=True):
        kinds[bool(is_class)].append(name)
    return [*_presence_checks(kinds[True], train), *_known_checks(kinds[False], train)]


def _known_checks(names, train):
    """Checks of labels that are values."""
    known = [(int(train[label_column(name)].count()), name) for name in names]
    said = "{} training examples with a value of {}, the label known of fewest."
    return [_check(n >= 2 * MIN_IN_A_CLASS, said.format(n, name)) for n, name in sorted(known)[:1]]


def _presence_checks(names, train):
    """Checks of labels that are there or not."""
    if not names:
        return []
    both = {
        name: min(int((train[label_column(name)] == value).sum()) for value in (0, 1))
        for name in names
    }
    few = [f"{name} ({n})" for name, n in both.items() if n < MIN_IN_A_CLASS]
    more = f" and {len(few) - SHOWN} more" if len(few) > SHOWN else ""
    return [
        _check(
            not few,
            f"Labels with fewer than {MIN_IN_A_CLASS} training examples with or without them: "
            f"{', '.join(few[:SHOWN])}{more}. Expect the baselines to do as well there."
            if few
            else f"Each of {len(both)} labels has at least {MIN_IN_A_CLASS} training examples with "
            "and as many without it.",
        )
    ]


def _class_checks(labels):
    counts = labels.value_counts()
    small = ", ".join(f"{name} ({n})" for name, n in counts.items() if n < MIN_IN_A_CLASS)
    share = counts.min() / counts.sum()
    return [
        _check(
            not small,
            f"Classes with fewer than {MIN_IN_A_CLASS} training examples: {small}. Expect the "
            "baselines to do as well."
            if small
            else f"Every class has at least {MIN_IN_A_CLASS} training examples.",
        ),
        _check(
            share >= RARE,
            f"The rarest class, {counts.idxmin()}, has {share:.1%} of the training examples; "
            "classes are weighted to equal shares in the loss.",
        ),
    ]


def _value_checks(train):
    n = len(train)
    return [_check(n >= 2 * MIN_IN_A_CLASS, f"{n} training examples with a value to predict.")]


def _width_checks(dataset, n_train):
    if dataset.modality != "tabular":
        return []
    wide = dataset.n_features > n_train
    return [
        _check(
            not wide,
            f"{dataset.n_features:,} features for {n_train:,} training examples"
            + (": a network can fit noise. Consider fewer, chosen features." if wide else "."),
        )
    ]


def _cost_checks(hours, budget):
    return [
        _check(
            value <= LONG_HOURS,
            f"`{model}`, with its default hyperparameters: at most "
            f"{format_duration(3600 * value)} of training for {budget['trials']} trials and "
            f"{budget['seeds']} final fits of {budget['max_epochs']} epochs on this machine, from "
            "a timed batch; early stopping makes it less.",
        )
        for model, value in hours.items()
    ]
