"""Scores on tune of one model refitted on growing shares of train: its sample efficiency."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.data import Development, Partition
from deeprules.files import read_table, write_table
from deeprules.fit.chosen_model import ChosenModel
from deeprules.fit.fitting import prediction_table
from deeprules.seeds import derived_seed
from deeprules.split.sharing import label_strata
from deeprules.statistics.metrics import scores

log = logging.getLogger("deeprules")

MIN_OF_A_CLASS = 5
"""Examples that each class (or a regression as a whole) has in the smallest share, if train has."""

DRAW = 1
"""What numbers the seeds of the shares, beside those of the fits."""


@dataclass(frozen=True)
class Share:
    """A part of train.

    Attributes
    ----------
    share : the share that was asked for
    rows : row numbers of its examples, ascending
    is_raised : whether it holds more than was asked for, so that no class is left out
    """

    share: float
    rows: np.ndarray
    is_raised: bool


@dataclass(frozen=True)
class Plan:
    """What is measured: shares of train in 0..1, and the number of seeds for each."""

    shares: Sequence[float]
    seeds: int


def nested_shares(train: Partition, shares: Sequence[float], seed: int) -> list[Share]:
    """Random shares of train, each contained in the next larger one.

    Groups stay whole. Units (groups, or else examples) are shuffled within their class or
    quantile bin, groups by the class that they hold most of, and taken from all classes in step.
    A share that would hold fewer than `MIN_OF_A_CLASS` examples of a class is raised to the
    smallest that does not; shares that are then equal are given once.
    """
    labels = pd.Series(train.labels)
    strata = label_strata(labels, train.dataset.is_classification, smallest_share=1.0)
    column = train.examples["group"] if train.dataset.has_group else np.arange(len(train))
    unit_of = pd.factorize(np.asarray(column))[0]
    place = _unit_places(unit_of, strata, np.random.default_rng(seed))[unit_of]
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place))
    classes = labels if train.dataset.is_classification else np.zeros(len(labels))
    least = _least_units(np.asarray(classes)[order], place[order])
    found = []
    for share in sorted(shares):
        wanted = int(np.abs(ends - share * len(train)).argmin())
        rows = np.sort(order[: ends[max(wanted, least)]])
        if not found or len(rows) > len(found[-1].rows):
            found.append(Share(share, rows, least > wanted))
    return found


def _unit_places(unit_of, strata, generator) -> np.ndarray:
    """Place (U,) of each unit in an order whose every beginning is stratified."""
    counts = np.zeros((unit_of.max() + 1, strata.max() + 1), dtype=np.int64)
    np.add.at(counts, (unit_of, strata), 1)
    stratum = (counts / counts.sum(axis=0)).argmax(axis=1)
    units = pd.DataFrame({"stratum": stratum, "size": counts.sum(axis=1)})
    shuffled = units.iloc[generator.permutation(len(units))]
    by_stratum = shuffled.groupby("stratum")["size"]
    reached = (by_stratum.cumsum() - shuffled["size"] / 2) / by_stratum.transform("sum")
    places = np.empty(len(units), dtype=np.int64)
    places[reached.sort_values(kind="stable").index] = np.arange(len(units))
    return places


def _least_units(classes: np.ndarray, place: np.ndarray) -> int:
    """The first place at which every class has enough examples; both arrays in that order."""
    found = []
    for name in np.unique(classes):
        rows = np.flatnonzero(classes == name)
        found.append(place[rows[min(MIN_OF_A_CLASS, len(rows)) - 1]])
    return int(max(found))


def measure_learning_curve(
    chosen: ChosenModel,
    train: Partition,
    tune: Partition,
    plan: Plan,
    seed: int,
    folder: Path,
    final: Sequence[str | Path] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit a model on every share under every seed.

    Each fit's predictions are kept in `folder` as soon as they are made; a measurement that was
    stopped goes on from there.

    Parameters
    ----------
    seed : seed of the run
    final : predictions of the final fits under seeds 1, 2, ..., which are the fits on all of train

    Returns
    -------
    Scores on tune (model, kind, share, n, raised, seed, metric, score) and the predictions behind
    them (share, n, raised, seed, id, label, predictions).

    Raises
    ------
    InputError
        If a fit gives no usable model.
    """
    tables = []
    for k in range(1, plan.seeds + 1):
        for share in nested_shares(train, plan.shares, derived_seed(seed, k, DRAW)):
            path = folder / f"share{share.share:g}_seed{k}.parquet"
            if not path.exists() or not path.stat().st_size:
                if len(share.rows) == len(train) and k <= len(final):
                    table = _tune_predictions(final[k - 1])
                else:
                    table = _predict(chosen, train, tune, share, derived_seed(seed, k))
                write_table(path, _labelled(table, share, k))
            tables.append(read_table(path))
            log.info("share %g, seed %d: %d examples", share.share, k, len(share.rows))
    return _scores(chosen.facts, tables, tune), pd.concat(tables, ignore_index=True)


def _predict(chosen, train, tune, share, seed):
    """Table of the predictions on tune of one fit on one share."""
    what = f"share {share.share:g} of train ({len(share.rows)} examples)"
    remedy = "leave the share out of `learning_curve: shares`"
    some = Development(train.subset(share.rows), tune)
    model = chosen.refit(some, seed, what, remedy)
    return prediction_table(tune, model.predict(tune.features, tune.examples))


def _tune_predictions(path) -> pd.DataFrame:
    """Predictions of a final fit on tune, as `prediction_table` makes them."""
    table = read_table(path)
    return table[table["partition"] == "tune"].drop(columns="partition").reset_index(drop=True)


def _labelled(predictions: pd.DataFrame, share: Share, k: int) -> pd.DataFrame:
    """Predictions of one fit, with what tells fits apart in front."""
    facts = {"share": share.share, "n": len(share.rows), "raised": share.is_raised, "seed": k}
    for place, (name, value) in enumerate(facts.items()):
        predictions.insert(place, name, value)
    return predictions


def _scores(head: dict, tables: list[pd.DataFrame], tune: Partition) -> pd.DataFrame:
    """One row a fit and metric."""
    rows = []
    for table in tables:
        fit_facts = table.iloc[0][["share", "n", "raised", "seed"]].to_dict()
        values = scores(tune.dataset.task, tune.labels, prediction_values(table, tune))
        for metric, score in values.items():
            rows.append({**head, **fit_facts, "metric": metric, "score": score})
    return pd.DataFrame(rows)


def prediction_values(table: pd.DataFrame, part: Partition) -> np.ndarray:
    """Predictions (N, C) or (N,) of one fit from their table."""
    if not part.dataset.is_classification:
        return table["prediction"].to_numpy()
    return table[[f"p_{name}" for name in part.dataset.classes]].to_numpy()


def curve_fingerprint(
    chosen: ChosenModel, code: str, seed: int, train: Partition, tune: Partition
) -> str:
    """Name of a measurement: another one as soon as model, code, seed or data differ.

    `code` stands for the library and the backend; a pretrained model or a user's tool is part of
    the data. Shares and seeds may be added to a measurement, and threads and memory may change.
    """
    best = chosen.best
    terms = [best["module"], best["kind"], sorted(best["hyperparameters"].items()), code, seed]
    terms += [replace(chosen.budget, threads=0, in_memory_mb=0)]
    terms += [chosen.candidate.identity]
    digest = hashlib.sha256(repr(terms).encode())
    for part in (train, tune):
        grouping = ["group"] if part.dataset.has_group else []
        known = part.examples[["content_hash", "label", *grouping, *part.dataset.metadata]]
        digest.update(pd.util.hash_pandas_object(known, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]
