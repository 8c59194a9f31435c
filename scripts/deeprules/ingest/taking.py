"""From a chunk that a reader gives to rows of a spool: ids, samples, choice, columns, features."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from deeprules.ingest.example_columns import ExampleColumns
from deeprules.ingest.id_patterns import read_ids
from deeprules.ingest.negatives import NAME as NEGATIVES
from deeprules.ingest.negatives import PAIR
from deeprules.ingest.sample_tables import SampleTable, check_values
from deeprules.ingest.selection import Selection
from deeprules.ingest.sources import Chunk, Source
from deeprules.ingest.spool import Spool
from deeprules.ingest.spreadsheet_marks import refuse_marks
from deeprules.names import ONE_LINE, with_line_breaks


class Taking:
    """Takes the chunks of all sources, each in the same steps.

    Parameters
    ----------
    data : the section `data` of the config
    columns : what checks and turns the columns of examples
    features : what checks and turns their features
    selection : the rules that leave examples out
    """

    def __init__(self, data: Mapping, columns: ExampleColumns, features, selection: Selection):
        self._data = data
        self._columns, self._features, self._selection = columns, features, selection

    def take(
        self, spool: Spool, chunk: Chunk, samples: SampleTable | None, unknown: list[str]
    ) -> None:
        """Check a chunk and spool it; ids that the sample table lacks are put to `unknown`."""
        source = spool.source
        table = _with_ids(source, chunk)
        chunk, table = self._described(source, chunk, table, samples, unknown)
        table = self._with_values(source, table)
        self._columns.check_names(source, chunk, table, samples, source.name == NEGATIVES)
        chosen = _chosen(self._selection.by_value, source, table)
        chunk, table = chunk.keep(chosen), table[chosen]
        if table.empty:
            return
        table["id"] = source.settings["id_prefix"] + table["id"]
        features, raw = self._features.take(source, chunk)
        spool.add(self._columns.take(source, chunk, table, raw, samples), features)

    def _described(
        self,
        source: Source,
        chunk: Chunk,
        table: pd.DataFrame,
        samples: SampleTable | None,
        unknown: list[str],
    ) -> tuple[Chunk, pd.DataFrame]:
        """The examples that are chosen by id, with what a sample table says of them."""
        chosen = _chosen(self._selection.by_id, source, table["id"])
        if samples is None:
            return chunk.keep(chosen), table[chosen]
        if chunk.given_width is not None and samples.gives("strand"):
            raise source.bad(
                f"the strand is in its sample table {samples.source.shown}",
                "Put it into the sixth field: it says which bases are cut out",
                "strand",
            )
        known = samples.knows(table["id"], source)
        unknown.extend(table["id"][~known & chosen])
        kept = known & chosen
        return chunk.keep(kept), samples.join(table[kept], source)

    def _with_values(self, source: Source, table: pd.DataFrame) -> pd.DataFrame:
        """With the columns that the configuration gives, and the pairs of drawn negatives."""
        values = {name: str(value) for name, value in source.settings["values"].items()}
        wanted = {name: value for name, value in values.items() if self._columns.wants(name)}
        check_values(source, table, wanted)
        table = table.assign(**values)
        if self._data["group"] == PAIR and source.name != NEGATIVES:
            table[PAIR] = source.settings["id_prefix"] + table["id"]
        return self._columns.completed(source, table)


def _with_ids(source: Source, chunk: Chunk) -> pd.DataFrame:
    """The columns of a chunk with its ids as they are read; ids of its rows if it has none."""
    table = chunk.table
    if "id" not in table:
        table = table.assign(id=[f"{source.name}:{row}" for row in chunk.rows])
    source.problem_at(
        np.flatnonzero(with_line_breaks(table["id"])),
        lambda index: (*chunk.place(index, "id"), "the id holds a line break"),
        ONE_LINE,
    )
    refuse_marks(source, table["id"], lambda index: chunk.place(index, "id"))
    return table.assign(id=read_ids(source, chunk, table["id"]))


def _chosen(choose: Callable, source: Source, values) -> np.ndarray:
    """Which examples (N) a rule keeps; of what was drawn, all."""
    if source.name == NEGATIVES:
        return np.full(len(values), True)
    return choose(source, values)
