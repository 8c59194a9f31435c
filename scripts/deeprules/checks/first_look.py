"""What the files of a configuration were taken for, said before anything is kept of them.

The data set is built and audited as in a run, in a folder that is removed again. Nothing is
pinned, nothing is split, and no partition is looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from deeprules.audit.audit import COLUMNS, Audit, audit
from deeprules.data import Dataset, label_column
from deeprules.encoding import decode
from deeprules.feature_store import dense, read_features
from deeprules.files import read_json, read_table, scratch_folder
from deeprules.ingest.building import Outputs, build_dataset
from deeprules.ingest.missing_values import count_missing
from deeprules.ingest.sources import listing
from deeprules.split.partitions import existing_columns

ENDINGS = {"examples": ".parquet", "features": ".npy", "dataset": ".json", "feature_names": ".txt"}
"""Endings of the files of a data set; further ones are tables."""
SHOWN_EXAMPLES = 3
SHOWN_BASES = 40
SHOWN_FEATURES = 4
SHOWN_CATEGORIES = 12
DESCRIBED = ("source", "label", "group", "batch", "partition", "chromosome")
"""Columns of the table of examples that are counted by value."""


def first_look(
    data: Mapping,
    files: Mapping[str, str | Path],
    given: Mapping[str, str],
    settings: Mapping,
    folder: Path,
    tell: Callable[[str], object],
) -> None:
    """Tell what the files were taken for, what would be left out, and what is wrong.

    Parameters
    ----------
    data : the section `data` of the config, complete with defaults
    files : the downloaded file of each source
    given : path of the file of each source that is a copy of one on this machine
    settings : `duplicates`, `conflicts`, `strategy` and `partition_column` of the config
    folder : where the data set lies until it was looked at; it must not exist
    tell : takes each part of the text when it is known

    Raises
    ------
    InputError
        With everything that would stop a run, after what was understood was told.
    """
    with scratch_folder(folder) as scratch:
        names = [field.name for field in fields(Outputs)]
        outputs = Outputs(
            **{name: scratch / f"{name}{ENDINGS.get(name, '.tsv')}" for name in names}
        )
        build_dataset(data, files, outputs, settings["partition_column"], given)
        facts, dataset = read_json(outputs.dataset), Dataset.load(outputs.dataset)
        wanted = (*COLUMNS, *dataset.label_columns, *dataset.covariates)
        wanted = existing_columns(outputs.examples, wanted)
        examples = read_table(outputs.examples, columns=list(dict.fromkeys(wanted)))
        features = read_features(outputs.features)
        names = Path(outputs.feature_names).read_text(encoding="utf-8").splitlines()
        tell(describe(examples, features, names, facts, data))
        policies = {key: settings[key] for key in ("duplicates", "conflicts")}
        missing = count_missing(features)
        found = audit(
            *(examples, dataset, missing, policies, "the data", features, settings["strategy"]),
            left_out=facts["left_out"],
        )
        tell(describe_audit(found, facts))


def describe(
    examples: pd.DataFrame, features: np.ndarray, names: list[str], facts: Mapping, data: Mapping
) -> str:
    """Examples by source, class, group and batch, and the first of them."""
    unit = "bases" if facts["modality"] == "sequence" else "features"
    lines = [f"{len(examples):,} examples of {facts['n_features']:,} {unit} were read."]
    if names:
        lines.append(f"Features: {listing(names, SHOWN_CATEGORIES)}")
    counted = [name for name in (*DESCRIBED, *facts["covariates"]) if name in examples]
    given = {**data, "label": None} if facts["labels"] else data
    lines += [_values(examples[name], given.get(name)) for name in dict.fromkeys(counted)]
    lines += [_values(examples[label_column(name)], name) for name in facts["labels"]]
    return "\n".join([*lines, "", "The first examples:", _first(examples, features)])


def describe_audit(found: Audit, facts: Mapping) -> str:
    """What would be left out, what was noted, and what is worth a look."""
    summary = found.summary
    n_read = summary["n_examples"] + summary["n_left_out"]
    lines = [f"Of {n_read:,} examples, {found.left_out['n'].sum():,} would be left out."]
    reasons = found.left_out.groupby("reason", sort=False)["n"].sum()
    lines += [f"  - {n:,}, as {reason}" for reason, n in reasons.items()]
    notes = [*facts["notes"], *_sentences(found.problems, "note")]
    lines += _listed("Notes", notes)
    lines += _listed("Worth a look", _sentences(found.problems, "warning"))
    return "\n".join([*lines, "", "Nothing here stops a run."])


def _values(values: pd.Series, column: str | None) -> str:
    """One line on a column: its categories with their sizes, or the range of its numbers."""
    title = values.name.capitalize() if column in (None, values.name) else None
    title = title or f"{values.name.capitalize()} ({column!r})"
    n_missing = int(values.isna().sum())
    end = f"; missing in {n_missing:,}" if n_missing else ""
    is_class = values.dropna().isin((0, 1)).all()
    if column is not None and values.name == label_column(column) and is_class:
        present, known = int((values == 1).sum()), int(values.notna().sum())
        return f"Label {column!r}: present {present:,}, absent {known - present:,}{end}"
    if values.dtype.kind == "f":
        known = values.dropna()
        spread = f"{known.min():g} to {known.max():g}, median {known.median():g}"
        return f"{title}: {spread if len(known) else 'no number'}{end}"
    sizes = values.value_counts()
    shown = [f"{name} {size:,}" for name, size in sizes.head(SHOWN_CATEGORIES).items()]
    if len(sizes) > SHOWN_CATEGORIES:
        shown.append(f"{len(sizes) - SHOWN_CATEGORIES:,} more, down to {sizes.min():,}")
        title = f"{title}, {len(sizes):,} of them"
    return f"{title}: {', '.join(shown)}{end}"


def _first(examples: pd.DataFrame, features: np.ndarray) -> str:
    """The first examples with the beginning of what they hold."""
    hidden = ("content_hash", "canonical_hash")
    shown = examples.head(SHOWN_EXAMPLES).drop(columns=[*hidden], errors="ignore")
    rows = [_beginning(row) for row in dense(features[: len(shown)])]
    return shown.assign(content=rows).to_string(index=False)


def _beginning(row: np.ndarray) -> str:
    """The first bases or values of an example."""
    if row.dtype == np.uint8:
        return decode(row[:SHOWN_BASES]) + ("..." if len(row) > SHOWN_BASES else "")
    values = ", ".join(f"{value:g}" for value in row[:SHOWN_FEATURES])
    return values + (", ..." if len(row) > SHOWN_FEATURES else "")


def _sentences(problems: pd.DataFrame, severity: str) -> list[str]:
    """What the audit found of one severity."""
    chosen = problems[problems["severity"] == severity]
    return [f"{row.problem}. {row.remedy}." for row in chosen.itertuples()]


def _listed(title: str, sentences: list[str]) -> list[str]:
    """A list under its title, or nothing."""
    return ["", f"{title}:", *(f"  - {one}" for one in sentences)] if sentences else []
