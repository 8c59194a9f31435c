"""Overlaps of genomic intervals: neighbours that share bases are no independent examples."""

import numpy as np
import pandas as pd

LOCATION = ("chromosome", "start", "end")


def placed(examples: pd.DataFrame) -> pd.DataFrame:
    """Intervals, half open, of the examples whose place is known: `low` and `high`, by row.

    Chromosomes lie one behind the other on one line, with a gap between them.
    """
    if not set(LOCATION) <= set(examples):
        return pd.DataFrame({"low": [], "high": []}, dtype=np.int64)
    known = examples[list(LOCATION)].dropna()
    ends = known[["start", "end"]].astype(np.int64)
    low, high = ends.min(axis=1), ends.max(axis=1)
    first = low.min() if len(known) else 0
    span = high.max() - first + 1 if len(known) else 1
    offset = pd.factorize(known["chromosome"])[0] * span - first
    return pd.DataFrame({"low": low + offset, "high": high + offset})


def overlap_any(intervals: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Whether each of the intervals (N) shares a base with any of the others."""
    if others.empty:
        return np.zeros(len(intervals), dtype=bool)
    others = others.sort_values("low")
    reach = np.maximum.accumulate(others["high"].to_numpy())
    n_before = np.searchsorted(others["low"], intervals["high"])
    return (n_before > 0) & (reach[n_before - 1] > intervals["low"].to_numpy())


def overlap_clusters(intervals: pd.DataFrame) -> pd.Series:
    """Number of the chain of overlapping intervals that each belongs to, by row."""
    ordered = intervals.sort_values("low", kind="stable")
    reach = ordered["high"].cummax().shift(fill_value=-1)
    return (ordered["low"] >= reach).cumsum()


def overlap_leaks(examples: pd.DataFrame, partition: np.ndarray) -> list[str]:
    """Warnings for held-out examples that overlap an example that a model may learn from."""
    intervals = placed(examples)
    where = partition[intervals.index]
    warnings = []
    for name, others in (("test", ("train", "tune")), ("tune", ("train",))):
        held = intervals[where == name]
        count = int(overlap_any(held, intervals[np.isin(where, others)]).sum())
        if count:
            warnings.append(
                f"LEAK: {count} of the {int((partition == name).sum())} examples in {name} overlap "
                f"an example of {' or '.join(others)} on their chromosome, so scores on {name} may "
                f"be too high. Use strategy: chromosome, or a group that keeps neighbours together."
            )
    return warnings
