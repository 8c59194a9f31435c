"""Numbers, intervals and lists of names as they stand in a sentence or a JSON file."""

from collections.abc import Sequence

import numpy as np

from deeprules.files import finite_or_none
from deeprules.statistics.intervals import Interval

EMPTY = "-"
"""What stands in a table where there is no value."""


def format_number(value: float, digits: int = 3) -> str:
    """A number as in `.963`, `-.012`, `1.204`; `undefined` for NaN."""
    if not np.isfinite(value):
        return "undefined"
    return _without_zero(f"{round(value, digits) + 0.0:.{digits}f}")


def format_size(n: float) -> str:
    """A number of examples that was extrapolated, with two digits: `17,000`."""
    return f"{float(f'{n:.2g}'):,.0f}"


def format_interval(interval: Interval) -> str:
    """An estimate with its interval: `.151 [.120, .183]`."""
    return format_bounds(interval.value, interval.lower, interval.upper)


def format_bounds(value: float, lower: float, upper: float) -> str:
    """A number with its bounds: `.151 [.120, .183]`."""
    return f"{format_number(value)} [{format_number(lower)}, {format_number(upper)}]"


def as_given(value: float) -> str:
    """A setting with no more digits than it was given."""
    return _without_zero(f"{value:g}")


def listed(names: Sequence[str], quoted: bool = True) -> str:
    """Names one after the other: "`a`, `b` and `c`"."""
    each = [f"`{name}`" for name in names] if quoted else list(names)
    return " and ".join([*([", ".join(each[:-1])] if each[1:] else []), *each[-1:]])


def interval_fields(prefix: str, interval: Interval | None) -> dict[str, float | None]:
    """An interval as JSON fields `difference`, `lower`, `upper`; None for what is not defined."""
    names = [f"{prefix}{name}" for name in ("difference", "lower", "upper")]
    if interval is None:
        return dict.fromkeys(names)
    values = (interval.value, interval.lower, interval.upper)
    return dict(zip(names, map(finite_or_none, values), strict=True))


def format_score(value: float | None) -> str:
    """A number as `format_number` writes it, a dash for none."""
    return EMPTY if value is None or not np.isfinite(value) else format_number(value)


def format_p(value: float | None) -> str:
    """A p value with two digits, a dash for none."""
    return EMPTY if value is None or value != value else f"{value:.2g}"


def compared_p(value: float) -> str:
    """A p value as it stands after "p": `= .012`, `< .001`."""
    return "< .001" if value < 0.001 else f"= {format_number(value)}"


def format_count(value: float | None) -> str:
    """A number with thousands separated and about three digits, a dash for none: `1,204`."""
    if value is None or value != value:
        return EMPTY
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 10 or abs(value) < 1e-3 else f"{value:.3f}"


def format_cell(value) -> str:
    """Text as it is, numbers as `format_count` writes them, lists with commas."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(format_cell, value)) or EMPTY
    if value is None or isinstance(value, int | float | np.number):
        return format_count(value)
    return str(value) or EMPTY


def format_setting(value) -> str:
    """A hyperparameter's value, with no more digits than it needs."""
    return f"{value:.3g}" if isinstance(value, float) else format_cell(value)


def format_bytes(n: float) -> str:
    """Bytes in the unit that suits them, a dash where they are not known."""
    if n != n:
        return EMPTY
    for unit in ("bytes", "kB", "MB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.3g} GB"


def format_moment(stamp: str) -> str:
    """An ISO 8601 time to the minute."""
    return str(stamp)[:16].replace("T", " ")


def format_duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _without_zero(text: str) -> str:
    """`0.02` as `.02`, `-0.02` as `-.02`."""
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
