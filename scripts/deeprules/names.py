"""Names of groups, batches, classes, chromosomes and examples: when two of them are one.

What no eye can tell apart is one name: it is brought to one form when it is read (`plain_name`).
What only looks alike stays apart, and is reported (`near_equal`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from itertools import compress

import numpy as np
import pandas as pd

MISSING = frozenset(
    ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "n/a", "NAN", "<NA>", "#N/A", "#NA", "-nan")
)
"""Text that stands for a missing value."""

ONE_LINE = "Write it in one line; a line break in a name is often the trace of a damaged file"

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_BLANK = re.compile(r"[^\S ]|\x00")
_LINE_BREAK = "[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\x00]"
_WHOLE = re.compile(r"([+-]?[0-9]+)\.0*")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CHROMOSOME = re.compile(r"(?:chromosome|chrom|chr)[ _.-]?(?=[0-9a-z])")
_MITOCHONDRION = ("m", "mt", "mito", "mitochondrion")
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455"
    "\u0410\u0412\u0415\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0405\u0422\u0423\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03bf"
    "\u2010\u2011\u2012\u2013\u2014\u2212",
    "aeopcyxijsABEIJKMHOPCSTYXABEZHIKMNOPTYXo------",
)
"""Cyrillic and Greek letters that look like Latin ones, and dashes."""


def plain_name(name: str) -> str:
    """A name in the one form that is used everywhere.

    Unicode is composed (NFC), characters without width and blanks around the name are dropped,
    blanks of any kind become spaces, and whole numbers lose a decimal point (`3.0` is `3`). NFKC is
    not used: it would join names that look different (`x²` and `x2`).
    """
    name = str(name)
    if not (name.isascii() and name.isprintable()):
        name = unicodedata.normalize("NFC", _INVISIBLE.sub("", name))
        name = _BLANK.sub(" ", name)
    name = name.strip()
    whole = _WHOLE.fullmatch(name)
    return whole[1] if whole else name


def plain_names(names: pd.Series) -> pd.Series:
    """Each name of a column in its plain form, null where there is none or it means missing."""
    known = {name: plain_name(name) for name in names.dropna().unique()}
    known = {name: None if plain in MISSING else plain for name, plain in known.items()}
    return names.map(known, na_action="ignore").astype(object)


def with_line_breaks(names: pd.Series) -> np.ndarray:
    """Which names (N) go on in another line, as no name does unless its file is damaged."""
    return names.str.contains(_LINE_BREAK).fillna(False).to_numpy(dtype=bool)


def chromosome_key(name: str) -> str:
    """What all usual names of one chromosome share: `chr1`, `Chr01` and `1`, or `chrM` and `MT`."""
    key = _CHROMOSOME.sub("", plain_name(name).lower(), count=1)
    if key in _MITOCHONDRION:
        return "mt"
    return key.lstrip("0") or key if key.isdecimal() else key


def near_equal(names: Collection[str]) -> list[list[str]]:
    """Sets of names that differ in nothing but how they are written.

    That is case, accents, letters of other scripts that look alike, blanks and the marks `-_.`
    between letters, zeros before a number, and `chr`. Marks between two digits count (`1_1` is not
    `11`), and so do signs (`-1`, `CD4+`).
    """
    # Of millions of ids hardly any look alike: numbers are kept of all, and names of those alone.
    looks = np.fromiter(
        (hash(appearance(name)) for name in names), dtype=np.int64, count=len(names)
    )
    ordered = np.sort(looks)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(repeated):
        return []
    alike: dict[str, dict[str, None]] = {}
    for name in compress(names, np.isin(looks, repeated)):
        alike.setdefault(appearance(name), {})[name] = None
    return [list(found) for found in alike.values() if len(found) > 1]


def spelt_twice(names: Iterable[str]) -> list[list[str]]:
    """Sets of names that are one number in several spellings, such as `3`, `03` and `3e0`."""
    numbers: dict[Decimal, list[str]] = {}
    for name in dict.fromkeys(names):
        if _NUMBER.fullmatch(name):
            # Exact: as floats, long numbers that differ would be one.
            numbers.setdefault(Decimal(name), []).append(name)
    return [found for found in numbers.values() if len(found) > 1]


def quoted(sets: Sequence[Sequence[str]], shown: int = 5) -> str:
    """The first few sets of names in words, and how many more there are."""
    words = [" and ".join(map(repr, names[:4])) for names in sets[:shown]]
    more = [f"{len(sets) - shown:,} more"] if len(sets) > shown else []
    return "; ".join([*words, *more])


def appearance(name: str) -> str:
    """What is left of a name without what only its writing sets apart, see `near_equal`."""
    key = unicodedata.normalize("NFKD", name.translate(_LOOK_ALIKE))
    key = "".join(letter for letter in key if not unicodedata.combining(letter)).casefold()
    key = key.strip(" _.")
    key = re.sub(r"(?<=\d)[\s_.-]+(?=\d)", "-", key)
    key = re.sub(r"(?<=\w)(?:(?<!\d)[\s_.-]+|[\s_.-]+(?!\d))(?=\w)", "", key.replace("_", " "))
    key = re.sub(r"(?<![\d-])0+(?=\d)", "", key)
    return re.sub(r"^chr(?=(\d+|[xym]|mt)$)", "", key)
