"""Drafts of matrices and cells, with or without a table that describes their samples."""

from collections.abc import Sequence

import pandas as pd

from deeprules.guess.draft import EDIT, Draft, roles_of_table
from deeprules.guess.matching import Match, match_ids
from deeprules.guess.roles import columns_of, named
from deeprules.guess.seen import Seen
from deeprules.ingest.matrix_columns import has_genes_in_rows, sample_names


def of_h5ad(files: Sequence[Seen]) -> Draft:
    draft = Draft("tabular")
    cells = [seen for seen in files if seen.kind == "h5ad"]
    for seen in cells:
        layers, counts = seen.facts["layers"], seen.facts["counts"]
        layer = "counts" if "counts" in layers and not counts else None
        comment = f"{EDIT}layers: {', '.join(layers)}" if layers else ""
        draft.add(seen, comment, format="h5ad", **({"layer": layer} if layer else {}))
    roles_of_table(draft, cells[0].table)
    if cells[0].facts["counts"] or "counts" in cells[0].facts["layers"]:
        draft.more["transform"] = ("log_cp10k", "the numbers look like counts")
    return draft


def of_matrices(files: Sequence[Seen], tenx: Sequence[Seen]) -> Draft:
    """Matrices and, where one fits them, a table of their samples."""
    draft = Draft("tabular")
    tables = [seen for seen in files if seen.kind == "table"]
    match = match_ids(tables, tenx)
    matrices = match.matrices if match else (tenx or tables)
    sheet = match.sheet if match else None
    if sheet is not None:
        renamed = {} if match.column == "id" else {"columns": {"id": match.column}}
        samples = draft.add(sheet, format="table", **renamed)
        roles_of_table(draft, sheet.table, without=match.column)
    elif described := [seen for seen in matrices if "samples" in seen.facts]:
        return _of_series(draft, described[0])
    counts = True
    for seen in matrices:
        entry, comment = {"format": "tenx" if seen.kind == "tenx" else "matrix"}, ""
        if seen.kind == "table":
            entry, comment, whole = _matrix_entry(seen, match, draft)
            counts = counts and whole
        if sheet is not None:
            entry |= {"samples": samples, **({"id_match": "alike"} if match.is_loose else {})}
        draft.add(seen, comment, **entry)
    if not matrices:
        return _nothing(draft)
    if sheet is None and tenx:
        draft.roles |= {"task": ("binary", EDIT), "label": ("label", f"{EDIT}add a sample table")}
    if counts:
        draft.more["transform"] = ("log_cp10k", "the numbers look like counts")
    return draft


def _of_series(draft: Draft, seen: Seen) -> Draft:
    """A series matrix of GEO, whose file describes its samples as well."""
    draft.add(
        seen, "its samples are described in the same file", format="matrix", samples="samples"
    )
    draft.sources["samples"] = ({"url": str(seen.path), "format": "table"}, "")
    roles_of_table(draft, seen.facts["samples"], without="id")
    return draft


def _matrix_entry(seen: Seen, match: Match | None, draft: Draft) -> tuple[dict, str, bool]:
    """The entry of a matrix, its comment, and whether its numbers look like counts."""
    table = seen.table
    in_columns = match.in_columns if match else _has_samples_in_columns(table)
    entry = {"format": "matrix"}
    if in_columns:
        if not has_genes_in_rows(list(table.columns)):
            entry["orientation"] = "samples_in_columns"
        numbers = table.iloc[:200, 1:]
        n_samples = len(sample_names(table.columns[1:]))
        comment = f"{EDIT}one sample a column, {n_samples:,} of them"
    else:
        columns = columns_of(table)
        if match is None:
            roles_of_table(draft, table)
        roles = [value for value, _ in draft.roles.values() if isinstance(value, str)]
        roles += draft.roles.get("covariates", ([], ""))[0]
        texts = [
            c.name
            for position, c in enumerate(columns.values())
            if (not c.is_numeric or c.name in roles) and not (position == 0 and c.is_unique)
        ]
        if texts:
            entry["metadata"] = texts
        numbers = table.iloc[:200].drop(columns=[*texts, table.columns[0]], errors="ignore")
        comment = f"{EDIT}one sample a row; `metadata` lists the columns that are no features"
    values = numbers.apply(pd.to_numeric, errors="coerce").stack().dropna()
    whole = bool(len(values) and (values >= 0).all() and (values % 1 == 0).all())
    return entry, comment, whole and bool(values.max() > 20)


def _has_samples_in_columns(table: pd.DataFrame) -> bool:
    """Whether a matrix alone has its samples in columns: many rows, and no column of classes."""
    columns = list(columns_of(table).values())
    described = [
        c for c in columns[1:] if c.is_categorical and (named(c, "label") or not c.is_numeric)
    ]
    return not described and len(table) > 2 * table.shape[1] and columns[0].is_unique


def _nothing(draft: Draft) -> Draft:
    """A draft without any data."""
    draft.roles = {
        "task": ("binary", EDIT),
        "label": ("label", EDIT),
        "positive": ("positive", EDIT),
    }
    draft.sources["data"] = (
        {"url": "data/counts.tsv", "format": "matrix"},
        f"{EDIT}none of the files could be used",
    )
    return draft
