"""Overlaps of genomic intervals: neighbours that share bases are no independent examples."""

import numpy as np
import pandas as pd

LOCATION = ("chromosome", "start", "end")

MAX_NEIGHBOURS = 1000
"""Neighbours, at most, that an interval is compared with on either side, the nearest first."""


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


def best_contradiction(intervals: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """The largest overlap of each interval with one of another label, as a share of the shorter.

    Intervals are sorted by their start; each is compared with its next neighbour, then with the one
    after that, as long as any pair overlaps: a sweep whose steps are as many as intervals lie on
    one another (`MAX_NEIGHBOURS` at most). Two at one place are alleles, or copies, which are
    found by their content.

    Parameters
    ----------
    intervals : `low` and `high` (N rows), from `placed`
    labels : a label for each of them, with the same index

    Returns
    -------
    Shares (N), 0 without such an overlap.
    """
    all_of = intervals.assign(label=labels)
    distinct = all_of.drop_duplicates().sort_values("low", kind="stable").reset_index(drop=True)
    low, high = distinct["low"].to_numpy(), distinct["high"].to_numpy()
    label = pd.factorize(distinct["label"])[0]
    share = np.zeros(len(distinct))
    first, step = np.arange(len(distinct)), 0
    while len(first) and step < MAX_NEIGHBOURS:
        step += 1
        first = first[first + step < len(distinct)]
        first = first[low[first + step] < high[first]]
        other = first + step
        elsewhere = (low[first] != low[other]) | (high[first] != high[other])
        one = first[(label[first] != label[other]) & elsewhere]
        other = one + step
        overlap = np.minimum(high[one], high[other]) - low[other]
        shorter = np.minimum(high[one] - low[one], high[other] - low[other])
        part = overlap / np.maximum(shorter, 1)
        share[one] = np.maximum(share[one], part)
        share[other] = np.maximum(share[other], part)
    found = all_of.merge(distinct.assign(share=share), how="left")["share"]
    return pd.Series(found.to_numpy(), index=intervals.index)


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
