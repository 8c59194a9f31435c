"""Which examples go on: what `missing_label`, `include`, `exclude` and classes leave out."""

from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
import pandas as pd

from deeprules.ingest.name_lists import NameList
from deeprules.ingest.problems import Problems
from deeprules.ingest.selection_rules import Limits, Rule
from deeprules.ingest.several_labels import label_role
from deeprules.ingest.sources import Source
from deeprules.names import plain_name, plain_names


class Selection:
    """Leaves examples out, and counts them by reason.

    Parameters
    ----------
    data : the section `data` of the config
    listed : names that stand in a source, by the source and the column they are for
    too_small : classes, as `classes` calls them, with fewer examples than `min_class_size`
    """

    def __init__(
        self,
        data: Mapping,
        listed: Callable[[str, str], NameList],
        too_small: Collection[str] = (),
    ):
        self._label = label_role(data)
        self._drops_unlabelled = data["missing_label"] == "drop"
        self._new_names = {
            plain_name(old): None if new is None else plain_name(new)
            for old, new in data["classes"].items()
        }
        self._too_small = set(too_small)
        self._min_size = data["min_class_size"]
        self.rules = [
            _rule(key, column, wanted, listed)
            for key in ("exclude", "include")
            for column, wanted in data[key].items()
        ]

    @property
    def columns(self) -> set[str]:
        """Columns that examples are chosen by, beside their id."""
        return {rule.column for rule in self.rules} - {"id"}

    def by_id(self, source: Source, ids: pd.Series) -> np.ndarray:
        """Which examples (N) of a source are kept, by their ids in its file."""
        rules = [rule for rule in self.rules if rule.column == "id"]
        return _kept(source, ids, [found for rule in rules for found in rule.left_out(ids)])

    def by_value(self, source: Source, table: pd.DataFrame) -> np.ndarray:
        """Which examples (N) of a source are kept, by their other columns, all of them there."""
        reasons = []
        for rule in self.rules:
            if rule.column != "id":
                reasons += rule.left_out(plain_names(table[rule.column]))
        return _kept(source, table["id"], [*reasons, *self._by_label(table[self._label])])

    def _by_label(self, column: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
        labels = plain_names(column)
        if self._drops_unlabelled:
            yield "they have no label (missing_label)", labels.isna().to_numpy()
        for name, new in self._new_names.items():
            if new is None:
                reason = f"their class is {name} (classes)"
                yield reason, (labels == name).to_numpy(dtype=bool)
        renamed = labels.map(lambda label: self._new_names.get(label, label), na_action="ignore")
        for name in sorted(self._too_small):
            reason = f"their class, {name}, has fewer than {self._min_size:,} (min_class_size)"
            yield reason, (renamed == name).to_numpy(dtype=bool)

    def check(self, problems: Problems) -> None:
        """Note each value that no example has."""
        for problem in filter(None, (rule.problem() for rule in self.rules)):
            problems.add(problem)

    @property
    def notes(self) -> list[str]:
        """What a user might want to know."""
        return [note for rule in self.rules for note in rule.note]


def _rule(key: str, column: str, wanted, listed: Callable[[str, str], NameList]) -> Rule | Limits:
    if isinstance(wanted, Mapping) and "listed_in" not in wanted:
        return Limits(key, column, wanted)
    if isinstance(wanted, Mapping):
        names = listed(wanted["listed_in"], column)
        return Rule(key, column, names.names, names)
    values = wanted if isinstance(wanted, list) else [wanted]
    plain = [None if value is None else plain_name(value) for value in values]
    return Rule(key, column, dict.fromkeys(plain))


def _kept(source: Source, ids: pd.Series, reasons: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """Which examples (N) no reason holds for; each of the others counts for the first."""
    keep = np.full(len(ids), True)
    for reason, found in reasons:
        source.left_out.add(source.name, reason, ids[found & keep].to_list())
        keep &= ~found
    return keep
