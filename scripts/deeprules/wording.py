"""Numbers, intervals and lists of names as they stand in a sentence or a JSON file."""

from collections.abc import Sequence

import numpy as np

from deeprules.files import finite_or_none
from deeprules.statistics.intervals import Interval


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


def _without_zero(text: str) -> str:
    """`0.02` as `.02`, `-0.02` as `-.02`."""
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
