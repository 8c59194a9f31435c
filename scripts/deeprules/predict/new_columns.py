"""The columns of new examples, of which any may be absent: labels, groups, covariates."""

from collections.abc import Collection, Mapping, Set
from dataclasses import replace

import numpy as np
import pandas as pd

from deeprules.errors import Problem
from deeprules.ingest.cells import Cells
from deeprules.ingest.example_columns import ExampleColumns
from deeprules.ingest.labels import Labels
from deeprules.ingest.several_labels import SeveralLabels
from deeprules.ingest.sources import listing
from deeprules.names import plain_name

NOT_GIVEN = "(not given)"
"""Stands for a label, a group or a covariate that new examples are without."""


class _Labels(Labels):
    """Labels of new examples as text, whatever the task: they may be absent."""

    task = "multiclass"
    task_of_data = ""
    classes: tuple = ()
    notes: tuple = ()

    def __init__(self, data: Mapping):
        self.task_of_data = data["task"]
        classes = {old: new for old, new in data["classes"].items() if new is not None}
        self._new_names = {plain_name(old): plain_name(new) for old, new in classes.items()}

    def smaller_than(self, size: int) -> list[str]:
        """No class is left out for its size."""
        return []

    def take(self, cells, each=()) -> pd.Series:
        """The labels of a chunk, renamed as those of the run were."""
        return cells.values.map(lambda label: self._new_names.get(label, label))


class _SeveralLabels(SeveralLabels):
    """Several labels of new examples, those that the model predicts: any may be absent."""

    def __init__(self, data: Mapping, names: Collection[str]):
        super().__init__(data if data["separator"] else {**data, "label": list(names)})
        self.names, self._known = list(names), list(names)

    def joined(self, source, table: pd.DataFrame) -> pd.DataFrame:
        """The table of a chunk with the labels as one column, if it has any."""
        return super().joined(source, table) if self.columns & {*table} else table

    def take(self, cells, each=()) -> pd.Series:
        """The joined labels of a chunk; text without any where nothing is given."""
        values = cells.values.mask(cells.values == NOT_GIVEN, "")
        taken = super().take(replace(cells, values=values), each)
        self.names = self._known
        return taken

    def check(self, problems, left_out: str = "") -> None:
        """Note values that are more than those of a label that holds, and of one that does not."""
        others = sorted({one for values in self._values.values() for one in values})
        others = [one for one in others if one != self._positive]
        if len(others) > 1 and not self._separator:
            problem = f"labels are {listing(others)}, where {self._positive!r} says that one holds"
            remedy = "Write two values, as in the data of the run, and leave cells empty"
            problems.add(Problem("the new examples", "", "", problem, remedy))

    @property
    def _places(self) -> dict[str, str]:
        """The column of each label; of one column all of them, also those that no cell names."""
        known = self._known if self._separator and len(self._listed) == 1 else []
        return {**dict.fromkeys(known, self._listed[0] if known else ""), **super()._places}

    @property
    def notes(self) -> list[str]:
        """Labels that have no column, and those that the model does not know."""
        unknown = sorted({*self._places} - {*self.names} if self._separator else {})
        said = [f"Labels that the model does not know are not used: {listing(unknown)}."]
        return [*super().notes, *(said if unknown else [])]


class NewColumns(ExampleColumns):
    """The columns of new examples: of what the run knew of its own, any may be absent.

    Parameters
    ----------
    names : of several labels that the model predicts
    categories : covariates that are names in train, also where all new ones are numbers
    numbers : covariates that are numbers to the model
    """

    def __init__(
        self,
        data: Mapping,
        known_features: Set[str] = frozenset(),
        names: Collection[str] = (),
        categories: Collection[str] = (),
        numbers: Collection[str] = (),
    ):
        super().__init__(data)
        self._categories, self._wanted = frozenset(categories), frozenset(numbers)
        self.labels = _SeveralLabels(data, names) if names else _Labels(data)
        self.known_features = known_features

    def is_numeric(self, name: str) -> bool:
        """Whether every value of a covariate is a number, and a number to the model."""
        return name not in self._categories and super().is_numeric(name)

    def _covariate(self, cells: Cells) -> pd.Series:
        values = super()._covariate(cells)
        if values.name in self._wanted:
            is_given = values.notna() & (values != NOT_GIVEN)
            is_number = np.isfinite(pd.to_numeric(values, errors="coerce"))
            problem = "{!r} is no number, which this covariate is in train"
            cells.report(is_given & ~is_number, problem, "Correct it, or leave it empty")
        return values

    def completed(self, source, table: pd.DataFrame) -> pd.DataFrame:
        """The table of a chunk with `NOT_GIVEN` where there is nothing."""
        table = super().completed(source, table)
        roles = list(self._named.values())
        absent = [name for name in (*roles, *self.covariates) if name not in table]
        table = table.assign(**dict.fromkeys(absent, NOT_GIVEN))
        table[roles] = table[roles].fillna(NOT_GIVEN)
        return table

    def check(self, problems, left_out: str = "") -> None:
        """Of several labels, that they are written in one way; else nothing is asked of all."""
        if self.labels.names:
            self.labels.check(problems)
