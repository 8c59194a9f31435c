"""A data set on disk: a table of examples beside a memory-mapped array of their features."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from deeprules.feature_store import SparseRows, read_features, stack
from deeprules.files import read_json, read_table
from deeprules.tasks import is_several, predicts_values, task_of

ABSENT_PRESENT = ("absent", "present")
"""Classes of one of several labels by itself."""


def label_column(name: str) -> str:
    """Column of the table of examples that holds one of several labels: 0, 1, or missing."""
    return f"label_{name}"


@dataclass(frozen=True)
class Dataset:
    """What is true of every partition (`dataset.json`).

    Attributes
    ----------
    modality : `sequence` or `tabular`
    task : `binary`, `multiclass`, `regression`, or several of them: `multilabel`,
        `multiregression`, or those of each label, see `deeprules.tasks`
    classes : class names; for a binary task the positive class is the second; empty for regression
        and for several labels
    n_features : bases of a sequence (L) or features of a row (P)
    covariates : names of the covariate columns in the table of examples
    has_batch, has_group : whether the columns `batch` and `group` exist
    strand : `both` where a sequence and its reverse complement are one, else `given`
    transform : what was done to the numbers of a matrix
    highly_variable : features that each model keeps, the most variable of train; None for all
    batch_correction : `linear` where each model takes out the directions in which batches differ
    subgroups : {subgroup: column of the table of examples that holds it}; never seen by a model
    labels : names of the T labels of a task of several, each of which is there or not, or a value
    """

    modality: str
    task: str
    classes: tuple[str, ...]
    n_features: int
    covariates: tuple[str, ...]
    has_batch: bool
    has_group: bool
    strand: str = "both"
    transform: str = "none"
    highly_variable: int | None = None
    batch_correction: str = "none"
    subgroups: Mapping[str, str] = field(default_factory=dict, hash=False)
    labels: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | Path) -> "Dataset":
        """Read `dataset.json`."""
        facts = read_json(path)
        return cls(
            **{
                name: tuple(facts[name]) if isinstance(facts[name], list) else facts[name]
                for name in cls.__dataclass_fields__
                if name in facts
            }
        )

    @property
    def both_strands(self) -> bool:
        """Whether the reverse complement of a sequence is the same thing."""
        return self.strand == "both"

    @property
    def is_classification(self) -> bool:
        """True for a binary, multiclass or multilabel task: nothing predicted is a value."""
        if self.labels:
            return bool(self.are_classes.all())
        return not predicts_values(self.task)

    @property
    def are_classes(self) -> np.ndarray:
        """Which of several labels (T,) are there or not; the others are values."""
        return np.array([task_of(self.task, k) == "binary" for k in range(len(self.labels))], bool)

    @property
    def has_several_labels(self) -> bool:
        """True for a task of several labels."""
        return is_several(self.task)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What a model gives a probability for: classes, or several labels."""
        return self.labels or self.classes

    @property
    def label_columns(self) -> list[str]:
        """Columns of the table of examples that hold labels: one, and one more for each of several.

        With several labels, `label` names those that an example has.
        """
        return ["label", *map(label_column, self.labels)]

    def of_one_label(self, number: int) -> "Dataset":
        """What is true of the examples with a single one of several labels."""
        classes = ABSENT_PRESENT if self.are_classes[number] else ()
        return replace(self, task=task_of(self.task, number), classes=classes, labels=())

    @property
    def metadata(self) -> list[str]:
        """Columns of the table of examples that the metadata baseline may see."""
        return (["batch"] if self.has_batch else []) + list(self.covariates)


class Partition:
    """The examples of one partition (a folder with `examples.parquet` and `features.npy`).

    `covariates` holds those of a model that takes them, as numbers: `float32` (N, K).
    """

    covariates: np.ndarray | None = None

    def __init__(self, folder: str | Path, dataset: Dataset):
        self.folder = Path(folder)
        self.dataset = dataset

    @cached_property
    def examples(self) -> pd.DataFrame:
        """One row an example: id, label, source, content_hash, canonical_hash and what is known."""
        return read_table(self.folder / "examples.parquet")

    @cached_property
    def features(self) -> np.ndarray | SparseRows:
        """`uint8` codes (N, L) or `float32` values (N, P), perhaps sparse, memory-mapped.

        For a model on the activations of a pretrained model, those: `float32` (N, D).
        """
        return read_features(self.folder / "features.npy")

    @cached_property
    def labels(self) -> np.ndarray:
        """Class indices (`int64`, N), values (`float64`, N), or several of them (N x T).

        Of several, they are 0, 1 or a value, and NaN where they are missing.
        """
        if self.dataset.has_several_labels:
            columns = self.dataset.label_columns[1:]
            return self.examples[columns].to_numpy(dtype=np.float64)
        if not self.dataset.is_classification:
            return self.examples["label"].to_numpy(dtype=np.float64)
        return pd.Categorical(self.examples["label"], categories=self.dataset.classes).codes.astype(
            np.int64
        )

    @property
    def groups(self) -> np.ndarray | None:
        """The group of each example (N,); None where no groups are declared."""
        return self.examples["group"].to_numpy() if self.dataset.has_group else None

    def __len__(self) -> int:
        return len(self.features)

    def identity(self, *columns: str) -> bytes:
        """Other bytes as soon as what fits see differs: data set, contents, labels, metadata.

        `columns` are others of the examples that count as well.
        """
        dataset = replace(self.dataset, subgroups={}, has_group=False)
        known = self.examples[["content_hash", "label", *columns, *self.dataset.metadata]]
        hashes = pd.util.hash_pandas_object(known, index=False).to_numpy()
        return repr(dataset).encode() + hashes.tobytes()

    def subset(self, rows: np.ndarray) -> "Partition":
        """The examples at the given row numbers, in that order, in memory."""
        part = Partition(self.folder, self.dataset)
        part.examples = self.examples.iloc[rows].reset_index(drop=True)
        part.features = self.features[rows]
        part.covariates = None if self.covariates is None else self.covariates[rows]
        return part

    def of_label(self, number: int) -> "Partition":
        """The examples of which one of several labels is known, with that label alone."""
        values = self.labels[:, number]
        known = np.flatnonzero(np.isfinite(values))
        part = self if len(known) == len(self) else self.subset(known)
        values, shown = values[known], values[known]
        if self.dataset.are_classes[number]:
            values = values.astype(np.int64)
            shown = np.array(ABSENT_PRESENT, dtype=object)[values]
        part = part.with_labels(values)
        part.dataset = self.dataset.of_one_label(number)
        part.examples = part.examples.assign(label=shown)
        return part

    def with_labels(self, labels: np.ndarray) -> "Partition":
        """The same examples with other labels (N,) or (N, T)."""
        part = Partition(self.folder, self.dataset)
        part.examples, part.features, part.labels = self.examples, self.features, labels
        part.covariates = self.covariates
        return part


class Development(NamedTuple):
    """The data that models are made from: fitted on `train`, stopped and chosen on `tune`."""

    train: Partition
    tune: Partition

    def joined(self) -> Partition:
        """Both as one partition, in memory, the examples of train first."""
        both = self.train.subset(np.arange(0))
        both.examples = pd.concat([part.examples for part in self], ignore_index=True)
        both.features = stack([part.features for part in self])
        return both
