"""A data set on disk: a table of examples beside a memory-mapped array of their features."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from deeprules.feature_store import SparseRows, read_features, stack
from deeprules.files import read_json, read_table


@dataclass(frozen=True)
class Dataset:
    """What is true of every partition (`dataset.json`).

    Attributes
    ----------
    modality : `sequence` or `tabular`
    task : `binary`, `multiclass` or `regression`
    classes : class names; for a binary task the positive class is the second; empty for regression
    n_features : bases of a sequence (L) or features of a row (P)
    covariates : names of the covariate columns in the table of examples
    has_batch, has_group : whether the columns `batch` and `group` exist
    strand : `both` where a sequence and its reverse complement are one, else `given`
    transform : what was done to the numbers of a matrix
    highly_variable : features that each model keeps, the most variable of train; None for all
    batch_correction : `linear` where each model takes out the directions in which batches differ
    subgroups : {subgroup: column of the table of examples that holds it}; never seen by a model
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
        """True for a binary or multiclass task."""
        return self.task != "regression"

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
        """Class indices (`int64`, N) or values (`float64`, N)."""
        if not self.dataset.is_classification:
            return self.examples["label"].to_numpy(dtype=np.float64)
        return pd.Categorical(self.examples["label"], categories=self.dataset.classes).codes.astype(
            np.int64
        )

    def __len__(self) -> int:
        return len(self.features)

    def subset(self, rows: np.ndarray) -> "Partition":
        """The examples at the given row numbers, in that order, in memory."""
        part = Partition(self.folder, self.dataset)
        part.examples = self.examples.iloc[rows].reset_index(drop=True)
        part.features = self.features[rows]
        part.covariates = None if self.covariates is None else self.covariates[rows]
        return part

    def with_labels(self, labels: np.ndarray) -> "Partition":
        """The same examples with other labels (N,)."""
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
