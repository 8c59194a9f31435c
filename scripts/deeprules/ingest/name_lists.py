"""Names in a file: one a line, or a column of a table."""

from dataclasses import dataclass

import pandas as pd

from deeprules.compressed_files import open_binary
from deeprules.ingest.damage import intact
from deeprules.ingest.id_patterns import pattern_ids
from deeprules.ingest.sources import Source, listing
from deeprules.ingest.tables import pick, read_batches
from deeprules.names import plain_name, plain_names


@dataclass(frozen=True)
class NameList:
    """The names in a source, each once, and the file that it is."""

    name: str
    shown: str
    names: dict[str, None]


def read_name_list(source: Source, column: str) -> NameList:
    """Names of a source: of the format `list` its lines, of a `table` the column of that name.

    In a list, empty lines and those that begin with `#` are left out.

    Raises
    ------
    BadSource
        If there are none.
    """
    names = _lines(source) if source.settings["format"] == "list" else _cells(source, column)
    if column == "id":
        ids = pd.Series(list(names), dtype=object)
        names = dict.fromkeys(pattern_ids(source, ids, lambda index: ("", ids[index])))
    if not names:
        raise source.bad("there are no names in it", "Check where it comes from")
    return NameList(source.name, source.shown, names)


def _lines(source: Source) -> dict[str, None]:
    with intact(source), open_binary(source.path) as file:
        try:
            lines = file.read().decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise source.bad(f"it is not UTF-8 ({error})", "Save it as UTF-8") from error
    plain = [plain_name(line) for line in lines if not line.startswith("#")]
    return dict.fromkeys(name for name in plain if name)


def _cells(source: Source, column: str) -> dict[str, None]:
    names: dict[str, None] = {}
    for batch, _ in read_batches(source):
        columns = source.columns_of(batch.schema.names)
        if column not in columns:
            raise source.bad(
                f"the table has no column {column!r}",
                f"Name it, `columns: {{{column}: its name}}`; the file has {listing([*columns])}",
            )
        found = plain_names(pick(batch, {column: columns[column]})[column]).dropna()
        names |= dict.fromkeys(found.unique())
    return names
