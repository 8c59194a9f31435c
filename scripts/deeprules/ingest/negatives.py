"""Negatives for data that hold positives alone: what all ways of drawing them share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from deeprules.errors import InputError
from deeprules.ingest.genome_negatives import GenomeNegatives
from deeprules.ingest.match_table import MatchTable
from deeprules.ingest.place_filter import PlaceFilter
from deeprules.ingest.shuffled_negatives import shuffled_negatives
from deeprules.ingest.sources import Chunk, Source
from deeprules.ingest.spool import Spool

NAME = "negatives"
"""The source that drawn negatives belong to."""
PAIR = "drawn_from"
"""Column with the positive that a shuffle was made of: the two stay in one partition."""


class Negatives:
    """Draws negatives for all positives that have been read.

    Parameters
    ----------
    data : the section `data` of the config
    places : contigs and blacklist
    sources : all sources, by name
    reader : gives the module that reads a source of intervals and its genome
    partition_column : column that holds the partitions, if they are given
    """

    def __init__(
        self,
        data: Mapping,
        places: PlaceFilter,
        sources: Mapping[str, Source],
        reader: Callable,
        partition_column: str | None = None,
    ):
        self._data, self._settings = data, data["negatives"]
        self._common = (places, sources, reader)
        self._names = {
            "group": data["group"],
            "batch": data["batch"],
            "partition": partition_column,
            **{name: name for name in (*data["covariates"], *data["subgroups"])},
        }
        self._random = np.random.default_rng(self._settings["seed"])
        self.table = MatchTable(self._settings)

    def check(self, classes: Sequence[str]) -> None:
        """Raise `InputError` if the examples that were read are not all positives."""
        others = [name for name in classes if name != self._data["positive"]]
        if others:
            raise InputError(
                f"data.negatives: the sources hold {', '.join(map(repr, others))} already. Leave "
                f"`negatives` out, or set `values: {{{self._data['label']}: "
                f"{self._data['positive']}}}` for sources of positives."
            )

    def source(self, like: Source) -> Source:
        """The source that drawn negatives seem to come from; `like` is one of the positives."""
        values = {self._data["label"]: self._settings["class"]}
        settings = {**like.settings, "columns": {}, "samples": None, "id_prefix": ""}
        return replace(like, name=NAME, settings={**settings, "values": values}, notes=[])

    def chunks(self, spools: Sequence[Spool]) -> Iterator[Chunk]:
        """The negatives of all positives.

        Raises
        ------
        InputError
            If there are not as many as `ratio` asks for; it says how many there are.
        """
        first = 1
        for table, sequences in self._drawn(spools):
            rows = np.arange(first, first + len(sequences))
            first += len(sequences)
            yield self._chunk(table, sequences, rows)
        self.table.check()

    def _drawn(self, spools: Sequence[Spool]) -> Iterator[tuple[pd.DataFrame, list[str]]]:
        if self._settings["from"] == "dinucleotide_shuffle":
            for spool in spools:
                yield from shuffled_negatives(spool, self._settings, self._random, self.table)
            return
        for genome in dict.fromkeys(spool.source.genome for spool in spools):
            own = [spool for spool in spools if spool.source.genome == genome]
            drawing = GenomeNegatives(self._settings, own, *self._common, self._random, self.table)
            yield from drawing.read()

    def _chunk(self, table: pd.DataFrame, sequences: list[str], rows: np.ndarray) -> Chunk:
        """Drawn negatives as a reader gives examples; `table` has the columns of a spool."""
        taken = {new: table[old] for old, new in self._names.items() if new and old in table}
        if self._data["group"] == PAIR:
            taken[PAIR] = table["id"]
        for name in ("chromosome", "start", "end", "strand"):
            if name in table and name not in taken:
                taken[name] = table[name]
        texts = {name: _as_text(values) for name, values in taken.items()}
        frame = pd.DataFrame(texts, dtype=object).reset_index(drop=True)
        width = table.get("given_width")
        if width is not None:
            width = width.to_numpy(np.int64)
        return Chunk(frame, sequences, rows, given_width=width)


def _as_text(values: pd.Series) -> pd.Series:
    """Values as a file would have them, missing ones null."""
    return values.map(lambda value: str(value), na_action="ignore").astype(object)
