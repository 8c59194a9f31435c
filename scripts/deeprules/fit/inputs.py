"""What a model is given of an example: the inputs that its module declares.

A module says them as `INPUTS`, in this order:

- `features`: codes of a sequence or the row of a matrix (what a module gets that says nothing),
  or `activations`: those of the pretrained model that it starts from, in their place;
- `metadata`: the table of batch and covariates as it is, for a baseline that reads nothing else;
- `covariates`: the columns of `data: covariates` as numbers, see `CovariateEncoding`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.data import Partition
from deeprules.errors import InputError
from deeprules.fit.covariates import CovariateEncoding

FEATURES = ("features", "activations")


@dataclass(frozen=True)
class Inputs:
    """The inputs of a model, and how the covariates among them become numbers.

    Attributes
    ----------
    names : what its module declares
    columns : columns of the table of examples that it reads
    encoding : learnt from train; None without covariates
    """

    names: tuple[str, ...] = ("features",)
    columns: tuple[str, ...] = ()
    encoding: CovariateEncoding | None = None

    @classmethod
    def of(cls, names: tuple[str, ...], train: Partition) -> "Inputs":
        """Inputs by name, for a model that is fitted on `train`.

        Raises
        ------
        InputError
            If the data lack what is declared.
        """
        if "metadata" in names:
            return cls(names, tuple(train.dataset.metadata))
        if "covariates" not in names:
            return cls(names)
        columns = train.dataset.covariates
        if not columns:
            raise InputError(
                "The model takes covariates, and the data have none. Name their columns under "
                "`data: covariates`, or leave the model out."
            )
        return cls(names, columns, CovariateEncoding.of(train.examples[list(columns)]))

    def given(self, part: Partition) -> Partition:
        """A partition as the model is given it: `covariates` holds the encoded ones."""
        if self.encoding is None:
            return part
        found = part.with_labels(part.labels)
        found.covariates = self.encoding.encode(self._table(part.examples))
        return found

    def read(self, features: np.ndarray, examples: pd.DataFrame | None):
        """What the model takes of some examples: one array or table, or a tuple of them in order.

        Parameters
        ----------
        features : (N, ...)
        examples : their rows of the table of examples; needed where it reads columns of them
        """
        found = []
        for name in self.names:
            if name in FEATURES:
                found.append(features)
            elif name == "metadata":
                found.append(self._table(examples))
            else:
                found.append(self.encoding.encode(self._table(examples)))
        return found[0] if len(found) == 1 else tuple(found)

    def chunks(self, features: np.ndarray, examples: pd.DataFrame | None, size: int):
        """What `read` gives, for `size` examples at a time."""
        for start in range(0, len(features), size):
            rows = slice(start, start + size)
            yield self.read(features[rows], None if examples is None else examples.iloc[rows])

    def _table(self, examples):
        """The columns that the model reads."""
        known = [] if examples is None else examples.columns
        missing = [name for name in self.columns if name not in known]
        if missing:
            raise InputError(
                f"The model was fitted with the columns {', '.join(self.columns)} of the examples "
                f"(`data: covariates`), and {', '.join(missing)} is not among those given."
            )
        return examples[list(self.columns)]

    def record(self) -> dict:
        """As it is written into a saved network; empty where the features are all."""
        if self == Inputs():
            return {}
        encoding = self.encoding and self.encoding.columns
        return {"inputs": self.names, "columns": self.columns, "encoding": encoding}

    @classmethod
    def of_record(cls, record: dict) -> "Inputs":
        """From what `record` gave."""
        if "inputs" not in record:
            return cls()
        encoding = record["encoding"] and CovariateEncoding(tuple(record["encoding"]))
        return cls(tuple(record["inputs"]), tuple(record["columns"]), encoding)
