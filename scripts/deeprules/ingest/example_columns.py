"""From the columns of the sources to the columns of the table of examples."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set

import numpy as np
import pandas as pd
import pyarrow as pa

from deeprules.data import label_column
from deeprules.errors import InputError, Problem
from deeprules.ingest.cells import Cells
from deeprules.ingest.column_checks import check_columns, check_order, filled, partitions
from deeprules.ingest.labels import Labels
from deeprules.ingest.locations import LOCATION, Locations
from deeprules.ingest.number_marks import POINT
from deeprules.ingest.problems import Problems
from deeprules.ingest.sample_tables import SampleTable
from deeprules.ingest.several_labels import SeveralLabels, label_role, refuse_taken_names
from deeprules.ingest.sources import Chunk, Source, listing
from deeprules.names import plain_names, quoted, spelt_twice
from deeprules.tasks import is_several

LEAVE_OUT = {"label": "data: missing_label: drop"}
SPREADSHEET_ERRORS = ("#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!")
RAW = {
    "raw_length": pa.int32(),
    "n_share": pa.float32(),
    "lower_share": pa.float32(),
    "given_width": pa.int32(),
}
"""What sequences looked like before they had one length and one case; never features."""
OWN_NAMES = (
    *("id", "label", "group", "batch", "source", "partition", "row"),
    *(*RAW, "content_hash", "canonical_hash"),
)
"""Columns of the table of examples that no covariate may be called."""


class ExampleColumns:
    """Takes the columns of each chunk, and remembers what is true of all of them.

    Parameters
    ----------
    data : the section `data` of the config
    partition_column : column that holds `train`, `tune` or `test`, if partitions are given
    chosen_by : further columns, which examples are chosen by

    Raises
    ------
    InputError
        If a covariate has the name of a column that is written anyway, or a role is that of `id`.
    """

    known_features: Set[str] = frozenset()

    def __init__(
        self,
        data: Mapping,
        partition_column: str | None = None,
        chosen_by: Collection[str] = (),
    ):
        self._chosen_by = set(chosen_by)
        for key in ("covariates", "subgroups"):
            roles = {data["group"], data["batch"]} if key == "subgroups" else set()
            taken = [name for name in data[key] if name in OWN_NAMES and name not in roles]
            if taken:
                raise InputError(
                    f"data.{key} in the config: the workflow writes columns {listing(taken)} "
                    "itself. Give yours other names with `columns`, or leave them out."
                )
        self.labels = (SeveralLabels if is_several(data["task"]) else Labels)(data)
        self.covariates = list(dict.fromkeys(data["covariates"]))
        named = {"label": label_role(data), **{key: data[key] for key in ("group", "batch")}}
        named["partition"] = partition_column
        self._named = {here: name for here, name in named.items() if name is not None}
        self.subgroups = self._where_subgroups_lie(data["subgroups"])
        own = [name for name, place in self.subgroups.items() if name == place]
        self._described = list(dict.fromkeys([*self.covariates, *own]))
        for here in (here for here, name in self._named.items() if name == "id"):
            raise InputError(
                f"data.{here} in the config: `id` is another for each example. Choose another "
                f"column as {here}, or give a copy of it a name with `columns`."
            )
        self._raw = list(RAW) if data["modality"] == "sequence" else []
        if not any(source["format"] in ("bed", "bigwig") for source in data["sources"].values()):
            self._raw = [name for name in self._raw if name != "given_width"]
        self._text: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._names: dict[str, set[str]] = {
            here: set() for here in ("group", "batch") if here in self._named
        }
        self._locations = Locations()

    def wants(self, name: str) -> bool:
        """Whether a column of the sources is used."""
        used = self._used | {*LOCATION, *self._chosen_by}
        return name in used or self.labels.are_in(name)

    @property
    def described(self) -> set[str]:
        """Columns of the sources that describe an example."""
        return self._used | self._chosen_by - {"id"} | self.labels.columns

    @property
    def _used(self) -> set[str]:
        return {*self._named.values(), *self._described}

    def _where_subgroups_lie(self, names: Collection[str]) -> dict[str, str]:
        """Column of the table of examples that holds each subgroup: its own, or that of a role."""
        roles = {self._named[here]: here for here in ("group", "batch") if here in self._named}
        return {name: roles.get(name, name) for name in names}

    @property
    def schema(self) -> pa.Schema:
        """Types of the columns that `take` gives; covariates and subgroups are still text."""
        names = ["row", "id", *(key for key in ("label", "group", "batch") if key in self._named)]
        names += [*self._described, "source"]
        names += ["partition"] if "partition" in self._named else []
        names += [name for name in LOCATION if name not in self._described]
        names += self._raw
        types = {**dict.fromkeys(("row", "start", "end"), pa.int64()), **RAW}
        if self.labels.task == "regression":
            types["label"] = pa.float64()
        return pa.schema([(name, types.get(name, pa.string())) for name in names])

    @property
    def final_schema(self) -> pa.Schema:
        """Types of the columns of `examples.parquet`, once all chunks have been taken."""
        empty = set(LOCATION) - self._locations.given - set(self._described)
        fields = [
            pa.field(field.name, pa.float64()) if self.is_numeric(field.name) else field
            for field in self._with_labels(self.schema)
            if field.name not in {"row", *empty}
        ]
        hashes = [pa.field(name, pa.uint64()) for name in ("content_hash", "canonical_hash")]
        schema = pa.schema([*fields, *hashes])
        # The types that pandas gives the columns when it reads them: `Int64` may be missing.
        frame = schema.empty_table().to_pandas()
        nullable = {"start": "Int64", "end": "Int64", "given_width": "Int32"}
        typed = frame.astype(
            {name: nullable[name] for name in frame.columns.intersection(nullable)}
        )
        described = pa.Table.from_pandas(typed, schema=schema, preserve_index=False)
        return schema.with_metadata(described.schema.metadata)

    def _with_labels(self, schema: pa.Schema) -> Iterator[pa.Field]:
        """The fields of a schema, with one for each of several labels after what joins them."""
        for field in schema:
            yield field
            if field.name == "label":
                yield from (pa.field(label_column(n), pa.float64()) for n in self.labels.names)

    def is_numeric(self, name: str) -> bool:
        """Whether every value of a covariate or subgroup is a number."""
        return name in self._described and name not in LOCATION and name not in self._text

    def take(
        self,
        source: Source,
        chunk: Chunk,
        table: pd.DataFrame,
        raw: Mapping[str, np.ndarray],
        samples: SampleTable | None = None,
    ) -> pa.Table:
        """The columns of a chunk as in `schema`.

        `table` is the chunk's with all that was joined, from `samples` if there is one; `raw` is
        what its sequences looked like. `check_names` has been called.
        """
        used = {*self._used, *self.labels.columns, *LOCATION, "id"}
        table = table[[name for name in table if name in used]]
        table = table.apply(plain_names)
        if "chromosome" in table:
            table["chromosome"] = self._locations.as_first_written(table["chromosome"])
        cells = {
            name: Cells.of(source, chunk, table, name, samples) for name in table if name != "id"
        }
        for found in cells.values():
            wrong = found.values.isin(SPREADSHEET_ERRORS).to_numpy(dtype=bool)
            found.report(
                wrong, "{!r} is an error of a spreadsheet", "Correct it, or leave it empty"
            )
        columns = {"row": chunk.rows, "id": filled(Cells.of(source, chunk, table, "id"))}
        columns["source"] = source.name
        for here, name in self._named.items():
            columns[here] = filled(cells[name], LEAVE_OUT.get(here))
        for here, names in self._names.items():
            names.update(columns[here].dropna().unique())
        each = [cells[name] for name in cells if name in self.labels.columns]
        columns["label"] = self.labels.take(cells[self._named["label"]], each)
        if "partition" in self._named:
            columns["partition"] = partitions(cells[self._named["partition"]])
        for name in self._described:
            columns[name] = self._covariate(cells[name])
        for name in LOCATION:
            empty = pd.Series(None, index=table.index, dtype=object)
            columns[name] = self._locations.take(cells[name]) if name in cells else empty
        check_order(columns, cells)
        columns |= {name: raw.get(name) for name in self._raw}
        frame = pd.DataFrame({name: columns[name] for name in self.schema.names})
        return pa.Table.from_pandas(frame, schema=self.schema, preserve_index=False)

    def finish(self, columns: pa.Table, schema: pa.Schema) -> pa.Table:
        """Columns that `take` gave, and the hashes, as in `final_schema`."""
        arrays, labels = [], self.labels.expand(columns["label"])
        for field in schema:
            if field.name in labels:
                array = pa.array(labels[field.name], field.type, from_pandas=True)
                arrays.append(array)
                continue
            array = columns[field.name]
            if pa.types.is_string(array.type) and pa.types.is_floating(field.type):
                array = pd.to_numeric(array.to_pandas()).astype(np.float64)
                array = pa.array(array, pa.float64(), from_pandas=True)
            arrays.append(array)
        return pa.table(arrays, schema=schema)

    def check(self, problems: Problems, left_out: str = "") -> None:
        """Note what is wrong with the labels, groups and batches of all sources together."""
        self.labels.check(problems, left_out)
        refuse_taken_names(self.labels.names, self._described)
        for here, names in {**self._names, "label": self.labels.classes}.items():
            for alike in spelt_twice(sorted(names)):
                problem = f"{quoted([alike])} are one number, written in {len(alike)} ways"
                remedy = "Write it in one way; as they stand they would be told apart"
                problems.add(Problem("all sources", "", self._named[here], problem, remedy))

    def completed(self, source: Source, table: pd.DataFrame) -> pd.DataFrame:
        """The table of a chunk, whose columns have to be there, with several labels as one."""
        return self.labels.joined(source, table)

    def check_names(
        self,
        source: Source,
        chunk: Chunk,
        table: pd.DataFrame,
        samples: SampleTable | None,
        is_drawn: bool = False,
    ) -> None:
        """Refuse a chunk that lacks a column; what was drawn needs none that others are chosen by.

        Raises
        ------
        BadSource
            If a column is absent, or among the features.
        """
        used = self._used | (set() if is_drawn else self._chosen_by)
        used |= self.labels.columns.intersection([*table.columns, *chunk.taken_names])
        check_columns(used, source, chunk, table, samples)

    def _covariate(self, cells: Cells) -> pd.Series:
        values, name = cells.values, cells.values.name
        given = values[values.notna()]
        self._missing[name] += len(values) - len(given)
        cells.report(
            cells.with_commas(), "{!r} is no number", f"{POINT}; a name needs another form"
        )
        numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
        is_number = np.isfinite(numbers)
        self._numbers[name] += int(is_number.sum())
        if not is_number.all():
            self._text.setdefault(name, given[~is_number].iloc[0])
        return values

    def _role(self, name: str) -> str:
        return "covariate" if name in self.covariates else "subgroup"

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        mixed = [
            f"The {self._role(name)} {name} is a number in {self._numbers[name]:,} examples and "
            f"text in others, such as {text!r}: all its values are taken for names."
            for name, text in self._text.items()
            if self._numbers[name]
        ]
        return [*self.labels.notes, *self._locations.notes, *mixed] + [
            f"The {self._role(name)} {name} has no value in {n:,} examples."
            for name, n in self._missing.items()
            if n
        ]
