"""What a spreadsheet does to names: dates, digits that are lost, zeros in front that are gone."""

import datetime
import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from deeprules.ingest.sources import Source, listing

DATE = re.compile(
    r"\d{1,2}-(Mar|Mrz|Sep|Sept|Dec|Dez|Oct|Okt)|(Mar|Mrz|Sep|Sept|Dec|Dez|Oct|Okt)-\d{2}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}",
    re.IGNORECASE,
)
"""Names such as SEPT2 and MARCH1, as a spreadsheet shows them."""

SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d{2,3}", re.IGNORECASE)
"""Long numbers, and names such as 2310009E13, as a spreadsheet shows them."""

_SERIAL = re.compile(r"[345]\d{4}")
_FIRST_DAY = datetime.date(1899, 12, 30)
_YEARS = range(2000, 2051)
_ORIGINAL = (
    "Take the names from the original file, and have the column formatted as text where it is "
    "opened in a spreadsheet"
)


def note_marks(source: Source, names: Sequence[str]) -> None:
    """Say which features have a name that a spreadsheet made."""
    dates = [name for name in names if DATE.fullmatch(name)]
    digits = [name for name in names if SCIENTIFIC.fullmatch(name)]
    serials = [f"{name} is {day}" for name in names if (day := _day(name)) is not None]
    if sum(name.isdigit() for name in names) > len(names) / 10:
        serials = []  # Numbers name genes in some data bases.
    for found, what in (
        (dates, "turned into dates"),
        (serials, "turned into the number of a day"),
        (digits, "turned into numbers with an exponent"),
    ):
        if found:
            source.notes.append(
                f"{source.name}: names of features that a spreadsheet {what} ({len(found):,}): "
                f"{listing(found, 5)}. {_ORIGINAL}."
            )


def _day(name: str) -> datetime.date | None:
    """The day that a spreadsheet counts by this number, if genes may have been taken for it."""
    if not _SERIAL.fullmatch(name):
        return None
    day = _FIRST_DAY + datetime.timedelta(days=int(name))
    return day if day.year in _YEARS and (day.month in (3, 9, 10, 12)) else None


def refuse_marks(source: Source, ids: pd.Series, place: Callable[[int], tuple]) -> None:
    """Report ids that a spreadsheet made: what they were cannot be told any more.

    Zeros in front that some of the numbers may have lost are noted.

    Parameters
    ----------
    ids : (N) as they stand in the file; missing ones are null
    place : row and column of one of them, for messages
    """
    texts = ids.fillna("").astype(str)
    is_date = texts.str.fullmatch(DATE)
    is_date &= is_date.mean() < 0.5  # Days may name the samples.
    for found, what in (
        (texts.str.fullmatch(SCIENTIFIC), "its other digits are lost"),
        (is_date, "it is a date among other names"),
    ):
        source.problem_at(
            np.flatnonzero(found),
            lambda index, what=what: (*place(index), f"the id {texts.iloc[index]!r}: {what}"),
            _ORIGINAL.replace("names", "ids"),
        )
    digits = texts[texts.str.fullmatch(r"\d+")]
    padded = digits[digits.str.startswith("0") & (digits.str.len() > 1)]
    width = padded.str.len().max() if len(padded) else 0
    short = digits[digits.str.len() < width]
    if len(digits) == len(texts) and len(short):
        source.note(
            f"ids of {width} digits begin with 0 ({listing(list(padded), 2)}), others are shorter "
            f"({listing(list(short), 3)}): a spreadsheet may have taken zeros away"
        )
