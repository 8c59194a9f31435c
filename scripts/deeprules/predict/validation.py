"""An external validation: scores on new examples whose labels are known.

They are no part of the test set, so the ledger is not asked, and the verdict does not change.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.evaluate.confidence import calibration_scores
from deeprules.ingest.sources import listing
from deeprules.predict.calibrations import apply_calibration
from deeprules.predict.packed import PackedModel
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.metrics import metrics_of
from deeprules.statistics.predictions import of_label
from deeprules.tasks import joined_task, task_of

REPLICATES = 2_000
MAX_SCORED = 200_000
"""Labelled examples that are scored; of more, the first."""
COLUMNS = ["model", "summary", "metric", "value", "lower", "upper"]
"""Of the table of scores; of several labels, `label` stands before them."""


def validation_of(packed: PackedModel, seed: int) -> "Validation":
    """A validation of a model of one label, or of several."""
    several = packed.dataset.has_several_labels
    return (ValidationOfLabels if several else Validation)(packed, seed)


class Validation:
    """Gathers the labelled among new examples, and scores them."""

    columns = COLUMNS

    def __init__(self, packed: PackedModel, seed: int):
        self._packed, self._seed = packed, seed
        self._labels: list[pd.DataFrame] = []
        self._predictions: list[dict[str, np.ndarray]] = []
        self.n = 0

    def take(self, examples: pd.DataFrame, by_seed: Mapping[str, np.ndarray]) -> None:
        """Keep labels and predictions of the labelled ones of some examples."""
        several = self._packed.dataset.label_columns[1:]
        names = several or ["label"]
        if names[0] not in examples or self.n >= MAX_SCORED:
            return
        known = examples[names].notna().any(axis=1).to_numpy()
        if known.any():
            columns = [name for name in ("id", "label", "group", *several) if name in examples]
            self._labels.append(examples.loc[known, columns])
            self._predictions.append({seed: one[known] for seed, one in by_seed.items()})
            self.n += int(known.sum())

    def scores(self) -> tuple[pd.DataFrame, list[str]]:
        """Scores of the ensemble and of a single fit, with 95% intervals, and notes.

        Of several labels, those of their mean, then of each. Headers alone where no example has a
        label, or all have one class.

        Raises
        ------
        InputError
            If labels are not those of the task.
        """
        if not self.n:
            return pd.DataFrame(columns=self.columns), []
        table = pd.concat(self._labels, ignore_index=True)
        seeds = list(self._predictions[0])
        fits = [np.concatenate([one[seed] for one in self._predictions]) for seed in seeds]
        groups = table["group"].to_numpy() if self._has_groups(table) else None
        rows, notes = self._rows(table, fits, groups)
        if self.n >= MAX_SCORED:
            notes.append(f"Only the first {self.n:,} labelled examples are scored.")
        return pd.DataFrame(rows, columns=self.columns), notes

    def _rows(self, table: pd.DataFrame, fits: list, groups):
        """Rows of the table of scores, and notes, from the labelled examples."""
        dataset, facts = self._packed.dataset, self._packed.model["calibration"]
        labels = _labels(dataset, table)
        return self._scored(dataset.task, dataset.classes, facts, labels, fits, groups)

    def _scored(self, task: str, classes, facts, labels: np.ndarray, fits: list, groups):
        """Rows of the table of scores, and notes; `facts` are those of the calibration, if any."""
        if classes and len(np.unique(labels)) < 2:
            return [], [f"All labels are {classes[labels[0]]}: nothing is scored."]
        name = self._packed.name
        resampling = choose_resampling(task, labels, groups)
        scored = bootstrap_scores(task, labels, {name: fits}, resampling, REPLICATES, self._seed)
        rows = []
        for metric in metrics_of(task):
            for summary in ("ensemble", "mean"):
                found = scored.interval(name, metric, summary)
                rows.append([name, summary, metric, found.value, found.lower, found.upper])
        rows += self._calibrated(facts, labels, np.mean(fits, axis=0))
        notes = [
            f"Intervals are 95% t intervals from {REPLICATES:,} bootstrap replicates of "
            f"{resampling.unit} (n = {resampling.n_units:,}).",
            resampling.note.replace("test set", "new data"),
        ]
        return rows, [note for note in notes if note]

    def _calibrated(self, facts, labels: np.ndarray, ensemble: np.ndarray) -> list[list]:
        """How well the ensemble is calibrated here, before and after the calibration on tune."""
        if facts is None:
            return []
        rows = []
        for summary, values in (
            ("as given", ensemble),
            ("calibrated", apply_calibration(facts, ensemble)),
        ):
            for metric, value in calibration_scores(labels, values).items():
                rows.append([self._packed.name, summary, metric, value, np.nan, np.nan])
        return rows

    @staticmethod
    def _has_groups(table: pd.DataFrame) -> bool:
        return "group" in table and table["group"].notna().all()


class ValidationOfLabels(Validation):
    """The same of several labels: 0, 1, a value, or NaN where it is missing (N, T)."""

    columns = ("label", *COLUMNS)

    def _rows(self, table: pd.DataFrame, fits: list, groups):
        """Rows and notes of all labels together, then of each."""
        dataset = self._packed.dataset
        labels = table[dataset.label_columns[1:]].to_numpy(dtype=np.float64)
        differing = [len(np.unique(one[np.isfinite(one)])) > 1 for one in labels.T]
        told = np.flatnonzero(differing).tolist()
        if not told:
            return [], ["No label has two different values: nothing is scored."]
        names = [dataset.labels[number] for number in told]
        parts = [one[:, told] for one in fits]
        tasks = {number: task_of(dataset.task, number) for number in told}
        together = joined_task([*tasks.values()])
        rows, notes = self._scored(together, (), None, labels[:, told], parts, groups)
        rows = [[f"mean of {len(told)}", *row] for row in rows]
        for number, name in zip(told, names, strict=True):
            known, truth, _ = of_label(dataset.task, labels, fits[0], number)
            each = [of_label(dataset.task, labels, one, number)[2] for one in fits]
            of_known = None if groups is None else groups[known]
            facts = self._packed.model["calibration"]
            facts = facts and facts["labels"][number]
            task, classes = tasks[number], dataset.of_one_label(number).classes
            found, said = self._scored(task, classes, facts, truth, each, of_known)
            rows += [[name, *row] for row in found]
            notes += [f"{name}: {note}" for note in said[1:]]
        left_out = [name for name in dataset.labels if name not in names]
        if left_out:
            notes.append(f"Not scored, as they are the same in all: {listing(left_out)}.")
        return rows, notes


def _labels(dataset: Dataset, table: pd.DataFrame) -> np.ndarray:
    """Class indices (N,) or values (N,)."""
    if dataset.is_classification:
        unknown = ~table["label"].isin(dataset.classes)
        if unknown.any():
            raise InputError(
                f"New examples have labels that are no class of the model: "
                f"{listing(table['label'][unknown].unique(), 5)}; its classes are "
                f"{', '.join(dataset.classes)}. Correct them, or leave the column out."
            )
        return pd.Categorical(table["label"], categories=dataset.classes).codes.astype(np.int64)
    values = pd.to_numeric(table["label"], errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise InputError(
            f"New examples have labels that are no numbers: {listing(table['label'][wrong], 5)} "
            f"(such as {table['id'][wrong].iloc[0]}). Correct them, or leave the column out."
        )
    return values
