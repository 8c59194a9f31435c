"""Stems of ids: what several ids share before, or behind, the mark of a repeat."""

import re

import numpy as np
import pandas as pd

COVERED = 0.8
"""Share of the ids that must number repeats."""
ASKED = 10_000
"""Ids, at most, that tell whether any others need be looked at for a mark."""
FEWEST_MARKED = 0.35
"""Share of ids with a mark below which `COVERED` cannot be: each stem has at most one without."""
MIN_STEMS = 3
MAX_REPEATS = 25
"""Repeats of a subject, unless there are more subjects than that."""
MAX_MARKS = 10
"""Words that mark repeats, and fewest stems that must have them."""
_COUNTED = r"(?:technical|biological|tech|bio|replicate|repeat|rep|run|lane|scan|aliquot|visit|r|t)"
_APART = r"[\s_.:/#(-]+"
_NUMBERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<stem>.*\w)(?:{_APART}{_COUNTED}?[\s_.-]*|{_COUNTED})(?P<mark>\d{{1,4}})\)?",
        rf"(?P<stem>.*\w){_APART}(?P<mark>[a-z])",
        r"(?P<stem>.*\d)(?P<mark>[a-z])",
        rf"{_COUNTED}[\s_.-]*(?P<mark>\d{{1,4}})[\s_.:/-]+(?P<stem>\w.*)",
    )
)
_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<stem>.*\w){_APART}(?P<mark>\w{{1,12}})\)?",
        rf"(?P<stem>.*\w){_APART}(?P<mark>\w{{1,4}}-\w{{1,4}})",
        r"(?P<stem>.*?\d)(?P<mark>[a-z]\d{0,2})",
    )
)


def stems_of(ids: pd.Series) -> np.ndarray | None:
    """What ids (N) hold before (or behind) the mark of a repeat; None where they mark none.

    Marks are numbers that start at 0 or 1 (or a) and leave none out, or a few words that most
    stems have (`pre` and `post`, `d0` and `d14`, `T` and `N`), in `COVERED` of the ids. There are
    several stems, and no stem is a chromosome, whose numbers count windows or peaks.
    """
    ids = ids.astype(str).reset_index(drop=True)
    some = ids.sample(min(len(ids), ASKED), random_state=0)
    for patterns, are_repeated in ((_NUMBERS, _count_up), (_WORDS, _recur)):
        for pattern in patterns:
            if some.str.fullmatch(pattern).mean() < FEWEST_MARKED:
                continue
            stems, marks = _parts(ids, pattern)
            if stems.notna().mean() < COVERED:
                continue
            several = are_repeated(stems.dropna(), marks.dropna())
            several = several[~several.str.fullmatch(r"(?i)(chr|scaffold|contig).*")]
            if len(several) >= MIN_STEMS and stems.isin(several).mean() >= COVERED:
                return stems.str.rstrip(" _.:/#(-").fillna(ids).to_numpy(dtype=object)
    return None


def _parts(ids: pd.Series, pattern: re.Pattern) -> tuple[pd.Series, pd.Series]:
    """Stem and mark of each id (N), null where there are none; an id that is a stem has mark 0."""
    parts = ids.str.extract(f"^(?:{pattern.pattern})$", flags=re.IGNORECASE)
    stems, marks = parts["stem"], parts["mark"].str.lower()
    bare = stems.isna() & ids.isin(stems.dropna())
    return stems.mask(bare, ids), marks.mask(bare, "0")


def _count_up(stems: pd.Series, marks: pd.Series) -> pd.Index:
    """Stems whose marks are 1, 2, 3 ... or a, b, c ..., if they count repeats.

    Many to each of a few stems are running numbers, of a site or a plate, and so are `0012`.
    """
    numbers = pd.to_numeric(marks, errors="coerce")
    numbers = numbers.fillna(marks.map(lambda one: ord(one[0]) - 96))
    by_stem = numbers.groupby(stems)
    size, first, last = by_stem.nunique(), by_stem.min(), by_stem.max()
    several = size.index[(size > 1) & (first <= 1) & (last - first + 1 <= 1.5 * size)]
    running = marks.str.fullmatch(r"0\d\d+").mean() > 0.5
    if running or size[several].median() > max(MAX_REPEATS, len(several)):
        return several[:0]
    return several


def _recur(stems: pd.Series, marks: pd.Series) -> pd.Index:
    """Stems with several marks, if the marks are few words that most stems have."""
    pairs = pd.DataFrame({"stem": stems, "mark": marks}).drop_duplicates()
    n_marks, size = pairs["mark"].nunique(), pairs["stem"].value_counts()
    is_design = 2 <= n_marks <= MAX_MARKS and len(size) >= max(MAX_MARKS, 2 * n_marks)
    several = pd.Index(size.index[size > 1])
    # Numbers before a word may count the subjects of an arm or a site; before `v2`, visits.
    are_counted = stems.str.isdecimal() & ~marks.str.fullmatch(r"[a-z]+\d+")
    if not is_design or len(pairs) < size.size * n_marks / 2 or are_counted.mean() > 0.5:
        return several[:0]
    return several
