"""Several labels of each example: from columns, a pattern of them, or cells with several values.

Before anything else is done with them, the labels of an example become one cell of text, so that
they are chosen by, drawn and spooled as a single label is; at the end they are columns again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
import pyarrow as pa

from deeprules.data import label_column
from deeprules.errors import InputError, Problem
from deeprules.ingest.cells import Cells
from deeprules.ingest.labels import Values
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Source, listing
from deeprules.names import plain_name, plain_names
from deeprules.tasks import EACH, MIXED, is_several, joined_task, predicts_values

COLUMN = "label"
"""Column that the labels of an example are joined into."""
NONE = "none"
"""What a cell with several values says where none of them holds."""
END, IS = "\ue000", "\ue001"
"""What stands between columns, and between a column and its values, where they are joined: of use
to nobody else."""
SHOWN = 8


def label_role(data: Mapping) -> str:
    """Column that holds the label, or that several are joined into."""
    return COLUMN if is_several(data.get("task")) else data["label"]


class SeveralLabels:
    """Takes the labels of each chunk; `data` is the section of that name in the config.

    Attributes
    ----------
    names : of the labels, in the order in which they were given or found
    """

    classes: tuple[str, ...] = ()

    def __init__(self, data: Mapping):
        self.task = data["task"]
        self._each = data["tasks"]
        given = data["label"]
        self._separator = data["separator"]
        self._pattern = given if isinstance(given, str) and not self._separator else None
        self._positive = None if data["positive"] is None else plain_name(data["positive"])
        self._new_names = {plain_name(old): plain_name(new) for old, new in data["classes"].items()}
        listed = [given] if isinstance(given, str) else given
        listed = [] if self._pattern else [plain_name(name) for name in listed]
        self._listed = list(dict.fromkeys(listed))
        self.names: list[str] = [] if self._separator else self._listed
        self._values: dict[str, Counter[str]] = defaultdict(Counter)
        self._values_of: dict[str, Values] = defaultdict(Values)
        self._lacking: dict[str, list[str]] = defaultdict(list)

    @property
    def columns(self) -> set[str]:
        """Columns of the sources that are known to hold labels."""
        return {*self._listed, *([] if self._separator else self.names)}

    def is_value(self, name: str) -> bool:
        """Whether a label is a value; if not, it is there or not."""
        if self.task == MIXED:
            return self._each[name] == "regression"
        return predicts_values(self.task)

    @property
    def task_of_data(self) -> str:
        """The task of the data set: of labels of both kinds, that of each."""
        if self.task != MIXED:
            return self.task
        return joined_task([self._each[name] for name in self.names])

    def are_in(self, column: str) -> bool:
        """Whether a column holds labels."""
        if self._pattern:
            return fnmatchcase(column, self._pattern)
        return column in self._listed

    def absent(self, columns: Iterable[str]) -> set[str]:
        """Columns of labels that a source lacks, where another may have them."""
        return self.columns - set(columns)

    def joined(self, source: Source, table: pd.DataFrame) -> pd.DataFrame:
        """The table of a chunk with `COLUMN`: what is known of the labels, missing if nothing is.

        Raises
        ------
        BadSource
            If the source has no column of a label.
        """
        found = [name for name in table if self.are_in(name)]
        if not found:
            wanted = self._pattern or ", ".join(self._listed)
            also = "matches" if self._pattern else "is a name of"
            raise source.bad(
                f"data.label {wanted!r} {also} none of its columns",
                f"Correct it; the columns are {listing(list(table))}",
            )
        for name in self.absent(table):
            self._lacking[name].append(source.name)
        if not self._separator:
            self.names = list(dict.fromkeys([*self.names, *found]))
        parts = [plain_names(table[name]) for name in found]
        texts = [
            END.join(
                IS.join([name, *([cell] if self.is_value(name) else self._split(cell))])
                for name, cell in zip(found, cells, strict=True)
                if not pd.isna(cell)
            )
            for cells in zip(*parts, strict=True)
        ]
        text = pd.Series(texts, index=table.index, dtype=object)
        return table.assign(**{COLUMN: text.mask(text == "")})

    def _split(self, cell: str) -> list[str]:
        """The value of one cell, or all labels that it says hold."""
        if not self._separator:
            return [self._new_names.get(cell, cell)]
        values = [plain_name(value) for value in cell.split(self._separator)]
        values = [self._new_names.get(value, value) for value in values if value]
        return [name for name in dict.fromkeys(values) if name.lower() != NONE]

    def take(self, cells: Cells, each: Sequence[Cells] = ()) -> pd.Series:
        """The joined labels of a chunk, counted; `each` are those of the columns one by one."""
        for one in each:
            if self.is_value(one.values.name):
                self._values_of[one.values.name].take(one)
        for text, n in cells.values.value_counts().items():
            for column, values in _entries(text).items():
                if not self.is_value(column):
                    self._values[column].update(dict.fromkeys(values, n))
        if self._separator:
            self.names = list(self._places)
        return cells.values

    @property
    def _places(self) -> dict[str, str]:
        """The column of each value that is a label."""
        return {
            value: column
            for column in self._listed
            for value in sorted(self._values.get(column, ()))
        }

    def smaller_than(self, size: int) -> list[str]:
        """None: labels are not left out for their size."""
        return []

    def check(self, problems: Problems, left_out: str = "") -> None:
        """Note each label that does not suit the task; `left_out` says what is not here."""

        def wrong(key: str, problem: str, remedy: str) -> None:
            problems.add(Problem(f"data.{key} in the config", "", "", problem, remedy))

        if len(self.names) < 2:
            found = f"of {listing(self.names)} alone" if self.names else "of none"
            remedy = f"Name several, or one with `task: {EACH.get(self.task, 'binary')}`"
            wrong(
                "label",
                f"`{self.task}` is for several labels, and there are values {found}",
                remedy,
            )
        for name in self._listed if self._separator else []:
            alike = [one for one in self._values[name] if self._places[one] != name]
            if alike:
                problem = f"{listing(alike)} in {name!r} is a label of {self._places[alike[0]]!r}"
                wrong("label", problem, "Give one of them another name with `classes`")
        for name in filter(self.is_value, self.names):
            fault = self._values_of[name].fault(f"values of {name!r}")
            if fault:
                wrong("label", fault[0], f"{fault[1]}, or leave the label out of the list")
        present = [name for name in self.names if not (self._separator or self.is_value(name))]
        for name in present:
            values = self._values[name]
            shown = ", ".join(f"{value} ({n:,})" for value, n in values.most_common(SHOWN))
            if not values:
                wrong("label", f"{name!r} has no value at all", "Leave it out of the list")
            elif self._positive not in values or len(values) != 2:
                wrong(
                    "positive",
                    f"{self._positive!r} and one other value are to be told apart in each label, "
                    f"and {name!r} has {shown}",
                    "Give all labels the same two values with `classes: {old: new}`, empty the "
                    "cells that are not known, or leave the label out",
                )

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        return [
            f"The label {name} has no column in {listing(sorted(set(sources)))}: it is missing "
            "in the examples from there."
            for name, sources in self._lacking.items()
        ]

    def expand(self, joined: pa.ChunkedArray) -> pd.DataFrame:
        """Columns of the table of examples from joined labels (N,).

        `label` names the labels that hold, and those that are not known with a question mark, or
        gives the values; the column of each label is 1, 0, or missing, or its value.
        """
        codes, texts = pd.factorize(joined.to_pandas())
        numbers = np.array([self._numbers(text) for text in texts]).reshape(-1, len(self.names))
        shown = np.array([self._shown(row) for row in numbers], dtype=object)
        columns = {label_column(name): numbers[codes, k] for k, name in enumerate(self.names)}
        return pd.DataFrame({"label": shown[codes], **columns})

    def _numbers(self, text: str) -> list[float]:
        """0, 1 or NaN for each label, or its value."""
        held = _entries(text)
        places, numbers = self._places if self._separator else {}, []
        for name in self.names:
            values = held.get(places.get(name) if self._separator else name)
            if values is None:
                numbers.append(np.nan)
            elif self.is_value(name):
                numbers.append(float(values[0]))
            else:
                numbers.append(float((name if self._separator else self._positive) in values))
        return numbers

    def _shown(self, row: np.ndarray) -> str:
        """The labels of an example in words; different values stay different."""
        words = []
        for name, value in zip(self.names, row, strict=True):
            if self.is_value(name):
                words += [f"{name} {plain_name(float(value))}"] if np.isfinite(value) else []
            elif value != 0:
                words.append(name if value == 1 else f"{name}?")
        return in_words(words)


def in_words(names: Iterable[str]) -> str:
    """Labels that hold together, as one text."""
    return " + ".join(names) or NONE


def _entries(text: str) -> dict[str, list[str]]:
    """The values of each column that has some, from joined text."""
    parts = (one.split(IS) for one in text.split(END) if one)
    return {column: values for column, *values in parts}


def refuse_taken_names(names: Iterable[str], covariates: Iterable[str]) -> None:
    """Refuse covariates that are called as the column of a label will be."""
    taken = sorted({label_column(name) for name in names} & set(covariates))
    if taken:
        raise InputError(
            f"data.covariates in the config: the workflow writes columns {listing(taken)} itself. "
            "Give yours other names with `columns`, or leave them out."
        )
