"""Neighbours on a genome that contradict each other: intervals that overlap, with unlike labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deeprules.split.intervals import LOCATION, best_contradiction, placed

SAME_LOCUS = 0.5
"""Share of the shorter of two intervals from which on both stand for one locus."""


@dataclass(frozen=True)
class Neighbours:
    """Examples whose interval overlaps that of an example with another label, on either strand.

    Attributes
    ----------
    rows : index of those that share at least `SAME_LOCUS` of the shorter interval
    n_touching : how many others share less than that
    """

    rows: pd.Index
    n_touching: int


def find_neighbours(examples: pd.DataFrame, is_classification: bool) -> Neighbours:
    """Contradictory neighbours among examples whose place is known.

    Values of a regression differ from place to place, so they contradict nothing.

    Parameters
    ----------
    examples : label and, as far as they exist, chromosome, start and end; unique index
    """
    if not is_classification or not set(LOCATION) <= set(examples):
        return Neighbours(pd.Index([]), 0)
    known = examples[["label", *LOCATION]].reset_index(drop=True)
    intervals = placed(known[known["label"].notna()])
    share = best_contradiction(intervals, known["label"].loc[intervals.index])
    one_locus = share.to_numpy() >= SAME_LOCUS
    return Neighbours(
        rows=examples.index[share.index[one_locus]],
        n_touching=int(np.count_nonzero((share > 0) & ~one_locus)),
    )
