"""Strands: one reading for every format."""

import functools
import unicodedata

from deeprules.names import MISSING

FORWARD, REVERSE, UNSTRANDED = "+", "-", "."

_SPELLINGS = {
    FORWARD: ("+", "1", "+1", "1.0", "plus", "positive", "pos", "forward", "fwd", "fw", "f"),
    REVERSE: ("-", "-1", "-1.0", "minus", "negative", "neg", "reverse", "rev", "rv", "r"),
    UNSTRANDED: (".", "*", "0", "0.0", "+/-", "both", "none", "unstranded"),
}
_STRAND_OF = {word: strand for strand, words in _SPELLINGS.items() for word in words} | {
    word.lower(): UNSTRANDED for word in MISSING
}
_NUMBERS = frozenset(("1", "1.0", "-1", "-1.0", "0", "0.0", "", *MISSING))
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))

ACCEPTED = "+, -, ., 1, -1, 0, plus, minus, forward, reverse"


@functools.lru_cache(maxsize=4096)
def strand_of(text: str) -> str | None:
    """`+`, `-` or `.` (no strand) for any usual spelling of it; None for what is not understood.

    Case, blanks around it, and the kind of the dash do not matter: a minus sign or an en dash, as
    spreadsheets write it, is a minus.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES)).strip().lower()
    return _STRAND_OF.get(plain)


def is_sign(text: str) -> bool:
    """Whether a text can be nothing but a strand: a plus or any dash alone."""
    return strand_of(text) in (FORWARD, REVERSE) and len(text.strip()) == 1 and not text.isalnum()


def is_word(text: str) -> bool:
    """Whether a text says a strand in a word, not in a number, which might be a score."""
    return strand_of(text) in (FORWARD, REVERSE) and text.strip() not in _NUMBERS
