"""Results as they may be shown: the one door that report, paper kit and archive go through.

Of data that are not public, tables with a row an example lose their rows, ids and text in quotes
(which comes from the data) are taken out, small counts are not shown, curves have no step an
example, and names of batches, classes and slices that hold few examples do not appear. A count is
also left out where it could be told from the total and all others. Source of the rules: Griffiths
et al. 2019, Handbook on statistical disclosure control for outputs, sections 3 and 4.
"""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from deeprules.files import read_table
from deeprules.privacy.gate import is_public, smallest_count

ONE_BY_ONE = {"id", "ids", "canonical_hash", "content_hash"}
"""Columns of a table that has a row an example."""
NAMING = ("such_as", "examples", "row")
"""Columns (and keys) of text that names examples."""
COUNTS = ("n", "n_units", "held_out", "sites", "sequences", "with_homologs")
COUNTS += ("present", "absent", "missing")
"""Columns that count examples, or groups of them."""
COUNTED = ("labels", "sources", "predicted")
"""Keys of mappings from a name to the number of examples that have it."""
COUNT_KEYS = {
    *("n_left_out", "n_duplicates", "n_conflicts", "n_contradictory_neighbours"),
    *("known", "present"),
    *("cropped", "padded", "lower_case", "uracil", "ambiguous"),
}
"""Keys of single counts of examples."""
CURVES = ({"recall", "precision"}, {"fpr", "tpr"}, {"coverage", "error"})
"""Columns of curves with a step an example."""
POINTS = 21
"""Points that are left of a curve, at most."""
NAMES = ("batch", "slice", "subgroup", "label", "class")
"""Columns whose values are names of sets of examples."""
PARTS = ("partition", "model", "column", "class", "split", "metric")
"""Columns within each of whose values the counts of a table add up to a known total."""
NAMED_IN = ("classes", "batches", "slices", "subgroups", "left_out_batches_table")
"""Results that tell how many examples the sets of such names hold."""
OWN_WORDS = {
    *("config", "study", "ethics", "provenance", "run", "opening", "frozen", "plan", "costs"),
    *("trials", "best", "settings", "histories", "fit_scores", "pretrained_records", "contracts"),
}
"""Results in the words of the author or of the workflow, which say nothing of examples."""
GONE = "(not shown)"

QUOTED = re.compile(r"(?<![\w`])'[^']+'(?!\w)|\"[^\"]+\"")
QUARTER = re.compile(r"(quarter(?: of [^,.;]+)?), -?[\d.e+-]*\d to -?[\d.e+-]*\d")
WHOSE = r"(?:of (?:the )?[\d,]+ )?(?:(?:test|tune|train|training|held-out|other) )?"
NOUNS = "examples?|sequences?|rows?|samples?|cells?|groups?|contents|individuals?|of them"


class FewExamples(int):
    """A count that is not shown: it counts as the largest it can be, and is written in words."""

    def __format__(self, spec: str) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"fewer than {int(self) + 1}"


class Disclosure:
    """What is taken out of results before they are shown.

    Attributes
    ----------
    smallest : examples below which a count is not shown; 0 for public data, of which all is shown
    left_out : rows that were taken out, by name of the result
    names : names of small sets of examples, which no text shows
    """

    def __init__(self, smallest: int = 0):
        self.smallest = smallest
        self.left_out: dict[str, int] = {}
        self.names: set[str] = set()
        few = "|".join(map(str, range(1, smallest)))
        self._few = re.compile(rf"\b(?:{few}) (?=(?:{WHOSE})?(?:{NOUNS})\b)|(?<=\bn = )(?:{few})\b")

    @classmethod
    def of(cls, config: Mapping, files: Mapping) -> "Disclosure":
        """That of a run.

        Parameters
        ----------
        config : its resolved configuration
        files : {name of a result: its file}, among them those of `NAMED_IN`, if they are there
        """
        if is_public(config):
            return cls()
        made = cls(smallest_count(config))
        for name in NAMED_IN:
            if files.get(name):
                made.shown(name, read_table(files[name], keep_default_na=False))
        return made

    @property
    def shows_all(self) -> bool:
        """Whether the data are public."""
        return not self.smallest

    def shown(self, name: str, content):
        """A result as it may be shown: tables, and what JSON and YAML files hold."""
        if self.shows_all or name in OWN_WORDS:
            return content
        if isinstance(content, pd.DataFrame):
            return self._table(name, content)
        if isinstance(content, dict):
            kept = {key: value for key, value in content.items() if key not in self.names}
            return {key: self._entry(key, value) for key, value in kept.items()}
        if isinstance(content, list):
            return [self.shown(name, one) for one in content]
        return self._text(content) if isinstance(content, str) else content

    def _entry(self, key: str, value):
        """The value of a key."""
        if key in NAMING and isinstance(value, str | list):
            return [] if isinstance(value, list) else ""
        if key in COUNTED and isinstance(value, dict):
            return self._counted(value)
        if key in COUNT_KEYS and isinstance(value, int) and 0 < value < self.smallest:
            return FewExamples(self.smallest - 1)
        return self.shown(key, value)

    def _counted(self, counts: dict) -> dict:
        """Counts by name, None for those that are not shown."""
        numbers = pd.Series(counts, dtype=object)
        if not all(isinstance(one, int | np.integer) for one in numbers):
            return self.shown("", counts)
        hidden = self._hidden(numbers.astype(float).to_numpy()[:, None])
        return {
            name: None if gone else n
            for (name, n), gone in zip(counts.items(), hidden, strict=True)
        }

    def _table(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        columns = set(table)
        if columns & ONE_BY_ONE:
            self.left_out[name] = len(table)
            return table[:0]
        table = table.copy()
        for column in table.columns:
            if table[column].dtype.kind not in "biufc":
                is_naming = column in NAMING
                table[column] = [
                    ("" if is_naming else self._text(one)) if isinstance(one, str) else one
                    for one in table[column]
                ]
        if {"true", "predicted", "n"} <= columns:
            return self._masked(name, table)
        for curve in CURVES:
            if curve <= columns:
                return self._thinned(name, table)
        wide = [one for one in table if one != "batch"] if name == "batches" else []
        counts = wide if "n" not in wide else ["n"]
        return self._without_small(name, table, counts or [one for one in COUNTS if one in columns])

    def _without_small(self, name: str, table: pd.DataFrame, counts: list[str]) -> pd.DataFrame:
        """A table without rows of few examples."""
        counts = [one for one in counts if pd.api.types.is_numeric_dtype(table[one])]
        if not counts or table.empty:
            return table
        hidden = np.zeros(len(table), dtype=bool)
        parts = [one for one in PARTS if one in table and one not in counts]
        places = table.groupby(parts, dropna=False).indices if parts else {"": range(len(table))}
        for rows in places.values():
            rows = np.asarray(rows)
            hidden[rows] = self._hidden(table[counts].to_numpy(float)[rows])
        for column in (one for one in NAMES if one in table and one not in parts):
            small = (table[counts] < self.smallest).any(axis=1)
            self.names |= {
                one
                for one in table.loc[hidden & small, column].astype(str)
                if len(one) > 2 and one != GONE and not re.fullmatch(r"[\d.,]+|.*quarter.*", one)
            }
        self.left_out[name] = int(hidden.sum())
        return table[~hidden].reset_index(drop=True)

    def _hidden(self, counts: np.ndarray) -> np.ndarray:
        """Which rows (N,) of counts (N, K) are not shown: small ones, and a single one's company.

        One that is missing could be told from the total and all others, so the smallest of those
        goes with it.
        """
        hidden = ((counts > 0) & (counts < self.smallest)).any(axis=1)
        if hidden.sum() == 1 and len(hidden) > 1:
            others = np.where(hidden, np.inf, np.nan_to_num(counts.min(axis=1), nan=np.inf))
            hidden[others.argmin()] = True
        return hidden

    def _masked(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """A confusion matrix without its small cells, and without what would tell them."""
        table["n"] = table["n"].astype(float)
        parts = [one for one in ("model", "true") if one in table]
        for rows in table.groupby(parts).indices.values():
            hidden = self._hidden(table["n"].to_numpy()[rows][:, None])
            table.loc[table.index[rows[hidden]], "n"] = np.nan
        self.left_out[name] = int(table["n"].isna().sum())
        return table

    def _thinned(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """Curves with at least `smallest` steps from point to point, and `POINTS` at most."""
        parts = [one for one in ("model", "class", "confidence") if one in table]
        kept = []
        for rows in table.groupby(parts, sort=False).indices.values():
            n = max(min(POINTS, len(rows) // self.smallest), 2)
            places = np.linspace(0, len(rows) - 1, n).round().astype(int)
            # The first points of a risk-coverage curve are of the surest few alone.
            places = places[1:] if "coverage" in table else places
            kept.append(rows[np.unique(places)])
        kept = np.concatenate(kept) if kept else []
        self.left_out[name] = len(table) - len(kept)
        return table.iloc[kept].reset_index(drop=True)

    def _text(self, text: str) -> str:
        """Text without what is quoted from the data, extremes, small counts and small sets."""
        text = QUARTER.sub(r"\1", QUOTED.sub(GONE, text))
        few = f"fewer than {self.smallest}"
        text = self._few.sub(lambda found: few + found[0][len(found[0].rstrip()) :], text)
        return without_names(text, self.names)


def without_names(text: str, names: Iterable[str]) -> str:
    """Text in which no name of a set stands as a word of its own."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", GONE, text)
    return text
