"""`id_pattern`: the part of an id of a source that counts."""

import re
from collections.abc import Callable, Iterable

import pandas as pd

from deeprules.ingest.header_patterns import SECONDS, OutOfTimeError, time_limit
from deeprules.ingest.sources import Chunk, Source
from deeprules.names import plain_names

_REMEDY = r"Correct `id_pattern`, such as '(?P<id>.+)\.bam'"


def read_ids(source: Source, chunk: Chunk, ids: pd.Series) -> pd.Series:
    """Ids (N) of a chunk in the form in which they are compared; those respelt are remembered."""
    plain = plain_names(ids)
    source.respelt.extend(ids[plain.notna() & (ids != plain)])
    return pattern_ids(source, plain, lambda index: chunk.place(index, "id"))


def respelt_notes(sources: Iterable[Source]) -> list[str]:
    """How many ids of each source were respelt."""
    return [
        f"{source.name}: {len(source.respelt):,} ids were read without blanks around them and "
        f"characters without width, such as {source.respelt[0]!a}."
        for source in sources
        if source.respelt
    ]


def pattern_ids(
    source: Source, ids: pd.Series, place: Callable[[int], tuple[str, str]]
) -> pd.Series:
    """The group `id` of each id (N), or the ids themselves if the source has no pattern.

    Ids that the pattern does not fit as a whole are noted as problems, each in its `place`.

    Raises
    ------
    BadSource
        If the pattern is none, or takes too long.
    """
    if source.settings["id_pattern"] is None:
        return ids
    try:
        pattern = re.compile(source.settings["id_pattern"])
    except (re.error, RecursionError, OverflowError) as error:
        raise source.bad(f"`id_pattern` is no regular expression ({error})", _REMEDY) from error
    try:
        with time_limit(SECONDS):
            found = {name: pattern.fullmatch(name) for name in ids.dropna().unique()}
    except OutOfTimeError as error:
        raise source.bad(f"`id_pattern` takes more than {SECONDS} s", _REMEDY) from error
    failed = [index for index, name in enumerate(ids) if found.get(name, True) is None]
    if failed:
        row, column = place(failed[0])
        source.problem(
            row,
            column,
            f"{len(failed):,} ids do not fit `id_pattern`, the first here, {ids.iloc[failed[0]]!r}",
            f"{_REMEDY}; it must fit an id as a whole",
        )
    new = {name: match["id"] if match else name for name, match in found.items()}
    return ids.map(new, na_action="ignore").astype(object)
