"""The labels of all sources: renamed, checked and counted."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set

import numpy as np
import pandas as pd
import pyarrow as pa

from deeprules.errors import Problem
from deeprules.ingest.cells import Cells
from deeprules.ingest.problems import Problems
from deeprules.ingest.sources import Source, listing
from deeprules.names import plain_name

MAX_CLASSES = 1000
SMALLEST_SPAN, LARGEST_SPAN = 1e-30, 1e30
"""Differences between labels that networks, with 32 bits, can be trained on."""


class Values:
    """The values of one label: each a finite number, and their span one to be learnt."""

    def __init__(self):
        self._low, self._high = np.inf, -np.inf

    def take(self, cells: Cells) -> pd.Series:
        """The cells as `float64`; problems go to their source."""
        values = cells.numbers("Give a number, or choose another `task`")
        finite = values[np.isfinite(values)]
        self._low = min(self._low, finite.min()) if len(finite) else self._low
        self._high = max(self._high, finite.max()) if len(finite) else self._high
        return values

    def fault(self, what: str) -> tuple[str, str] | None:
        """What is wrong with all of them and the remedy, if any; `what` says which they are."""
        low, high = self._low, self._high
        if low > high:
            return f"there are no {what}", "Give some"
        if low == high:
            return f"all {what} are {low:g}", "Give values that differ"
        if not SMALLEST_SPAN <= float(high) - float(low) <= LARGEST_SPAN:
            return f"{what} from {low:g} to {high:g}", "Take logarithms, or rescale"
        return None


class Labels:
    """Takes the labels of each chunk; `data` is the section of that name in the config.

    What only several labels have (`names`, `columns` that hold them, columns to `expand` to) is
    empty.
    """

    names: Sequence[str] = ()
    columns: Set[str] = frozenset()

    def __init__(self, data: Mapping):
        self.task = data["task"]
        self._column = data["label"]
        self._is_sequence = data["modality"] == "sequence"
        self._has_intervals = any(one["format"] == "bed" for one in data["sources"].values())
        self._positive = None if data["positive"] is None else plain_name(data["positive"])
        self._new_names = {
            plain_name(old): plain_name(new)
            for old, new in data["classes"].items()
            if new is not None
        }
        self._unused = set(self._new_names)
        self._counts: Counter[str] = Counter()
        self._numbers = Values()

    @property
    def task_of_data(self) -> str:
        """The task of the data set."""
        return self.task

    def are_in(self, column: str) -> bool:
        """Whether a column holds one of several labels."""
        return False

    def joined(self, source: Source, table: pd.DataFrame) -> pd.DataFrame:
        """The table of a chunk, in which several labels are one column."""
        return table

    def expand(self, joined: pa.ChunkedArray) -> Mapping[str, pd.Series]:
        """Columns of the table of examples that joined labels become."""
        return {}

    def take(self, cells: Cells, each: Sequence[Cells] = ()) -> pd.Series:
        """Class names (text) or values (`float64`) of a chunk; problems go to the source.

        Raises
        ------
        BadSource
            If there are more than `MAX_CLASSES` classes.
        """
        if self.task == "regression":
            return self._numbers.take(cells)
        return self._classes(cells.source, cells.values)

    def _classes(self, source: Source, labels: pd.Series) -> pd.Series:
        if self._new_names:
            self._unused -= set(labels.dropna().unique())
            labels = labels.map(lambda label: self._new_names.get(label, label))
        self._counts.update(labels.value_counts().to_dict())
        if len(self._counts) > MAX_CLASSES:
            raise source.bad(
                f"more than {MAX_CLASSES:,} classes, such as {listing(list(self._counts), 3)}",
                "Choose `task: regression`, or another column as `label`",
                self._column,
            )
        return labels

    def smaller_than(self, size: int) -> list[str]:
        """Classes with fewer examples."""
        return [name for name, n in self._counts.items() if n < size]

    def check(self, problems: Problems, left_out: str = "") -> None:
        """Note it if all labels together do not suit the task; `left_out` says what is not here."""
        found = ", ".join(f"{name} ({n:,})" for name, n in self._counts.most_common(20))

        def wrong(key: str, problem: str, remedy: str) -> None:
            problems.add(Problem(f"data.{key} in the config", "", "", problem, remedy))

        if self.task == "regression":
            fault = self._numbers.fault("labels")
            if fault:
                wrong("label", *fault)
        elif len(self._counts) == 1:
            gone = f" (left out: {left_out})" if left_out else ""
            fewer = ", or leave fewer out" if left_out else ""
            problem = f"there is one class only, {found}{gone}"
            wrong("label", problem, self._other_classes + fewer)
        elif self.task == "binary" and len(self._counts) > 2:
            wrong(
                "task",
                f"binary, but there are {len(self._counts)} classes: {found}",
                f"Join classes with `classes`{self._alike()}, or choose multiclass",
            )
        elif self.task == "binary" and self._counts and self._positive not in self._counts:
            wrong(
                "positive",
                f"{self._positive!r} is no class; the classes are {found}",
                "Name one of them, as `classes` calls it",
            )

    @property
    def _other_classes(self) -> str:
        """Where examples of other classes may come from."""
        remedy = "Give examples of other classes"
        if self._has_intervals:
            return f"{remedy}, or have them drawn: `data: {{negatives: {{from: genome}}}}`"
        if self._is_sequence and self.task == "binary":
            remedy += ", or shuffle these: `data: {negatives: {from: dinucleotide_shuffle}}`"
        return remedy

    def _alike(self) -> str:
        """Classes that differ in upper and lower case alone, as an example of joining them."""
        most = {name.casefold(): name for name, _ in reversed(self._counts.most_common())}
        pairs = [f"{name}: {most[name.casefold()]}" for name in self._counts]
        pairs = [pair for pair in pairs if len(set(pair.split(": "))) > 1]
        return f", such as `classes: {{{listing(pairs, 5)}}}`" if pairs else ""

    @property
    def classes(self) -> list[str]:
        """Class names: negative and positive, or sorted; none for a regression."""
        return sorted(self._counts, key=lambda name: (name == self._positive, name))

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        unused = sorted(self._unused)
        return [f"`classes` renames {listing(unused)}: no label has that name."] if unused else []
