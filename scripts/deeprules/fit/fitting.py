"""One way to fit a model, network or baseline, used by every trial and every final fit."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import threadpoolctl
from sklearn.model_selection import train_test_split

from deeprules.command.tool import Tool
from deeprules.data import Development, Partition
from deeprules.devices import take_gpus
from deeprules.files import finite_or_none, write_json, write_table
from deeprules.fit.budget import Budget
from deeprules.fit.candidates import Candidate
from deeprules.fit.fitted_files import model_sha256
from deeprules.fit.label_by_label import known_of_each, train_label_by_label
from deeprules.fit.models import FittedBaseline, FittedNetwork
from deeprules.fit.order_only import without_calibration
from deeprules.fit.prediction_tables import prediction_table
from deeprules.fit.representation import refuse_raw_codes
from deeprules.fit.target_scale import TargetScale
from deeprules.statistics.metrics import scores
from deeprules.yaml_files import write_yaml

MAX_LETTERS = 200_000_000
"""Letters of sequences that a baseline is fitted to; the counts of their k-mers take 1.6 GB."""
LEAST_OF_A_CLASS = 3
"""Examples of a class in a share of train, if there are so many: folds within it need them."""
OUT_OF_RESOURCES = {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError", "LinAlgError"}
"""Exceptions, by name, that say that a model cannot be fitted here, not that the code is wrong."""


ALL_THREADS = -1
"""What a baseline writes for `n_jobs`; it becomes the threads of the job."""


class FitFailed(RuntimeError):
    """A fit that gave no usable model: the loss was not finite, or memory ran out."""


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    history : for a network, a row an epoch (epoch, loss, val_loss)
    settings : every setting that the fit used, chosen or default
    """

    model: FittedBaseline | FittedNetwork
    history: pd.DataFrame
    settings: dict

    @property
    def epochs(self) -> int:
        """Epochs of training; 0 for a baseline."""
        return len(self.history)


def limit_threads(kind: str, threads: int) -> None:
    """Limit the threads of this process's fits of a kind; to be called first of all.

    A process that fits networks takes its GPUs here as well.
    """
    if kind == "network":
        from deeprules.arithmetic import set_threads

        take_gpus()
        set_threads(threads)
    else:
        threadpoolctl.threadpool_limits(threads)


def fit(
    candidate: Candidate,
    hp,
    development: Development,
    seed: int,
    budget: Budget,
    share: float = 1.0,
    report_epoch: Callable[[int, dict], None] | None = None,
    order_only: bool = False,
) -> Fit:
    """Build a model with the hyperparameters `hp` and fit it on train.

    The model of a regression is fitted on labels in standard units of train; what it predicts is
    in those of the labels.

    Parameters
    ----------
    development : train, and tune, whose loss stops the training of a network; a baseline does not
        see it
    share : share of the full effort, in 0..1: of the epochs of a network, or of the training
        examples of a baseline (successive halving, Jamieson and Talwalkar 2016)
    order_only : whether only the order of the predictions counts, so that a baseline need not be
        fitted again and again to calibrate them

    Raises
    ------
    FitFailed
        If the loss is not finite or memory runs out.
    """
    train, tune = development
    if candidate.kind != "network":
        train = stratified_share(affordable(candidate, train, seed), share, seed)
    target = target_scale(candidate, train)
    if target != TargetScale():
        train, tune = target.standardised(train), target.standardised(tune)
    try:
        if candidate.kind != "network":
            return _fit_baseline(candidate, hp, train, target, seed, budget.threads, order_only)
        epochs = budget.max_epochs * (1 if candidate.alone else known_of_each(train.labels))
        budget = replace(budget, max_epochs=math.ceil(share * epochs))
        one = replace(candidate, alone=False)

        def train_one(parts, number=None):
            scale = target if number is None else target.of_label(number)
            return _train(one, hp, parts, seed, budget, report_epoch, scale)

        parts = Development(train, tune)
        train_all = partial(train_label_by_label, train_one) if candidate.alone else train_one
        fitted = Fit(*train_all(parts))
    except Exception as error:
        names = {base.__name__ for base in type(error).__mro__}
        if names & OUT_OF_RESOURCES or "RESOURCE_EXHAUSTED" in str(error):
            raise FitFailed(f"{type(error).__name__}: {error}") from error
        raise
    if not np.isfinite(fitted.history["loss"]).all():
        raise FitFailed(f"the loss was not finite in epoch {fitted.epochs}")
    return fitted


def _train(candidate, hp, development, seed, budget, report_epoch, target):
    """Train a network, with differential privacy where it is private."""
    if candidate.private:
        from deeprules.fit.private_training import train_privately

        return train_privately(candidate, hp, development, seed, budget, report_epoch)
    from deeprules.fit.training import train_network

    return train_network(candidate, hp, development, seed, budget, report_epoch, target)


def target_scale(candidate: Candidate, train: Partition) -> TargetScale:
    """The scale on which a model sees its labels: that of train, for a regression.

    A user's own tool gets the labels as they are: its files are for people to read, and it may
    score without having been trained.
    """
    if train.dataset.is_classification or isinstance(candidate.needed, Tool):
        return TargetScale()
    return TargetScale.of(train.labels, train.dataset.are_classes)


def _fit_baseline(candidate, hp, train, target, seed, threads, order_only):
    """Build a baseline, hand it seed and threads wherever it takes them, and fit it.

    It predicts on one thread: threads that finish in another order add the trees of a forest in
    another order, and the last bits of the sum differ.
    """
    estimator, inputs = candidate.build(hp, train), candidate.inputs(train)
    if order_only:
        estimator = without_calibration(estimator)
    parallel = []
    for name, value in estimator.get_params().items():
        if name.endswith("random_state"):
            estimator.set_params(**{name: seed})
        elif name.endswith("n_jobs") and value == ALL_THREADS:
            estimator.set_params(**{name: threads})
            parallel.append(name)
    if "features" in inputs.names and train.dataset.modality == "sequence":
        refuse_raw_codes(estimator, candidate.source or candidate.name)
    estimator.fit(inputs.read(train.features, train.examples), train.labels)
    settings = {
        name: value
        for name, value in estimator.get_params().items()
        if isinstance(value, str | bool | int | float | None)
    }
    facts = {"uses_class_weights": candidate.uses_class_weights, "fitted_on": len(train)}
    if not isinstance(candidate.needed, Tool):
        estimator.set_params(**dict.fromkeys(parallel, 1))
    return Fit(
        FittedBaseline(estimator, inputs, train.dataset.is_classification, target),
        pd.DataFrame(columns=["epoch", "loss", "val_loss"]),
        {**settings, **facts, "seed": seed},
    )


def affordable(candidate: Candidate, train: Partition, seed: int) -> Partition:
    """The sequences that a baseline is fitted to: a random part of more than fit into memory.

    What it counts in them is held as a whole, unlike what a network sees of them. A user's own tool
    reads files, and gets all.
    """
    reads_letters = train.dataset.modality == "sequence" and train.features.dtype == np.uint8
    if not reads_letters or isinstance(candidate.needed, Tool):
        return train
    most = min(MAX_LETTERS // train.features.shape[1], candidate.max_sequences)
    return stratified_share(train, most / max(len(train), 1), seed)


def stratified_share(train: Partition, share: float, seed: int) -> Partition:
    """A random share of a partition in the classes' proportion, but `LEAST_OF_A_CLASS` of each.

    Of several labels, it is any share.
    """
    if share >= 1:
        return train
    n_classes = len(train.dataset.classes)
    size = min(max(math.ceil(share * len(train)), 2 * n_classes, 2), len(train) - n_classes)
    labels = train.labels if train.dataset.classes else None
    rows, _ = train_test_split(
        np.arange(len(train)), train_size=size, stratify=labels, random_state=seed
    )
    if labels is not None:
        rows = np.union1d(rows, _some_of_each(labels, rows, seed))
    return train.subset(np.sort(rows))


def _some_of_each(labels: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """Rows to add, so that each class has `LEAST_OF_A_CLASS` of them, or all that there are."""
    is_taken = np.isin(np.arange(len(labels)), rows)
    lacking = LEAST_OF_A_CLASS - np.bincount(labels[rows], minlength=labels.max() + 1)
    random = np.random.default_rng(seed)
    left = {one: np.flatnonzero((labels == one) & ~is_taken) for one in np.flatnonzero(lacking > 0)}
    added = [random.permutation(left[one])[: lacking[one]] for one in left]
    return np.concatenate([np.empty(0, dtype=np.intp), *added])


def write_fit(fitted: Fit, best: dict, development: Development, paths) -> None:
    """Write a final fit: the model, its settings and history, scores and predictions.

    Parameters
    ----------
    best : content of `best.yaml`
    paths : where to write `settings`, `history`, `scores`, `predictions` and `model`
    """
    tables, results = [], {}
    for name, part in development._asdict().items():
        predictions = fitted.model.predict(part.features, part.examples)
        found = scores(part.dataset.task, part.labels, predictions)
        results[name] = {metric: finite_or_none(value) for metric, value in found.items()}
        table = prediction_table(part, predictions)
        table.insert(1, "partition", name)
        tables.append(table)
    settings = {"model": best["model"], "kind": best["kind"], "module": best["module"]}
    settings |= {"hyperparameters": best["hyperparameters"], "settings": fitted.settings}
    write_yaml(paths.settings, settings)
    write_table(paths.history, fitted.history)
    write_table(paths.predictions, pd.concat(tables))
    fitted.model.save(paths.model)
    facts = {"epochs": fitted.epochs or None, "model_sha256": model_sha256(paths.model)}
    write_json(paths.scores, results | facts)
