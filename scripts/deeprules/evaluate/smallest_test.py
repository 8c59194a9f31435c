"""The smallest test set that may carry a verdict.

At chance, no verdict but `withheld` was drawn in more than 5% of simulated runs from these sizes
on, and 95% intervals of scores and gains held the truth in 90% or more, 96% on the average; they
are conservative where a class has fewer than 30 examples. The simulation is
tests/calibration/simulate.py, its tables and what they say are in resources/calibration.
"""

from deeprules.statistics.bootstrap import Resampling
from deeprules.tasks import is_several, predicts_values

MIN_OF_A_CLASS = 10
"""Examples of each class."""
MIN_GROUPS_OF_A_CLASS = 8
"""Groups with examples of each class, where groups are drawn."""
MIN_VALUES = 20
"""Examples with a value, or groups of them."""


def too_small(task: str, resampling: Resampling) -> str:
    """Why a test set is too small for a verdict; empty if it is not.

    Parameters
    ----------
    task : `binary`, `multiclass`, `multilabel` or `regression`
    resampling : what is drawn of the test set
    """
    is_grouped = resampling.unit == "groups"
    unit, n = ("group" if is_grouped else "example"), resampling.fewest
    if predicts_values(task):
        least, what = MIN_VALUES, " with the label that has fewest" if is_several(task) else ""
    else:
        least = MIN_GROUPS_OF_A_CLASS if is_grouped else MIN_OF_A_CLASS
        what = " with its scarcest class" if is_grouped else " of its scarcest class"
        what += ", of the label that has fewest" if is_several(task) else ""
    if n >= least:
        return ""
    return (
        f"the test set has only {n} {unit}{'s' * (n != 1)}{what}, and a verdict takes at least "
        f"{least}; enlarge it (`split: shares: test`, or more data)"
    )
