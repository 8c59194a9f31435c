"""What a control is given and what it may use; `deeprules.controls` says what it has to be."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from deeprules.data import Development, Partition
from deeprules.files import file_sha256, read_table, write_table
from deeprules.fit.chosen_model import ChosenModel
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.intervals import Interval
from deeprules.statistics.metrics import metrics_of

FIXED_TIME = 0.3
"""Share of a fit's time that is taken to stay however few examples it gets.

That of gradient boosting on 13,000 genes; where a fit's time grows with the examples, controls
cost less than expected.
"""
OF_A_CONTROL = ("fit_scores", "splits", "nearest", "split_facts")
"""Files of a job that tell what a control is made from besides data and model, by name."""


@dataclass(frozen=True)
class Terms:
    """What a control is made with, besides a model and the development data.

    Attributes
    ----------
    settings : its value under `controls` of the configuration: a number, true or a mapping
    seed : seed of the run
    objective : metric on tune that chose the models
    replicates : bootstrap replicates of its intervals
    repeats : how often it is to be repeated for a model
    files : further files of the job, by name; several stand in a list
    frozen : content of `frozen.json`, for a summary and a cost
    minimum_gain : smallest gain worth a network, for a summary
    folder : where fits of an unfinished job may be kept
    code : what stands for the code and the arithmetic behind a fit
    """

    settings: object
    seed: int
    objective: str
    replicates: int
    repeats: int = 1
    files: Mapping = field(default_factory=dict)
    frozen: Mapping = field(default_factory=dict)
    minimum_gain: float | Mapping[str, float] = 0.0
    folder: Path = Path()
    code: str = ""


@dataclass(frozen=True)
class Cost:
    """How often a model repeats a control, and the whole fits that one repeat takes."""

    repeats: int
    fits: float


def find_control(name: str) -> ModuleType:
    """The module of a control, by name."""
    return importlib.import_module(f"deeprules.controls.{name}")


def make_control(
    name: str, chosen: ChosenModel, development: Development, terms: Terms
) -> pd.DataFrame:
    """The table of one control of one model, made or, where it has been, read.

    It is kept in `terms.folder`: a job that was stopped goes on with the next control, and one that
    is asked for another control makes that one alone.
    """
    asked = [terms.settings, terms.repeats, terms.seed, terms.objective, terms.replicates]
    for files in (terms.files.get(key, []) for key in OF_A_CONTROL):
        paths = [files] if isinstance(files, str) else files
        asked += [file_sha256(path) for path in paths]
    code = f"{terms.code} {asked}"
    path = terms.folder / f"{chosen.fingerprint(code, development)}.parquet"
    if not path.exists() or not path.stat().st_size:
        write_table(path, find_control(name).run(chosen, development, terms))
    return read_table(path)


def read_tables(folders: Sequence[str | Path], name: str) -> pd.DataFrame:
    """What a control found of all its models, from the folders that the jobs of models wrote."""
    paths = [Path(folder) / f"{name}.parquet" for folder in folders]
    return pd.concat([read_table(path) for path in paths if path.exists()], ignore_index=True)


def whole_fits(shares: Sequence[float]) -> float:
    """Fits on all of train that take as long as one fit on each of these shares of it."""
    return sum(FIXED_TIME + (1 - FIXED_TIME) * share for share in shares)


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
    remedy = "leave the control out (under `controls`)"
    model = chosen.refit(Development(train, tune), seed, split, remedy)
    return model.predict(held.features, held.examples)


def scored(
    part: Partition, predictions: np.ndarray, replicates: int, seed: int
) -> dict[str, Interval]:
    """Every metric of one fit on held-out examples, with its bootstrap interval.

    Groups are resampled whole where they are declared.
    """
    resampling = choose_resampling(part.dataset.task, part.labels, part.groups)
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


def sentences(found: object) -> Iterator[str]:
    """What a summary says in words: every `sentence` of its mappings, however deep."""
    if isinstance(found, Mapping):
        yield from [found["sentence"]] if "sentence" in found else []
        found = found.values()
    elif not isinstance(found, list):
        return
    for one in found:
        yield from sentences(one)
