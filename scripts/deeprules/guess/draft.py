"""What a configuration says of the data, while it is being guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from deeprules.compressed_files import uncompressed_name
from deeprules.guess.roles import Column, candidates, columns_of, named, positive_of
from deeprules.guess.seen import Seen

EDIT = "edit: "
LABEL = "class"
"""Column that `values` gives to the files of one class each."""


@dataclass
class Draft:
    """What a configuration says of the data: `{key: (value, comment)}`, in the order of the file.

    `sources` are entries by name, and `unused` are remarks about files that have no place in it.
    """

    modality: str
    roles: dict[str, tuple] = field(default_factory=dict)
    more: dict[str, tuple] = field(default_factory=dict)
    sources: dict[str, tuple[dict, str]] = field(default_factory=dict)
    split: tuple[dict, str] = field(default_factory=lambda: ({"strategy": "stratified"}, ""))
    unused: list[str] = field(default_factory=list)

    def add(self, seen: Seen, comment: str = "", **entry) -> str:
        """Add a source; returns its name, which is that of the file, made unique."""
        stem = re.sub(r"\.[A-Za-z0-9]+$", "", uncompressed_name(seen.path.name))
        plain = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_") or "source"
        name, number = plain, 2
        while name in self.sources:
            name, number = f"{plain}_{number}", number + 1
        self.sources[name] = ({"url": str(seen.path), **entry}, comment)
        return name


def id_column(table: pd.DataFrame) -> dict:
    """`columns` with the column that names the rows, if it is not called `id`."""
    if "id" in table.columns:
        return {}
    found = candidates(columns_of(table).values(), "id")
    return {"columns": {"id": found[0].name}} if found else {}


def roles_of_table(draft: Draft, table: pd.DataFrame, without: str | None = None) -> None:
    """Label, positive class, group, batch and covariates, each with the other candidates."""
    columns = {n: c for n, c in columns_of(table).items() if n != without and not c.is_sequence}
    labels, values = candidates(columns.values(), "label"), candidates(columns.values(), "value")
    partitions = candidates(columns.values(), "partition")
    groups, batches = candidates(columns.values(), "group"), candidates(columns.values(), "batch")
    taken = {c.name for c in (*partitions, *groups, *batches)}
    labels = [c for c in labels if named(c, "label") or c.name not in taken]
    by_name = bool(labels) and named(labels[0], "label")
    use_value = values and not by_name and (named(values[0], "value") or not labels)
    chosen = values[0] if use_value else labels[0] if labels else None
    if chosen is None:
        draft.roles |= {
            "task": ("binary", EDIT),
            "label": ("label", f"{EDIT}no column looks like one"),
        }
        draft.roles["positive"] = ("positive", EDIT)
    else:
        _label(draft, chosen, [*labels, *values], bool(use_value))
    names = {chosen.name} if chosen else set()
    for role, found in (("group", groups), ("batch", batches)):
        left = [column for column in found if column.name not in names]
        others = ", ".join(column.shown for column in left[:4])
        draft.roles[role] = (left[0].name if left else None, f"{EDIT}of {others}" if left else "")
        names |= {left[0].name} if left else set()
    extra = [c.name for c in candidates(columns.values(), "covariate") if c.name not in names]
    if extra:
        draft.roles["covariates"] = (extra[:5], f"{EDIT}tested for confounding, never features")
    if partitions:
        value = {"strategy": "predefined", "column": partitions[0].name}
        draft.split = (value, f"{EDIT}{partitions[0].shown}")
    elif draft.roles["group"][0]:
        draft.split = ({"strategy": "group"}, "examples of one group stay together")


def _label(draft: Draft, chosen: Column, others: Sequence[Column], is_value: bool) -> None:
    """Task, label and positive class."""
    task = "regression" if is_value else "binary" if chosen.n_values == 2 else "multiclass"
    listed = ", ".join(column.shown for column in others[:6])
    draft.roles["task"] = (task, f"{EDIT}guessed from the label")
    draft.roles["label"] = (chosen.name, f"{EDIT}of {listed}")
    if task == "binary":
        classes = ", ".join(chosen.values)
        draft.roles["positive"] = (positive_of(chosen.values), f"{EDIT}of {classes}")
