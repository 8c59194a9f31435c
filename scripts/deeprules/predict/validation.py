"""An external validation: scores on new examples whose labels are known.

They are no part of the test set, so the ledger is not asked, and the verdict does not change.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from deeprules.data import Dataset
from deeprules.errors import InputError
from deeprules.evaluate.confidence import Calibration, calibration_scores
from deeprules.ingest.sources import listing
from deeprules.predict.packed import PackedModel
from deeprules.statistics.bootstrap import bootstrap_scores, choose_resampling
from deeprules.statistics.metrics import metrics_of

REPLICATES = 2_000
MAX_SCORED = 200_000
"""Labelled examples that are scored; of more, the first."""
COLUMNS = ["model", "summary", "metric", "value", "lower", "upper"]


class Validation:
    """Gathers the labelled among new examples, and scores them."""

    def __init__(self, packed: PackedModel, seed: int):
        self._packed, self._seed = packed, seed
        self._labels: list[pd.DataFrame] = []
        self._predictions: list[dict[str, np.ndarray]] = []
        self.n = 0

    def take(self, examples: pd.DataFrame, by_seed: Mapping[str, np.ndarray]) -> None:
        """Keep labels and predictions of the labelled ones of some examples."""
        if "label" not in examples or self.n >= MAX_SCORED:
            return
        known = examples["label"].notna().to_numpy()
        if known.any():
            columns = [name for name in ("id", "label", "group") if name in examples]
            self._labels.append(examples.loc[known, columns])
            self._predictions.append({seed: one[known] for seed, one in by_seed.items()})
            self.n += int(known.sum())

    def scores(self) -> tuple[pd.DataFrame, list[str]]:
        """Scores of the ensemble and of a single fit, with 95% intervals, and notes.

        Headers alone where no example has a label, or all have one class.

        Raises
        ------
        InputError
            If labels are not those of the task.
        """
        if not self.n:
            return pd.DataFrame(columns=COLUMNS), []
        table = pd.concat(self._labels, ignore_index=True)
        dataset, name = self._packed.dataset, self._packed.name
        labels = _labels(dataset, table)
        if dataset.is_classification and len(np.unique(labels)) < 2:
            only = dataset.classes[labels[0]]
            return pd.DataFrame(columns=COLUMNS), [f"All labels are {only}: nothing is scored."]
        seeds = list(self._predictions[0])
        fits = [np.concatenate([one[seed] for one in self._predictions]) for seed in seeds]
        groups = table["group"].to_numpy() if self._has_groups(table) else None
        resampling = choose_resampling(dataset.task, labels, groups)
        scored = bootstrap_scores(
            dataset.task, labels, {name: fits}, resampling, REPLICATES, self._seed
        )
        rows = []
        for metric in metrics_of(dataset.task):
            for summary in ("ensemble", "mean"):
                found = scored.interval(name, metric, summary)
                rows.append([name, summary, metric, found.value, found.lower, found.upper])
        rows += self._calibrated(labels, np.mean(fits, axis=0))
        notes = [
            f"Intervals are 95% t intervals from {REPLICATES:,} bootstrap replicates of "
            f"{resampling.unit} (n = {resampling.n_units:,}).",
            resampling.note.replace("test set", "new data"),
            f"Only the first {self.n:,} labelled examples are scored."
            if self.n >= MAX_SCORED
            else "",
        ]
        return pd.DataFrame(rows, columns=COLUMNS), [note for note in notes if note]

    def _calibrated(self, labels: np.ndarray, ensemble: np.ndarray) -> list[list]:
        """How well the ensemble is calibrated here, before and after the calibration on tune."""
        facts = self._packed.model["calibration"]
        if facts is None:
            return []
        calibration = Calibration(facts["scale"], np.array(facts["shifts"]))
        rows = []
        for summary, values in (
            ("as given", ensemble),
            ("calibrated", calibration.apply(ensemble)),
        ):
            for metric, value in calibration_scores(labels, values).items():
                rows.append([self._packed.name, summary, metric, value, np.nan, np.nan])
        return rows

    @staticmethod
    def _has_groups(table: pd.DataFrame) -> bool:
        return "group" in table and table["group"].notna().all()


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
